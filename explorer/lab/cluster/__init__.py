"""Trainings on a cluster: replicas that also train, and the page's side of it.

This package knows no Ray: what travels, and what is done when a replica dies, is serving/cluster's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.serving.cluster import Application


def app(args: dict[str, Any]) -> Application:
    """What `serve run explorer.cluster:app` starts: replicas that make films and train."""
    from explorer.lab.cluster.trainer import FilmsAndTrainings
    from explorer.serving.cluster import application

    return application(args, FilmsAndTrainings)
