"""Trainings for the viewers of one server: one at a time, and each viewer's own is kept so that it can go on."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TypeVar

from explorer.core.checkpoint import CheckpointError, load
from explorer.core.sentences import Sentence, sentence_of
from explorer.data.arrived import NotArrived
from explorer.data.pictures import Picture
from explorer.lab.experiment import Experiment
from explorer.lab.kept import HELD_BYTES, HELD_RUNS, KeptTrainings
from explorer.lab.recipe import LONGEST_TRAINING_SECONDS
from explorer.lab.session import (
    UPDATE_SECONDS,
    DrawnCheckpoint,
    LabUpdate,
    StopRequest,
    Training,
    draw_checkpoint,
    update_of,
    with_story,
)
from explorer.lab.training_queue import TrainingQueue
from explorer.lab.worker import updates_as_they_come
from explorer.serving.model_store import ModelStore, UnknownModel
from explorer.serving.request_log import Entry, logged
from explorer.serving.scheduler import ComputeScheduler

TAKE_ALONG = (
    "Your training is kept here, but many are at the moment, and the longest unused make place: download yours if you "
    "want to keep it."
)

Answer = TypeVar("Answer")


class TrainingRefused(RuntimeError):
    """This cannot be done with the viewer's training now; the message is one sentence for them."""


