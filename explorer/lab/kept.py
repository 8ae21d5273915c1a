"""The trainings that are kept so that they can go on, each viewer's latest, within a bound on their memory."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator

from torch import Tensor

from explorer.lab.session import Training

HELD_RUNS = 48  # a class and a half
HELD_BYTES = 2**30  # of all kept trainings together: a class of thirty, even if each has chosen the large network
NEARLY_FULL = 0.8  # the share of either bound from which on viewers are told to take theirs along
REMEMBERED = 1000  # owners whose training has made place


class KeptTrainings:
    """By owner, the latest used last. The longest unused makes place; one that runs or waits for its turn does not.

    Owners who trained together keep one training; it counts once.
    """

    def __init__(self, most: int, most_bytes: int, is_busy: Callable[[str], bool]) -> None:
        """is_busy(owner): whether this owner's training runs or waits."""
        self._most, self._most_bytes, self._is_busy = most, most_bytes, is_busy
        self._trainings: OrderedDict[str, Training] = OrderedDict()
        self._made_place: deque[str] = deque(maxlen=REMEMBERED)
        self._sizes: dict[int, int] = {}  # by the id of a kept training that has begun, from when on it does not grow

    def __len__(self) -> int:
        return len(self._trainings)

    def __contains__(self, owner: str) -> bool:
        return owner in self._trainings

    def holders(self, training: Training) -> int:
        """How many owners keep this very training."""
        return sum(kept is training for kept in self._trainings.values())

    def __getitem__(self, owner: str) -> Training:
        """This owner's, which is used by that. Raises KeyError."""
        self._trainings.move_to_end(owner)
        return self._trainings[owner]

    def keep(self, owner: str, training: Training) -> None:
        """In place of what this owner had."""
        self._trainings[owner] = training
        self._trainings.move_to_end(owner)
        self.make_place()

    def make_place(self) -> None:
        """Let the longest unused ones go until the others are within the bounds; one that several owners keep stays as
        long as one of them used it lately.
        """
        last_used = reversed(list({id(training): training for training in reversed(self._trainings.values())}.values()))
        for training in last_used:
            if self._fullness() <= 1:
                return
            owners = [owner for owner, kept in self._trainings.items() if kept is training]
            if not any(map(self._is_busy, owners)):
                for owner in owners:
                    del self._trainings[owner]
                    self._made_place.append(owner)

    def drop(self, owner: str) -> None:
        """This owner wants theirs no longer. Nothing happens if there is none."""
        self._trainings.pop(owner, None)

    def made_place(self, owner: str) -> bool:
        """Whether this owner's training was let go for newer ones."""
        return owner not in self._trainings and owner in self._made_place

    @property
    def nearly_full(self) -> bool:
        """Whether somebody's training will soon have to make place."""
        return self._fullness() > NEARLY_FULL

    def _fullness(self) -> float:
        """The share of its bounds that is used, of the fuller one; above 1 it is too much."""
        different = {id(training): training for training in self._trainings.values()}.values()
        self._sizes = {id(kept): self._sizes.get(id(kept)) or size(kept) for kept in different if kept.run.step}
        held = sum(self._sizes.get(id(kept)) or size(kept) for kept in different)
        return max(len(different) / self._most, held / self._most_bytes)


def size(training: Training) -> int:
    """The bytes that a training holds: weights, their gradients, their averages, and what the optimizers remember."""
    run = training.run
    weights = [tensor for network in (run.network, run.average) for tensor in network.parameters()]
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    memories = [state for optimizer in run.optimizers for state in list(optimizer.state.values())]  # it may be training
    tensors = [*weights, *gradients, *(value for state in memories for value in _tensors(state))]
    drawn = sum(len(drawing.grey) for drawing in training.drawings)
    return drawn + sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _tensors(state: dict) -> Iterator[Tensor]:
    return (value for value in list(state.values()) if isinstance(value, Tensor))
