"""Trainings for the viewers of one server: they take turns, who wants the same shares one, and each viewer's own is
kept so that it can go on.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from explorer.core.checkpoint import CheckpointError, load
from explorer.core.sentences import Sentence, sentence_of
from explorer.data.arrived import NotArrived
from explorer.data.pictures import Picture
from explorer.lab.course import Computing, Here, Place
from explorer.lab.experiment import Experiment
from explorer.lab.kept import HELD_BYTES, HELD_RUNS, KeptTrainings
from explorer.lab.recipe import LONGEST_TRAINING_SECONDS
from explorer.lab.session import (
    UPDATE_SECONDS,
    DrawnCheckpoint,
    LabUpdate,
    Training,
    draw_checkpoint,
    update_of,
    with_story,
)
from explorer.lab.shared import Member, SharedTraining, SharedTrainings, Wanted
from explorer.lab.watching import Watching
from explorer.serving.model_store import ModelStore, UnknownModel
from explorer.serving.request_log import Entry, logged
from explorer.serving.scheduler import ComputeScheduler

REWOUND = "Rewound: these are the initial weights again. Go on trains them anew."


class TrainingRefused(RuntimeError):
    """This cannot be done with the viewer's training now; the message is one sentence for them."""


class Lab:
    """Trains for viewers. Different trainings take turns (turns.TrainingTurns), equal ones are one (shared.py)."""

    def __init__(
        self,
        models: ModelStore,
        turns: ComputeScheduler,
        held: int = HELD_RUNS,
        longest: int = LONGEST_TRAINING_SECONDS,
        *,
        held_bytes: int = HELD_BYTES,
        place: Place | None = None,
        closed: bool = False,
    ) -> None:
        """held, held_bytes: how many trainings are kept at most, and how much memory they may take together; longest:
        seconds that a training may take, for the page to ask for; place: where they are computed, if not in this
        process; closed: no training starts here.
        """
        self._models = models
        self._fresh = partial(Training.fresh, device=models.device)
        self.longest, self.closed = longest, closed
        self._members: dict[str, Member] = {}  # by owner: who trains or waits
        self._kept = KeptTrainings(held, held_bytes, self._members.__contains__)
        self._compute = Computing(turns)
        self._shared = SharedTrainings(
            place or Here(turns), self._compute, lambda training: models.add(training.model())
        )
        self._untrained: DrawnCheckpoint | None = None
        self._turn = itertools.count(1)

    def start(
        self, experiment: Experiment, seconds: float, owner: str, drawings: tuple[Picture, ...] = ()
    ) -> AsyncIterator[LabUpdate]:
        """A new training for this owner, in place of the one kept. See `_stream`, and `Training.fresh` for the
        drawings.
        """
        same = experiment, drawings, seconds
        wanted = Wanted(same, experiment, seconds, lambda: self._fresh(experiment, seconds, drawings))
        return self._logged(self._stream(owner, wanted))

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

        running = self._shared.running(kept)
        if running is not None and seconds == kept.seconds:
            return self._logged(self._stream(owner, running.wanted))
        others = running is not None or self._kept.holders(kept) > 1

        def resume() -> Training:
            return (kept.copy() if others else kept).resumed(seconds)

        # the same weights with the same budget: a whole class may go on together
        where = (kept.stretch, kept.run.step) if kept.run.step else (kept.experiment, kept.drawings)
        same = (*where, seconds)
        wanted = Wanted(same, kept.experiment, seconds - kept.run.seconds, resume)
        return self._logged(self._stream(owner, wanted))

    @logged("rewind", TrainingRefused)
    async def rewind(self, owner: str) -> LabUpdate:
        """Take the owner's run back to its initial weights. Raises TrainingRefused where none is kept, or it is
        running.
        """
        kept = self._own(owner)
        if owner in self._members:
            raise TrainingRefused("stop your training first, then rewind it")
        back = await self._compute(lambda: self._fresh(kept.experiment, kept.seconds, kept.drawings))
        self._kept.keep(owner, back)
        first = await self._compute(lambda: draw_checkpoint(back.model()))
        return update_of(back, checkpoints=(first,), over=True, turn=next(self._turn), note=REWOUND)

    @logged("load", TrainingRefused)
    async def load(self, path: str | None, owner: str) -> LabUpdate:
        """A model from a file, in place of the owner's run. Raises TrainingRefused where that is running, or the file
        cannot be used.
        """
        if not path:
            raise TrainingRefused("choose a file of weights first")
        if owner in self._members:
            raise TrainingRefused("stop your training first, then load a file")
        try:
            model = await self._compute(lambda: load(path))
        except CheckpointError as error:
            raise TrainingRefused(sentence_of(error)) from None
        drawn = await self._compute(lambda: draw_checkpoint(with_story(model)))
        name = await self._compute(lambda: self._models.add(model, from_file=True))
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
        if owner in self._members:  # the page that was closed takes a moment to leave its training
            await asyncio.sleep(2 * UPDATE_SECONDS)
        if owner not in self._kept or not self._kept[owner].run.step:
            return None
        kept = self._kept[owner]
        model = await self._compute(kept.model)
        drawn = await self._compute(lambda: draw_checkpoint(model))
        name = await self._compute(lambda: self._models.add(model))
        note = "Your training is here again. Go on continues from here, Rewind returns to the initial weights."
        if self._shared.running(kept) is not None:
            note = "Your training is here again, and others go on with it: Go on joins them."
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
        if owner in self._members:
            self._members[owner].stop()

    def leave(self, owner: str) -> None:
        """The owner has closed the page: end their training, and keep it no longer."""
        if owner in self._members:
            self._members[owner].leave()
        self._kept.drop(owner)

    def knows(self, owner: str) -> bool:
        """Whether this owner has trained, trains, or waits."""
        return owner in self._kept or owner in self._members

    def trains(self, owner: str) -> bool:
        """Whether this owner's training runs or waits."""
        return owner in self._members

    def would_join(self, experiment: Experiment, seconds: float, drawings: tuple[Picture, ...]) -> bool:
        """Whether `start` would share a training that runs already."""
        return self._shared.open((experiment, drawings, seconds)) is not None

    def new_turn(self) -> int:
        """A turn, see LabUpdate, for what a viewer asks of somebody else."""
        return next(self._turn)

    @property
    def waiting(self) -> int:
        """How many trainings run or wait; one that several viewers share counts once."""
        return len(self._shared)

    @property
    def kept(self) -> int:
        """How many runs are kept."""
        return len(self._kept)

    async def _stream(self, owner: str, wanted: Wanted) -> AsyncGenerator[LabUpdate, None]:
        """What a viewer is told of the training that they want, from its beginning to its end; until it begins, of
        another.

        Raises TrainingRefused if this owner already trains or waits, nobody may train here, or the experiment's data
        cannot be had. Closing this generator is leaving the training, which ends it where nobody else wants it.
        """
        if self.closed:
            raise TrainingRefused("training is switched off on this server")
        if owner in self._members:
            raise TrainingRefused("your training is already running: stop it first")
        member, turn = Member(), next(self._turn)
        self._members[owner] = member
        shared: SharedTraining | None = None
        try:
            await asyncio.to_thread(wanted.experiment.fetch)  # a download holds nobody up
            shared = self._shared.join(wanted, member)
            joined = shared.age or None
            watching = Watching(owner, member, shared, joined, self._shared, self._kept)
            async with aclosing(watching.news()) as news:
                async for update in news:
                    yield replace(update, turn=turn)
        except (FileNotFoundError, NotArrived) as error:
            raise TrainingRefused(sentence_of(error)) from None
        finally:
            if shared is not None:
                self._shared.leave(shared, member)
            del self._members[owner]
            self._kept.make_place()

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

    def _own(self, owner: str) -> Training:
        if self._kept.made_place(owner):
            raise TrainingRefused("your training made place for newer ones and is no longer here: press start again")
        if owner not in self._kept:
            raise TrainingRefused("there is no training of yours here yet: press start")
        return self._kept[owner]
