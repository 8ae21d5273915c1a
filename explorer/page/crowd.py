"""The whole crowd: many noises at once on their way to digits, as places on the map.

The same crowd is computed once for all who ask for it: what it comes to are two numbers for each picture and frame.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import numpy as np

from explorer.core.sentences import sentence_of
from explorer.data.digit_map import places_of, whole_numbers
from explorer.data.nearest_digits import nearest_digits
from explorer.data.pixels import to_base64
from explorer.page.payloads.crowds import come_to, so_far
from explorer.page.payloads.texts import told
from explorer.page.settings import Generate
from explorer.page.viewer import Viewer
from explorer.serving.errors import Refused
from explorer.serving.film import STRIPS
from explorer.serving.film_news import Ended, Frames
from explorer.serving.film_request import MAX_PICTURES, FilmRequest
from explorer.serving.film_source import FilmSource
from explorer.serving.streams import together, until
from explorer.serving.viewers import FilmGroup, FilmsByViewer
from explorer.widgets.map import CrowdNews

CROWD = 256  # pictures
STEPS = 25  # DDIM: few steps, as there are many pictures
ALONE = 128  # pictures of a crowd that one device gathers: 3,200 guesses of 9 ms, half a minute
SIDE_BY_SIDE = 4  # films of a crowd that are computed at the same time
GROUPS = CROWD // MAX_PICTURES  # films, MAX_PICTURES in each
HELD_CROWDS = 16  # 30 KB each


@dataclass(frozen=True)
class Group:
    """Some of the pictures, from their noise to their end. t: of each of F frames; places: (pictures, F, 2) int16, of
    x0_hat, and of x_0 at the end; read: the digit that each ends in.
    """

    t: tuple[int, ...]
    places: np.ndarray
    read: tuple[int, ...]


@dataclass(eq=False)
class Crowd:
    """A crowd as far as it has been computed: its groups by their numbers. lock: of whoever computes the rest."""

    groups: dict[int, Group] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def request_of(settings: Generate, model: str, T: int) -> FilmRequest:
    """The first of a crowd's films; the others have the seeds after its own. T: the model's."""
    return FilmRequest.grid(
        MAX_PICTURES,
        settings.label,
        settings.seed,
        model=model,
        sampler="ddim",
        steps=min(STEPS, T),
        guidance=settings.guidance,
    )


class Crowds:
    """The crowds of a page's viewers; the latest that were asked for are kept."""

    def __init__(self, films: FilmSource) -> None:
        self._films = films
        self._watched: FilmsByViewer[FilmGroup] = FilmsByViewer()
        self._crowds: OrderedDict[FilmRequest, Crowd] = OrderedDict()

    def stop(self, viewer: Viewer) -> None:
        """End this viewer's crowd where it is."""
        self._watched.stop(viewer.key)

    async def gather(
        self, settings: Generate, model: str, viewer: Viewer, drawer: str = ""
    ) -> AsyncIterator[CrowdNews]:
        """The news of the crowd with these settings. drawer: who draws, where it is not the pretrained network. Raises
        Refused or FilmFailed.
        """
        try:
            T = self._films.models.schedule_of(model).T
        except (KeyError, ValueError) as error:
            raise Refused(sentence_of(error)) from error
        first = request_of(settings, model, T)
        run, crowd = uuid.uuid4().hex[:8], self._crowd(first)
        async with self._watched.turn(viewer.key, FilmGroup) as watching:
            if len(crowd.groups) < GROUPS:
                busy = "Somebody else gathers the same crowd: it will be here in a moment."
                yield news(run, {}, busy if crowd.lock.locked() else progress(crowd))
                async with aclosing(self._rest(first, crowd, viewer)) as groups:
                    async for number in until(lambda: watching.over, watching.changed, groups):
                        yield news(run, {number: crowd.groups[number]}, progress(crowd))
            if not watching.cancelled:  # else a word of this crowd could cover one of the next
                read = [label for group in crowd.groups.values() for label in group.read]
                status = come_to(read, GROUPS * MAX_PICTURES, drawer)
                yield news(run, crowd.groups, status, done=True)

    def _crowd(self, first: FilmRequest) -> Crowd:
        crowd = self._crowds.setdefault(first, Crowd())
        self._crowds.move_to_end(first)
        while len(self._crowds) > HELD_CROWDS:
            self._crowds.popitem(last=False)
        return crowd

    async def _rest(self, first: FilmRequest, crowd: Crowd, viewer: Viewer) -> AsyncGenerator[int, None]:
        """Compute what is missing, a few films at a time; the number of each group as it is there."""
        async with crowd.lock:
            missing = [number for number in range(GROUPS) if number not in crowd.groups]
            for begin in range(0, len(missing), SIDE_BY_SIDE):
                numbers = missing[begin : begin + SIDE_BY_SIDE]
                films = [
                    self._group(group_request(first, number), viewer.slot(f"crowd {k}"))
                    for k, number in enumerate(numbers)
                ]
                async with aclosing(together(films)) as ends:
                    async for groups in ends:
                        for k, group in groups:
                            crowd.groups[numbers[k]] = group
                            yield numbers[k]

    async def _group(self, request: FilmRequest, owner: str) -> AsyncGenerator[Group, None]:
        """One film, seen to its end; nothing where it was stopped."""
        frames: list[Frames] = []
        async with aclosing(self._films.stream(request, owner)) as stream:
            async for piece in stream:
                if isinstance(piece, Frames):
                    frames.append(piece)
                elif isinstance(piece, Ended) and not piece.stopped:
                    yield await asyncio.to_thread(group_of, frames)


def group_request(first: FilmRequest, number: int) -> FilmRequest:
    """A crowd's film of this number, from 0 on."""
    return replace(first, seeds=tuple(seed + number * MAX_PICTURES for seed in first.seeds))


def group_of(frames: list[Frames]) -> Group:
    """A film's frames as places, and what its pictures end in."""
    pixels = np.concatenate([piece.pixels[:, STRIPS.index("x0_hat")] for piece in frames])  # (F, n, 28, 28)
    read = tuple(reading.label for reading in nearest_digits(pixels[-1]))
    t = tuple(t for piece in frames for t in piece.t)
    return Group(t, whole_numbers(places_of(pixels)).swapaxes(0, 1), read)


def progress(crowd: Crowd) -> str:
    """How far it is."""
    return so_far(len(crowd.groups) * MAX_PICTURES, CROWD)


def news(run: str, groups: Mapping[int, Group], status: str, *, done: bool = False) -> CrowdNews:
    """For the map: these groups, or none."""
    numbers = sorted(groups)
    shown = [groups[number] for number in numbers]
    return {
        "run": run,
        "total": CROWD,
        "groups": numbers,
        "each": MAX_PICTURES,
        "t": list(shown[0].t) if shown else [],
        "places": to_base64(np.concatenate([group.places for group in shown])) if shown else "",
        "read": [label for group in shown for label in group.read],
        "status": told(status),
        "done": done,
    }
