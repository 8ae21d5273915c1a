"""A network as a file that the viewer's device can run."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from explorer.core.checkpoint import Model
from explorer.core.reader import Reader
from explorer.core.schedule import NoiseSchedule
from explorer.device.packing import packed
from explorer.device.plan import plan
from explorer.device.trace import Traced, traced, traced_function, traced_guesser, traced_reader
from explorer.device.walk import lowered


def export(model: Model, *, rows: int = 1, dtype: str = "i16") -> bytes:
    """model: of any config. rows: pictures of one guess; the runtime takes more in turns. dtype: of the weights, "i16"
    (see packing.py) or "f32". Takes a second or two. Raises UnknownOperation for a network that needs what the device
    does not have.
    """
    return _file(traced(model.network, rows), rows, model.schedule.T, dtype)


def export_reader(reader: Reader) -> bytes:
    """What reads the digits that a training draws: one picture at a time."""
    return _file(traced_reader(reader), 1, 0, "i16")


def export_guesser(schedule: NoiseSchedule, pictures: int) -> bytes:
    """The perfect guesser of so many pictures, without these: who runs it puts their bytes, their labels, and the
    number of the one that is left out, or -1, into its memory.
    """
    return _file(traced_guesser(schedule, pictures, 1), 1, schedule.T, "f32")


def export_function(
    function: Callable[..., Tensor | tuple[Tensor, ...]], given: dict[str, Tensor], outputs: tuple[str, ...]
) -> bytes:
    """A pure function of tensors; given: by its inputs' names, examples of them, float32, in their order; outputs: the
    names of what it returns.
    """
    return _file(traced_function(function, given, outputs), 1, 0, "f32")


def _file(trace: Traced, rows: int, T: int, dtype: str) -> bytes:
    steps = lowered(trace)
    return packed(steps, trace.learnt, plan(steps), rows=rows, T=T, dtype=dtype)
