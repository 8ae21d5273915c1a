"""What runs on the cluster: replicas, each an engine that batches those viewers whom Serve sends to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

import torch
from pydantic import BaseModel, PositiveInt
from ray import ObjectRef, serve
from ray.serve.config import RequestRouterConfig

from explorer.core.checkpoint import from_bytes
from explorer.serving.cluster.answers import Answers
from explorer.serving.cluster.messages import IN_MESSAGES
from explorer.serving.cluster.routing import FewestFilms
from explorer.serving.cluster.version import code_version
from explorer.serving.engine import Engine
from explorer.serving.model_store import PRETRAINED, ModelStore
from explorer.serving.scheduler import ComputeScheduler

FILMS_PER_CORE = 15  # two cores hold a class of thirty
CHUNKS_PER_SECOND = (
    60  # of one replica: to send a chunk costs Ray about 2 ms of CPU, and more of it than this is better spent on films
)
FULL = 512  # requests that Serve gives to one replica at a time: all that its engine computes or lets wait

# a model's name and its file in Ray's store: inside a tuple, where Ray leaves it to us when to fetch it
Carried = tuple[str, ObjectRef] | None


class Size(BaseModel):
    """How much of the cluster the replicas use: between min_replicas and max_replicas, by how many films are watched;
    cores: of each.
    """

    min_replicas: PositiveInt = 1
    max_replicas: PositiveInt = 64
    cores: PositiveInt = 1


class Replica:
    """One engine, with the pretrained model and those trained ones that came with requests."""

    def __init__(self, cores: int, answers: Callable[[Engine, ComputeScheduler], Answers]) -> None:
        """answers: what it answers, made of its engine and its computing thread."""
        torch.set_num_threads(cores)
        self._models, self._turns = ModelStore(), ComputeScheduler()
        self._engine = Engine(self._models, self._turns, chunks_per_second=CHUNKS_PER_SECOND)
        self._answers = answers(self._engine, self._turns)
        self._turns.films(partial(self._models.get, PRETRAINED))  # now, and not when the first viewer comes

    def version(self) -> str:
        """See `code_version`."""
        return code_version()

    def load(self) -> dict[str, float]:
        """See Engine.load."""
        return self._engine.load()

    async def hear(self, note: object) -> None:
        """See Answers."""
        await self._answers.hear(note)

    async def answer(self, what: str, question: tuple, model: Carried) -> AsyncIterator[Any]:
        """See Answers. model: the name and file of the question's model, unless it is built in or there is none; it is
        fetched only where it is not held yet.
        """
        if model is not None and not self._models.holds(model[0]):
            file = await model[1]
            self._turns.films(
                lambda: self._models.add(from_bytes(file))
            )  # under its content's hash, so that no other can be taken for it
        async with aclosing(self._answers.to(what, *question)) as answers:
            async for answer in answers:
                yield answer


def application(size: Size, answers: Callable[[Engine, ComputeScheduler], Answers]) -> serve.Application:
    """The replicas, as Serve wants them described. answers: see Replica."""
    deployment = serve.deployment(
        Replica,
        name="engine",
        max_ongoing_requests=FULL,
        request_router_config=RequestRouterConfig(request_router_class=FewestFilms),
        ray_actor_options={"num_cpus": size.cores, "runtime_env": {"env_vars": IN_MESSAGES}},
        autoscaling_config={
            "min_replicas": size.min_replicas,
            "max_replicas": max(size.min_replicas, size.max_replicas),
            "target_ongoing_requests": FILMS_PER_CORE * size.cores,
            "upscale_delay_s": 5.0,
        },
    )
    return deployment.bind(size.cores, answers)
