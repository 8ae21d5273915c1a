"""The replicas of the cluster that this process is connected to, looked at from outside."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import ray
from ray.exceptions import RayActorError

from explorer.serving.cluster.connection import START_SECONDS


def replicas() -> dict[int, int]:
    """The replicas' process ids, with the number of films that each has: requests that are still there at a second
    look. One that still starts is waited for, one that has died is left out.
    """
    actors = [
        ray.get_actor(**actor)
        for actor in ray.util.list_named_actors(all_namespaces=True)
        if "#engine#" in actor["name"]
    ]

    def look() -> dict[int, int]:
        asked = [
            actor.__ray_call__.remote(lambda replica: (os.getpid(), replica.get_num_ongoing_requests()))
            for actor in actors
        ]
        answers = {}
        for answer in asked:
            with suppress(RayActorError):
                pid, requests = ray.get(answer, timeout=START_SECONDS)
                answers[pid] = requests
        return answers

    first = look()
    time.sleep(0.05)
    return {pid: min(first[pid], requests) for pid, requests in look().items() if pid in first}
