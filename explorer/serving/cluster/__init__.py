"""Past one machine: the same engine as replicas on a Ray cluster, and a page that gets its films from there.

    serve run explorer.cluster:app min_replicas=2    # on the cluster; runs a small one by itself where there is none
    python app.py --cluster auto                     # on a machine of the cluster, or its address in place of auto

This package is the only one that imports Ray, and it is itself imported only by those who ask for a cluster.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from explorer.serving.cluster.problem import NoCluster
from explorer.serving.engine import Engine

if TYPE_CHECKING:
    from ray.serve import Application

    from explorer.serving.cluster.client import ClusterEngine

__all__ = ["NoCluster", "app", "connect"]

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # before Ray is imported: nothing here reports to anybody


def app(args: dict[str, Any]) -> Application:
    """What `serve run` starts; args: the fields of replica.Size, as name=value on its command line."""
    from explorer.serving.cluster.replica import Size, application

    return application(Size.model_validate(args))


def connect(address: str, embedded: Engine, *, fallback: bool = False) -> ClusterEngine:
    """The engine's interface to the replicas on the cluster at `address`. Raises NoCluster.

    embedded: whose models are sent along, and which serves on in place of a cluster that is lost, if `fallback`.
    """
    try:
        from explorer.serving.cluster.client import ClusterEngine
    except ImportError as error:
        raise NoCluster("a cluster needs Ray: pip install -r explorer/serving/cluster/requirements.txt") from error
    return ClusterEngine(address, embedded, fallback=fallback)
