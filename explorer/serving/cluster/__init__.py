"""Past one machine: the same engine as replicas on a Ray cluster, and a page that has its films computed there. What
trains there stands in lab/cluster.

    serve run explorer.cluster:app min_replicas=2    # on the cluster; runs a small one by itself where there is none
    python app.py --cluster auto                     # on a machine of the cluster, or its address in place of auto

This package is the only one that imports Ray, and it is itself imported only by those who ask for a cluster.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from explorer.serving.cluster.answers import Answers
from explorer.serving.cluster.problem import NoCluster
from explorer.serving.engine import Engine

if TYPE_CHECKING:
    from ray.serve import Application as Application

    from explorer.serving.cluster.client import ClusterEngine
    from explorer.serving.scheduler import ComputeScheduler

__all__ = ["Answers", "NoCluster", "application", "connect"]

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # before Ray is imported: nothing here reports to anybody


def application(args: dict[str, Any], answers: Callable[[Engine, ComputeScheduler], Answers]) -> Application:
    """What `serve run` starts. args: the fields of replica.Size, as name=value on its command line; answers: what a
    replica answers, made of its engine and its computing thread.
    """
    from explorer.serving.cluster.replica import Size, application

    return application(Size.model_validate(args), answers)


def connect(address: str, embedded: Engine, answers: Answers | None = None, *, fallback: bool = False) -> ClusterEngine:
    """The engine's interface to the replicas on the cluster at `address`. Raises NoCluster.

    embedded: whose models are sent along, and which serves on in place of a cluster that is lost, if `fallback`;
    answers: what the replicas answer, by the embedded engine, if that is more than films.
    """
    try:
        from explorer.serving.cluster.client import ClusterEngine
    except ImportError as error:
        raise NoCluster("a cluster needs Ray: pip install -r explorer/serving/cluster/requirements.txt") from error
    return ClusterEngine(address, embedded, answers or Answers(embedded), fallback=fallback)
