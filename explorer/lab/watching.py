"""What a viewer is told of the training that they want: of another until it begins, then all of it, to the end or until
they have seen enough.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from explorer.lab.kept import KeptTrainings
from explorer.lab.session import LabUpdate, merged, update_of
from explorer.lab.shared import Member, SharedTraining, SharedTrainings

LOOK_SECONDS = 0.25  # between two looks of those whose training has not begun
TAKE_ALONG = (
    "Your training is kept here, but many are at the moment, and the longest unused make place: download yours if you "
    "want to keep it."
)


@dataclass(frozen=True)
class Watching:
    """A viewer's side of a training. joined: see LabUpdate; what they end up with goes to `kept`."""

    owner: str
    member: Member
    shared: SharedTraining
    joined: float | None
    trainings: SharedTrainings
    kept: KeptTrainings

    async def news(self) -> AsyncGenerator[LabUpdate, None]:
        """All of it; the last update names the model. Raises what the training broke off with."""
        async with aclosing(self._before()) as before:
            async for update in before:
                yield update
        async with aclosing(self._own()) as own:
            async for update in own:
                yield update

    async def _before(self) -> AsyncGenerator[LabUpdate, None]:
        """Until it has something to tell: another one, all that was told of it so far."""
        shared, member = self.shared, self.member
        watched, seen, told = None, 0, False
        while not (shared.news or shared.over or member.over):
            standing, first = self.trainings.standing(shared), self.trainings.first()
            if standing.ahead and first is not None:
                watched, seen = first, seen if watched is first else 0
                fresh, seen = first.news[seen:], len(first.news)
                if fresh:
                    yield replace(merged(fresh), ahead=standing.ahead, wait=standing.begins, over=False, model="")
            elif standing.others and not told:
                told = True
                yield LabUpdate(others=standing.others, clock_left=standing.ends)
            await member.bell.wait(LOOK_SECONDS)
        if member.stopped and not (shared.news or shared.over):
            run = "" if watched is None else watched.news[-1].run
            yield LabUpdate(run=run, over=True, note="Stopped before your turn came.")

    async def _own(self) -> AsyncGenerator[LabUpdate, None]:
        """From its first news, which who joins late hears in one, to its end."""
        shared, member = self.shared, self.member
        seen = step = 0
        while not member.left:
            if shared.training is not None and shared.news and seen == 0:
                self.kept.keep(self.owner, shared.training)
            fresh, seen = shared.news[seen:], len(shared.news)
            if fresh:
                update = self._dressed(merged(fresh))
                step = update.steps[-1].step if update.steps else step
                yield update
                if update.over:
                    return
            elif shared.broke is not None:
                raise shared.broke
            elif member.stopped and not shared.over:
                if shared.news:
                    yield await self._stopped(step)
                return
            else:
                await member.bell.wait()

    def _dressed(self, update: LabUpdate) -> LabUpdate:
        """With how it stands for this viewer."""
        standing = self.trainings.standing(self.shared)
        note = TAKE_ALONG if update.over and self.kept.nearly_full and not update.problem else ""
        return replace(update, others=standing.others, clock_left=standing.ends, joined=self.joined, note=note)

    async def _stopped(self, step: int) -> LabUpdate:
        """The last update for one who stops, from the step that they have seen up to now; the others go on."""
        snapshot = await self.trainings.stop(self.shared, self.member)
        training = snapshot.training
        self.kept.keep(self.owner, training)
        steps = tuple(point for point in training.points if point.step > step)
        return update_of(training, steps=steps, checkpoints=(snapshot.drawn,), over=True, model=snapshot.model)
