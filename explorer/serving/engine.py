"""One network, many viewers: everybody's next steps are computed in common forward passes.

The computing thread asks the engine for one tick after another. Each takes the films that have had the least of it so
far, lays the next (x_t, t, label) of each on one batch, calls the network once, and gives every film its step back.
Films join, leave and are cancelled between ticks. A film's pictures depend on its request alone: every trajectory owns
its random numbers.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from explorer.core.sampling import Step
from explorer.core.sentences import sentence_of
from explorer.serving.batch import common_step
from explorer.serving.errors import FilmFailed, Refused
from explorer.serving.film import Film
from explorer.serving.film_course import FilmCourse
from explorer.serving.film_news import Ended, FilmStream, Frames, Queued, Snapshot
from explorer.serving.film_request import FilmRequest, check, check_visited
from explorer.serving.forecast import Forecast, Speed, delay, forecast
from explorer.serving.guess import Guess, GuessRequest, guess
from explorer.serving.guess import check as check_guess
from explorer.serving.model_store import LoadedModel, ModelStore
from explorer.serving.request_log import Entry
from explorer.serving.scheduler import Closed, ComputeScheduler
from explorer.serving.viewers import FilmsByViewer

log = logging.getLogger(__name__)

BATCH_ROWS = 64  # rows of one forward pass; beyond this a larger batch is no faster per row
CAPACITY_ROWS = 256  # rows computed at the same time; further films wait for their turn
MAX_WAITING = 256  # films in the queue; beyond this a newcomer is refused
TELL_SECONDS = 0.3  # a film that waits longer than this is told its place
TELL_AGAIN_SECONDS = 1.0  # between two words to a viewer on the waiting time
FORESEEN_SECONDS = 0.1  # how long one estimate of all waiting times is used
PAUSE_SECONDS = 0.08  # between two chunks of a film
CHUNKS_PER_SECOND = 250  # handed to all viewers together: beyond this each gets larger chunks, less often
SHUTTING_DOWN = "the server is shutting down: please try again in a few minutes"
BEGUN = Forecast(0, 0.0, 0.0)  # of a film that waits no longer


class Engine:
    """Serves films to many viewers; for the scheduler it is a Worker, whose work is the films' next steps.

    Which films are computed and which wait is guarded by a lock. Their steps, and how fast these go, are written by
    the computing thread alone.
    """

    def __init__(
        self,
        models: ModelStore | None = None,
        turns: ComputeScheduler | None = None,
        capacity_rows: int = CAPACITY_ROWS,
        max_waiting: int = MAX_WAITING,
        chunks_per_second: float = CHUNKS_PER_SECOND,
    ) -> None:
        self.models, self._turns = models or ModelStore(), turns or ComputeScheduler()
        self._capacity, self._max_waiting, self._chunks_per_second = capacity_rows, max_waiting, chunks_per_second
        self._lock = threading.Lock()
        self._films: list[Film] = []  # being computed
        self._waiting: deque[Film] = deque()
        self._served = self._closed = False  # whether the scheduler knows of this engine; whether it serves no more
        self._speed = Speed()
        self._owners: FilmsByViewer[Film] = FilmsByViewer()
        self._forecasts: dict[Film, Forecast] = {}  # of the films that wait, as they were `_foreseen`
        self._foreseen = float("-inf")  # seconds of time.perf_counter

    def submit(self, request: FilmRequest) -> Film:
        """Begin a film, or queue it. Raises Refused for requests that cannot be served; thread-safe."""
        return self._enter(Film(request, self._loaded(request)))

    async def stream(self, request: FilmRequest, owner: str, after: Snapshot | None = None) -> FilmStream:
        """The film's frames as they are made, a few times a second; those `after` a snapshot, if one is given. Raises
        Refused or FilmFailed.

        owner: whose film it is; an owner has one at a time, and a new one replaces the old, whose stream then just
        ends. Closing this generator (the page was closed) cancels the film.
        """
        async with (
            Entry("film", Refused, model=request.model, frames=0) as fields,
            self._turn_of(owner, request, after=after) as film,
        ):
            pause, known = 0.0, None  # none before the first frame; what the viewer knows of the waiting time
            while True:
                await film.news(pause, TELL_SECONDS if known is None else TELL_AGAIN_SECONDS)
                if film.cancelled:
                    fields["outcome"] = "left"  # for another film of theirs
                    return
                # Both are read before the frames are fetched: a film that is over has no more of them to come, and of
                # the steps before the snapshot none is missing then.
                over, snapshot = film.over, film.snapshot()
                frames = film.fetch()
                for run in frames:
                    fields["frames"] += len(run[1])
                    latest = snapshot if run is frames[-1] else None
                    yield Frames(*run, film.total, film.seconds, latest)
                    pause = max(PAUSE_SECONDS, len(self._owners) / self._chunks_per_second)
                if film.error is not None:
                    raise FilmFailed(film.error)
                if over:
                    fields["outcome"] = "ok" if film.done else "stopped"
                    yield Ended(film.seconds, stopped=not film.done)
                    return
                place = self.place(film)
                if place != (known or BEGUN) and not frames:
                    known = place
                    yield Queued(place.ahead, place.begins, place.ends)

    async def look(self, request: FilmRequest, t: int, owner: str) -> Step | None:
        """The film's step from t with all its numbers, retraced from the request. Raises Refused or FilmFailed.

        request: of one picture; t: one of its visited timesteps. None if the owner has asked for something else
        meanwhile.
        """
        async with Entry("step", Refused, model=request.model), self._turn_of(owner, request, look_t=t) as film:
            while not film.over:
                await film.news(0.0)
            if film.error is not None:
                raise FilmFailed(film.error)
            return film.looked_at

    async def guess(self, request: GuessRequest) -> Guess:
        """What the network guesses, between two ticks of the films. Raises Refused or FilmFailed."""

        def answer() -> Guess:
            loaded = self._model(request.model)
            check_guess(request, loaded.schedule.T)
            return guess(request, loaded, self._turns.films)

        async with Entry("guess", Refused, model=request.model, times=len(request.t)):
            return await asyncio.to_thread(answer)

    @asynccontextmanager
    async def _turn_of(
        self, owner: str, request: FilmRequest, look_t: int | None = None, after: Snapshot | None = None
    ) -> AsyncIterator[Film]:
        """The owner's film, in place of the one they had, from its entry until they have seen enough of it."""
        # It takes a moment if the model has to be read; whoever leaves meanwhile has no film yet.
        loaded = await asyncio.to_thread(self._loaded, request)
        if look_t is not None:
            check_visited(request, look_t, loaded.schedule.T)
        async with self._owners.turn(owner, lambda: self._enter(Film(request, loaded, look_t, after))) as film:
            yield film

    def stop(self, owner: str) -> None:
        """End the owner's film where it is; its stream then yields a last chunk that says so. Nothing happens without
        one.
        """
        self._owners.stop(owner)

    def place(self, film: Film) -> Forecast:
        """When a film that waits will begin and end; BEGUN once it is served. Estimated anew every FORESEEN_SECONDS."""
        if film.position > 0:  # most are: those must not wait for the lock
            return BEGUN
        now = time.perf_counter()
        with self._lock:
            waiting, computed = list(self._still_waiting()), [each for each in self._films if not each.over]
            if film not in waiting:
                return BEGUN
            if film not in self._forecasts or now - self._foreseen > FORESEEN_SECONDS:
                found = forecast(computed, waiting, self._capacity, self._speed.rows_per_second)
                self._forecasts, self._foreseen = dict(zip(waiting, found)), now
            return self._forecasts[film]

    def delay(self, request: FilmRequest, owner: str) -> float:
        """About how many seconds later this film would end than if nobody else were here, but its owner's film before.
        Raises KeyError or ValueError for a film that cannot be."""
        cost, own = FilmCourse.of(request, self.models.schedule_of(request.model).T).cost, self._owners.held_by(owner)
        with self._lock:
            computed, waiting = [film for film in self._films if film is not own], self._still_waiting()
        return delay(computed, [film for film in waiting if film is not own], cost, self._capacity, self._speed)

    def load(self) -> dict[str, float]:
        """How busy it is: films being computed and waiting, and picture-steps a second."""
        with self._lock:
            return {
                "films": len(self._films),
                "waiting": len(self._still_waiting()),
                "picture_steps_per_second": self._speed.rows_per_second,
            }

    def close(self) -> None:
        """Serve no more; returns after the current tick. The films that are left break off."""
        with self._lock:
            self._closed = True
        self._turns.withdraw(self)
        with self._lock:
            left = [*self._films, *self._waiting]
            self._films, self._waiting = [], deque()
        for film in left:
            film.fail(SHUTTING_DOWN)

    # ---- before the engine ---------------------------------------------------------------------------------------

    def _enter(self, film: Film) -> Film:
        with self._lock:
            self._waiting = self._still_waiting()
            if self._closed:
                raise Refused(SHUTTING_DOWN)
            if len(self._waiting) >= self._max_waiting:
                raise Refused("the server is full at the moment: please try again in a minute")
            self._waiting.append(film)
            if not self._served:
                self._serve()
        self._turns.wake()
        return film

    def _serve(self) -> None:
        try:
            self._turns.serve_films(self)
        except Closed as error:
            raise Refused(SHUTTING_DOWN) from error
        self._served = True

    def _loaded(self, request: FilmRequest) -> LoadedModel:
        """The request's model, once every value of the request is known to be possible."""
        loaded = self._model(request.model)
        check(request, loaded.schedule.T)
        return loaded

    def _model(self, name: str) -> LoadedModel:
        def get() -> LoadedModel:
            return self.models.get(name)

        try:
            return get() if self.models.holds(name) else self._turns.films(get)  # reading one computes
        except (KeyError, ValueError) as error:
            raise Refused(sentence_of(error)) from error

    # ---- in the computing thread -----------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether any film is to be computed; see scheduler.Worker."""
        return bool(self._films or self._waiting)

    def work(self) -> None:
        """The next step of a batch of films; see scheduler.Worker."""
        with self._lock:
            self._films = [film for film in self._films if not film.over]
            self._admit()
            films = self._next_batch()
        if not films:
            self._speed.rest()
            return
        try:
            self._tick(films)
        except Exception:  # whatever broke, it broke for this batch only
            log.exception("a batch of %d films failed", len(films))
            for film in films:
                film.fail("the computation failed on the server: please try another setting")

    def _admit(self) -> None:
        """Move films from the queue to the computed ones, in turn, while there is room."""
        rows = sum(film.pictures for film in self._films)
        while self._waiting and (
            self._waiting[0].over or not self._films or rows + self._waiting[0].pictures <= self._capacity
        ):
            film = self._waiting.popleft()
            if film.over:
                continue
            film.charged = min((f.charged for f in self._films), default=0.0)  # no credit for the time before it came
            self._films.append(film)
            rows += film.pictures

    def _next_batch(self) -> list[Film]:
        """Those films that have had the least so far, as many as fit a batch, all of one model. One step costs a row a
        picture.
        """
        in_turn = sorted(self._films, key=lambda film: film.charged)
        chosen, rows = [], 0
        for film in in_turn:
            if film.loaded is in_turn[0].loaded and rows + film.rows <= BATCH_ROWS:
                chosen.append(film)
                rows += film.rows
        return sorted(chosen, key=lambda film: film.request.sampler)  # each sampler's rows together

    def _tick(self, films: list[Film]) -> None:
        """The next step of each of these films, and how fast that went."""
        began = time.perf_counter()
        steps = common_step(films)
        now = time.perf_counter()
        rows = sum(film.rows for film in films)
        for film, step in zip(films, steps):
            film.charged += film.rows
            if step is None:
                film.fail("the network's answer was not a number: this model is broken")
            else:
                film.accept(*step, began, now)
        self._speed.note(rows, began, now)

    def _still_waiting(self) -> deque[Film]:
        return deque(film for film in self._waiting if not film.over)
