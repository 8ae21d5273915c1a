"""The page's side of the cluster: what the engine does for the tabs, with answers from the replicas."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from explorer.core.sampling import Step
from explorer.core.sentences import sentence_of
from explorer.serving.cluster.answers import Answers
from explorer.serving.cluster.connection import Connection, ReplicaLost
from explorer.serving.engine import Engine
from explorer.serving.errors import FilmFailed, Refused
from explorer.serving.film_news import Ended, FilmStream, Frames, Snapshot
from explorer.serving.film_request import FilmRequest
from explorer.serving.guess import Guess, GuessRequest
from explorer.serving.model_store import BUILT_IN, PRETRAINED, UnknownModel
from explorer.serving.request_log import Entry
from explorer.serving.streams import until
from explorer.serving.viewers import FilmsByViewer, Watching

if TYPE_CHECKING:
    from ray import ObjectRef

ATTEMPTS = 4  # replicas that one request may lose: it may itself be what they die of
LOST = "the machines that compute for this page cannot be reached: please try again in a few minutes"
NO_LUCK = "the computation broke off on the server several times: please try another setting"

Answer = TypeVar("Answer")


class ClusterEngine:
    """The engine's `stream`, `look`, `guess`, `stop` and `load`, answered by the replicas of a cluster."""

    def __init__(self, address: str, embedded: Engine, answers: Answers, *, fallback: bool) -> None:
        """See `explorer.serving.cluster.connect`."""
        self.models, self._fallback = embedded.models, fallback
        self._embedded, self._answers = embedded, answers
        self.connection = Connection(address)
        self._owners: FilmsByViewer[Watching] = FilmsByViewer()
        self._carried: dict[str, ObjectRef] = {}  # trained models that lie out for the replicas, by name

    async def stream(self, request: FilmRequest, owner: str) -> FilmStream:
        """As Engine.stream. A film whose replica is lost goes on elsewhere, from the last snapshot that came with its
        frames.
        """
        async with (
            Entry("film", Refused, model=request.model, frames=0) as fields,
            self._owners.turn(owner, Watching) as film,
        ):
            # where to go on from, how many frames have been seen by then, and the seconds that they took
            snapshot: Snapshot | None = None
            shown, before, seconds = 0, 0.0, 0.0
            ended: Ended | None = None

            def begin() -> FilmStream:
                nonlocal before
                before = seconds
                return self._ask("film", request, snapshot)

            async with aclosing(self._lasting(film, begin)) as stream:
                async for news in stream:
                    match news:
                        case Frames():
                            seconds = before + news.seconds
                            snapshot = news.snapshot or snapshot
                            fresh, shown = news.since(shown), max(shown, news.end)
                            if fresh is not None:
                                fields["frames"] += len(fresh.t)
                                yield replace(fresh, seconds=seconds)
                        case Ended():
                            seconds = before + news.seconds
                            ended = replace(news, seconds=seconds)
                            yield ended
                        case _:
                            yield news
            if film.stopped and ended is None:
                ended = Ended(seconds, stopped=True)
                yield ended
            fields["outcome"] = "left" if ended is None else "stopped" if ended.stopped else "ok"

    async def look(self, request: FilmRequest, t: int, owner: str) -> Step | None:
        """As Engine.look."""
        async with Entry("step", Refused, model=request.model), self._owners.turn(owner, Watching) as film:
            return await self._first(film, lambda: self._ask("look", request, t))

    async def guess(self, request: GuessRequest) -> Guess:
        """As Engine.guess."""
        async with Entry("guess", Refused, model=request.model, times=len(request.t)):
            answer: Guess | None = await self._first(Watching(), lambda: self._ask("guess", request))
            if answer is None:
                raise FilmFailed(NO_LUCK)
            return answer

    def stop(self, owner: str) -> None:
        """As Engine.stop."""
        self._owners.stop(owner)

    def delay(self, request: FilmRequest, owner: str) -> float:
        """As Engine.delay, where this process computes. Of a cluster that is there nobody need be spared."""
        return self._embedded.delay(request, owner) if self._serves_itself else 0.0

    def load(self) -> dict[str, float]:
        """As Engine.load, of all replicas together."""
        return self._embedded.load() if self._serves_itself else self.connection.load()

    def close(self) -> None:
        """Leave the cluster."""
        self.connection.close()
        self._embedded.close()

    @property
    def _serves_itself(self) -> bool:
        return self.connection.lost and self._fallback

    def lasting(self, what: str, watched: Watching, question: Callable[[], object]) -> AsyncGenerator[Any, None]:
        """The answers to a question of another kind than films. Where a replica or the cluster is lost it is asked
        anew, as question() tells it then. Ends early when `watched` is over. Raises Refused or FilmFailed.
        """
        return self._lasting(watched, lambda: self._sent(what, (question(),)))

    async def tell(self, note: object) -> None:
        """To whoever computes here and there, see Answers.hear; of who is not there, nothing is heard."""
        await self._answers.hear(note)
        if not self.connection.lost:
            await self.connection.tell(note)

    def _ask(self, what: str, request: FilmRequest | GuessRequest, *rest: object) -> AsyncGenerator[Any, None]:
        return self._sent(what, (request, *rest), request.model)

    def _sent(self, what: str, question: tuple, model: str = PRETRAINED) -> AsyncGenerator[Any, None]:
        """A replica's answer, or in place of a lost cluster the embedded engine's."""
        if self._serves_itself:
            return self._answers.to(what, *question)
        if self.connection.lost:
            raise FilmFailed(LOST)
        return self.connection.answer(what, question, self._carry(model))

    def _carry(self, name: str) -> tuple[str, ObjectRef] | None:
        """The name and file of a trained model, as they travel. Raises Refused for one that is no longer held."""
        if name in BUILT_IN:
            return None
        try:
            file = self.models.get(name).file
        except UnknownModel as error:
            raise Refused(sentence_of(error)) from error
        if name not in self._carried:
            self._carried = {held: carried for held, carried in self._carried.items() if self.models.holds(held)} | {
                name: self.connection.put(file)
            }
        return name, self._carried[name]

    async def _lasting(
        self, film: Watching, begin: Callable[[], AsyncGenerator[Any, None]]
    ) -> AsyncGenerator[Any, None]:
        """What begin() yields, begun again where a replica or the cluster is lost in the middle. Ends early when the
        film is over.
        """
        with self.connection.telling(film.changed):
            for _ in range(ATTEMPTS):
                lost = self.connection.lost
                try:
                    over = partial(self._interrupted, film, lost=lost)
                    async with aclosing(until(over, film.changed, begin())) as answers:
                        async for answer in answers:
                            yield answer
                    if film.over or self.connection.lost == lost:
                        return
                except ReplicaLost:
                    await self.connection.breathe()
            raise FilmFailed(NO_LUCK)

    def _interrupted(self, film: Watching, *, lost: bool) -> bool:
        """Whether the film is over, or the cluster has been lost since it was `lost` or not."""
        return film.over or self.connection.lost != lost

    async def _first(self, film: Watching, begin: Callable[[], AsyncGenerator[Answer, None]]) -> Answer | None:
        """The one answer there is; None if the film is over before."""
        async with aclosing(self._lasting(film, begin)) as answers:
            return await anext(answers, None)
