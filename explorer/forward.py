"""What the Add noise tab shows: one real digit, one noise, one schedule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from torch import Tensor

from explorer import digits
from explorer.core.sampling import draw_noise, trajectory_generator
from explorer.core.schedule import NoiseSchedule
from explorer.pixels import to_images

T = 1000


@dataclass(frozen=True)
class Scene:
    """x_0, eps: (1, 28, 28) float32. number: the digit's place among the bundled ones."""

    x_0: Tensor
    eps: Tensor
    schedule: NoiseSchedule
    label: int
    number: int

    def at(self, t: int) -> dict[str, Any]:
        """This scene at step t, as plain numbers."""
        x_t = self.schedule.q_sample(self.x_0, t, self.eps)
        images = {"x_0": self.x_0, "eps": self.eps, "x_t": x_t}
        return {"t": t, "alpha_bar": float(self.schedule.alpha_bar[t])} | {name: image[0].tolist() for name, image in images.items()}


@cache
def schedule(kind: str) -> NoiseSchedule:
    return NoiseSchedule(kind, T)


def scene(label: int, example: int, noise_seed: int, kind: str) -> Scene:
    """The example-th bundled digit of a class (counted around) with the noise of a seed."""
    data = digits.bundled()
    members = data.of_class(label)
    number = int(members[example % len(members)])
    x_0 = to_images(data.pixels[number : number + 1])[0]
    eps = draw_noise([trajectory_generator(noise_seed)])[0]
    return Scene(x_0, eps, schedule(kind), label, number)
