"""What the Add noise tab shows: one picture, one noise, and the schedules that mix them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from torch import Tensor

from explorer.core.only_add import OnlyAdd
from explorer.core.sampling import draw_noise, trajectory_generator
from explorer.core.schedule import KINDS, PAPER_T, NoiseSchedule
from explorer.core.sentences import Sentence, joined
from explorer.data.pictures import Picture

NEARLY_ZERO = 1e-3  # an alpha_bar_T above this leaves something of the picture in x_T

BOTH = "both"  # schedules, side by side
ADD = "only add"  # the rule that shrinks nothing

Rule = NoiseSchedule | OnlyAdd


@dataclass(frozen=True)
class Scene:
    """picture: x_0. eps: (1, 28, 28) float32, the noise of noise_seed. schedules: the rules shown, by kind; at
    least one, all with the same T.
    """

    picture: Picture
    noise_seed: int
    eps: Tensor
    schedules: dict[str, Rule]

    @property
    def link(self) -> dict[str, Any]:
        """What a lesson link has to say of it: a picture of one's own does not fit into one."""
        own = self.picture.example is None
        return {"own": own} | (
            {} if own else {"label": self.picture.label, "example": self.picture.example, "noise_seed": self.noise_seed}
        )

    def at(self, t: int) -> dict[str, Any]:
        """This scene at step t of its first schedule, as plain numbers."""
        schedule, x_0 = next(iter(self.schedules.values())), self.picture.image()
        images = {"x_0": x_0, "eps": self.eps, "x_t": schedule.q_sample(x_0, t, self.eps)}
        return {"t": t, "alpha_bar": float(schedule.signal[t].square())} | {
            name: image[0].tolist() for name, image in images.items()
        }


@cache
def schedule(kind: str, T: int = PAPER_T) -> Rule:
    """The rule of a kind, one of KINDS or ADD, with T steps."""
    return OnlyAdd(T) if kind == ADD else NoiseSchedule(kind, T)


def schedules(kind: str, T: int = PAPER_T) -> dict[str, Rule]:
    """The schedule of this kind, or for BOTH the first two, which the desk shows side by side."""
    return {name: schedule(name, T) for name in (KINDS[:2] if kind == BOTH else (kind,))}


def scene(picture: Picture, noise_seed: int, kind: str, T: int = PAPER_T) -> Scene:
    """A picture with the noise of a seed. kind: one of KINDS, ADD, or BOTH."""
    return Scene(picture, noise_seed, draw_noise([trajectory_generator(noise_seed)])[0], schedules(kind, T))


def warning_unless_noise(schedules: dict[str, Rule]) -> str:
    """A warning where x_T is not yet noise, in words with its number; "" where it is."""
    if ADD in schedules:
        return joined(
            Sentence(
                "x_T is no N(0, 1): here the noise's variance grows to {0}.",
                f"{float(schedules[ADD].noise[-1].square()):.0f}",
            ),
            "The paper shrinks the picture while it adds noise, so that xₜ has about the same size at every t and "
            "ends in N(0, 1), from which one can start.",
            "Shrunk afterwards, this xₜ would be the paper's.",
        )
    left = {kind: float(schedule.signal[-1].square()) for kind, schedule in schedules.items()}
    worst = max(left, key=left.__getitem__)
    if left[worst] <= NEARLY_ZERO:
        return ""
    T = schedules[worst].T
    return joined(
        Sentence(
            "x_T is not noise: with T = {0} the {1} schedule ends at ᾱ = {2}, so {3} of the signal is left.",
            T,
            worst,
            f"{left[worst]:.3f}",
            f"{left[worst]:.1%}",
        ),
        Sentence("Its betas were chosen for T = {0}.", PAPER_T),
        "A sampler that starts from pure noise would start where this schedule never arrives.",
    )
