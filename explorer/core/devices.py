"""Where a network computes: on the processor, or on a graphics card where there is one.

Only the network moves there. What surrounds it (schedule, samplers, noise, loss) is a thousandth of the work and stays
on the CPU, in float64 where it was: so every device gets the same noise, and takes the same steps.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from explorer.core.sentences import Sentence

DEVICES = ("auto", "cpu", "cuda", "mps")
CPU = torch.device("cpu")


class NoSuchDevice(ValueError):
    """This machine has no such device, or this torch cannot use it; the message is one sentence."""


def device_named(name: str) -> torch.device:
    """The device of one of these names (DEVICES); auto is the first graphics card there is, else the CPU.

    Raises NoSuchDevice for one that is not there, ValueError for another name.
    """
    if name not in DEVICES:
        raise ValueError(f"unknown device {name!r}: choose one of {', '.join(DEVICES)}")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, is_there in there.items() if is_there))
    if not there[name]:
        raise NoSuchDevice(Sentence("this machine has no {0} that torch can use: choose cpu or auto", name))
    return torch.device(name)


def on_device(network: Callable[[Tensor, Tensor, Tensor], Tensor], device: torch.device) -> Callable[..., Tensor]:
    """The `Network` as those call it whose tensors are elsewhere: they are sent to this device, and eps_hat is sent
    back to where x_t was. Gradients flow through both ways.
    """

    def sent(x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        return network(x_t.to(device), t.to(device), label.to(device)).to(x_t.device)

    return sent
