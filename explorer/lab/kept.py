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
    """By owner, the latest used last. The longest unused makes place; one that runs or waits for its turn does not."""

    def __init__(self, most: int, most_bytes: int, is_busy: Callable[[str], bool]) -> None:
        """is_busy(owner): whether this owner's training runs or waits."""
        self._most, self._most_bytes, self._is_busy = most, most_bytes, is_busy
        self._trainings: OrderedDict[str, Training] = OrderedDict()
        self._made_place: deque[str] = deque(maxlen=REMEMBERED)

    def __len__(self) -> int:
        return len(self._trainings)

    def __contains__(self, owner: str) -> bool:
        return owner in self._trainings

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
        """Let the longest unused ones go until the others are within the bounds."""
        idle = [owner for owner in self._trainings if not self._is_busy(owner)]
        for owner in idle:
            if self._fullness() <= 1:
                return
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
        held = sum(size(training) for training in self._trainings.values())
        return max(len(self._trainings) / self._most, held / self._most_bytes)


def size(training: Training) -> int:
    """The bytes that a training holds: weights, their gradients, their averages, and what the optimizers remember."""
    run = training.run
    weights = [tensor for network in (run.network, run.average) for tensor in network.parameters()]
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    memories = [state for optimizer in run.optimizers for state in optimizer.state.values()]
    tensors = [*weights, *gradients, *(value for state in memories for value in _tensors(state))]
    drawn = sum(len(drawing.grey) for drawing in training.drawings)
    return drawn + sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _tensors(state: dict) -> Iterator[Tensor]:
    return (value for value in state.values() if isinstance(value, Tensor))