class Lab:
    """Trains for viewers, one at a time: the next is told its place, and watches the running one meanwhile."""

    def __init__(
        self,
        models: ModelStore,
        turns: ComputeScheduler,
        held: int = HELD_RUNS,
        longest: int = LONGEST_TRAINING_SECONDS,
        *,
        held_bytes: int = HELD_BYTES,
        closed: bool = False,
    ) -> None:
        """held, held_bytes: how many trainings are kept at most, and how much memory they may take together; longest:
        seconds that a training may take, for the page to ask for; closed: no training starts here.
        """
        self._models, self._turns = models, turns
        self._fresh = partial(Training.fresh, device=models.device)
        self.longest, self.closed = longest, closed
        self._queue = TrainingQueue()
        self._wishes: dict[str, StopRequest] = {}  # by owner: who trains or waits
        self._kept = KeptTrainings(held, held_bytes, self._wishes.__contains__)
        self._watched = ""  # the running training's name
        self._news: list[LabUpdate] = []  # and all that was said of it, for those who wait
        self._untrained: DrawnCheckpoint | None = None
        self._turn = itertools.count(1)

    def start(
        self, experiment: Experiment, seconds: float, owner: str, drawings: tuple[Picture, ...] = ()
    ) -> AsyncIterator[LabUpdate]:
        """A new training for this owner, in place of the one kept. See `_stream`, and `Training.fresh` for the
        drawings.
        """
        return self._logged(
            self._stream(
                owner, lambda: self._keep(owner, self._fresh(experiment, seconds, drawings)), experiment, seconds
            )
        )

    def go_on(self, seconds: float, owner: str) -> AsyncIterator[LabUpdate]:
        """The owner's run from where it stopped, until it has used `seconds` in all.

        Raises TrainingRefused where none is kept, or it has used them already.
        """
        kept = self._own(owner)
        if kept.run.seconds >= seconds:
            had = f"{seconds:g}"
            raise TrainingRefused(
                Sentence("this training has had its {0} seconds: choose a longer training time, or rewind it", had)
            )

        def resume() -> Training:
            kept.seconds = seconds
            return kept

        return self._logged(self._stream(owner, resume, kept.experiment, seconds - kept.run.seconds))

    @logged("rewind", TrainingRefused)
    async def rewind(self, owner: str) -> LabUpdate:
        """Take the owner's run back to its initial weights. Raises TrainingRefused where none is kept, or it is
        running.
        """
        kept = self._own(owner)
        if owner in self._wishes:
            raise TrainingRefused("stop your training first, then rewind it")
        back = await self._compute(lambda: self._keep(owner, self._fresh(kept.experiment, kept.seconds, kept.drawings)))
        first = await self._compute(lambda: draw_checkpoint(back.model()))
        note = "Rewound: these are the initial weights again. Go on trains them anew."
        return update_of(back, checkpoints=(first,), over=True, turn=next(self._turn), note=note)

    @logged("load", TrainingRefused)
    async def load(self, path: str | None, owner: str) -> LabUpdate:
        """A model from a file, in place of the owner's run. Raises TrainingRefused where that is running, or the file
        cannot be used.
        """
        if not path:
            raise TrainingRefused("choose a file of weights first")
        if owner in self._wishes:
            raise TrainingRefused("stop your training first, then load a file")
        try:
            model = await self._compute(lambda: load(path))
        except CheckpointError as error:
            raise TrainingRefused(sentence_of(error)) from None
        drawn = await self._compute(lambda: draw_checkpoint(with_story(model)))
        name = await self._compute(lambda: self._models.add(model))
        self._kept.drop(owner)
        note = Sentence(
            "Loaded: a network after {0} steps. This is what it draws; its loss curve is not part of the file.",
            f"{drawn.step:,}",
        )
        return LabUpdate(
            checkpoints=(drawn,),
            T=model.schedule.T,
            run=uuid.uuid4().hex[:8],
            turn=next(self._turn),
            over=True,
            model=name,
            note=note,
        )

    async def found(self, owner: str) -> LabUpdate | None:
        """The owner's run as it stands, all of its loss curve and what it draws now, for a page that was loaded anew;
        None where none is kept, or it has not begun to learn.
        """
        if owner in self._wishes:  # the page that was closed takes an update to end its training
            await asyncio.sleep(2 * UPDATE_SECONDS)
        if owner not in self._kept or not self._kept[owner].run.step:
            return None
        kept = self._kept[owner]
        model = await self._compute(kept.model)
        drawn = await self._compute(lambda: draw_checkpoint(model))
        name = await self._compute(lambda: self._models.add(model))
        note = "Your training is here again. Go on continues from here, Rewind returns to the initial weights."
        news = {"steps": tuple(kept.points), "checkpoints": (drawn,), "over": True, "model": name, "note": note}
        return update_of(kept, turn=next(self._turn), **news)

    def file(self, model: str) -> bytes:
        """A trained model that is still held, as a safetensors file. Raises TrainingRefused where it is not."""
        try:
            return self._models.get(str(model)).file
        except UnknownModel as error:
            raise TrainingRefused(sentence_of(error)) from None

    async def untrained(self) -> DrawnCheckpoint:
        """What random weights draw: computed once."""

        def draw() -> DrawnCheckpoint:
            return self._untrained or draw_checkpoint(Training.fresh(Experiment(), 1).model())

        if self._untrained is None:
            self._untrained = await self._compute(draw)
        return self._untrained

    def stop(self, owner: str) -> None:
        """End the owner's training after its current step, with a last update. Nothing happens without one."""
        if owner in self._wishes:
            self._wishes[owner].stop = True

    def leave(self, owner: str) -> None:
        """The owner has closed the page: end their training, and keep it no longer."""
        if owner in self._wishes:
            self._wishes[owner].left = True
        self._kept.drop(owner)

    def knows(self, owner: str) -> bool:
        """Whether this owner has trained, trains, or waits."""
        return owner in self._kept or owner in self._wishes

    @property
    def waiting(self) -> int:
        """How many trainings run or wait."""
        return len(self._queue)

    @property
    def kept(self) -> int:
        """How many runs are kept."""
        return len(self._kept)

    async def _stream(
        self, owner: str, get: Callable[[], Training], experiment: Experiment, seconds: float
    ) -> AsyncGenerator[LabUpdate, None]:
        """`updates` of a viewer's run, once it is their turn; until then those of the training that runs. seconds: of
        training that it will take.

        Raises TrainingRefused if this owner already trains or waits, nobody may train here, or the experiment's data
        cannot be had. Closing this generator ends the viewer's training within an update.
        """
        if self.closed:
            raise TrainingRefused("training is switched off on this server")
        if owner in self._wishes:
            raise TrainingRefused("your training is already running: stop it first")
        wish, turn = StopRequest(), next(self._turn)
        self._wishes[owner] = wish
        try:
            await asyncio.to_thread(experiment.fetch)  # a download holds nobody up
            self._queue.join(owner, seconds)
            async with aclosing(self._others(owner, wish)) as others:
                async for update in others:
                    yield replace(update, turn=turn)
            if wish.stop or wish.left:
                yield LabUpdate(run=self._watched, turn=turn, over=True, note="Stopped before your turn came.")
                return
            async with aclosing(self._trained(await self._compute(get), wish, turn)) as own:
                async for update in own:
                    yield update
        except (FileNotFoundError, NotArrived) as error:
            raise TrainingRefused(sentence_of(error)) from None
        finally:
            wish.left = True
            self._queue.leave(owner)
            del self._wishes[owner]
            self._kept.make_place()

    async def _others(self, owner: str, wish: StopRequest) -> AsyncGenerator[LabUpdate, None]:
        """What those before this owner see, from the beginning of the training that runs, until it is their turn."""
        watched, seen = self._watched, 0
        while (ahead := self._queue.ahead(owner)) > 0 and not (wish.stop or wish.left):
            if watched != self._watched:
                watched, seen = self._watched, 0
            for update in self._news[seen:]:
                seen += 1
                yield replace(update, ahead=ahead, wait=self._queue.wait(owner), over=False)
            await asyncio.sleep(UPDATE_SECONDS)

    async def _trained(self, kept: Training, wish: StopRequest, turn: int) -> AsyncGenerator[LabUpdate, None]:
        """The updates of a training, from now to its end; the last one names its model."""
        self._watched, self._news = kept.name, []
        async with aclosing(updates_as_they_come(kept, self._turns, wish)) as news:
            async for told in news:
                update = replace(told, turn=turn)
                self._news.append(update)
                self._queue.progress(kept.seconds - kept.run.seconds)
                if update.over and kept.run.step:
                    model = await self._compute(lambda: self._models.add(kept.model()))
                    note = TAKE_ALONG if self._kept.nearly_full and not update.problem else ""
                    update = replace(update, model=model, note=note)
                yield update

    @staticmethod
    async def _logged(news: AsyncGenerator[LabUpdate, None]) -> AsyncIterator[LabUpdate]:
        """The same updates, and a line in the log at their end."""
        async with Entry("training", TrainingRefused, steps=0) as fields, aclosing(news):
            fields["outcome"] = "left"  # unless it has an end
            async for update in news:
                if not update.ahead:
                    fields |= {"model": update.model, "steps": fields["steps"] + len(update.steps)}
                if update.over:
                    fields["outcome"] = "failed" if update.problem else "ok" if update.progress == 1 else "stopped"
                yield update

    def _keep(self, owner: str, kept: Training) -> Training:
        """Keep this for the owner, in place of what was kept."""
        self._kept.keep(owner, kept)
        return kept

    def _own(self, owner: str) -> Training:
        if self._kept.made_place(owner):
            raise TrainingRefused("your training made place for newer ones and is no longer here: press start again")
        if owner not in self._kept:
            raise TrainingRefused("there is no training of yours here yet: press start")
        return self._kept[owner]

    async def _compute(self, work: Callable[[], Answer]) -> Answer:
        """What `work` returns, computed in the computing thread."""
        return await asyncio.to_thread(self._turns.training, work)
