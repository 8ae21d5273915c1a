"""A network as a file that the viewer's device can run."""

from __future__ import annotations

from explorer.core.checkpoint import Model
from explorer.device.packing import packed
from explorer.device.plan import plan
from explorer.device.trace import traced
from explorer.device.walk import lowered


def export(model: Model, *, rows: int = 1, dtype: str = "i16") -> bytes:
    """model: of any config. rows: pictures of one guess; the runtime takes more in turns. dtype: of the weights, "i16"
    (see packing.py) or "f32". Takes a second or two. Raises UnknownOperation for a network that needs what the device
    does not have.
    """
    trace = traced(model.network, rows)
    steps = lowered(trace)
    floats = plan(steps)
    return packed(steps, trace.learnt, floats, rows=rows, T=model.schedule.T, dtype=dtype)
