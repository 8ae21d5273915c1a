"""What can be tried in a training, as one record: it serves the form on the page and the command line, and tells its
own command.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from weakref import WeakValueDictionary

import numpy as np
import torch
from torch import Tensor

from explorer.core.checkpoint import Model
from explorer.core.devices import CPU
from explorer.core.objective import TIMES
from explorer.core.schedule import KINDS, PAPER_T, NoiseSchedule
from explorer.core.sentences import Sentence
from explorer.core.training import TrainingRun, TrainingSettings
from explorer.core.unet import OUTPUTS, UNetConfig
from explorer.data import digits
from explorer.data.pixels import to_images
from explorer.lab.recipe import NETWORK, SCHEDULE, finished
from explorer.validation import MAX_SEED, Choice, Control, Real, Subset, Whole, described, setting

DEFAULTS = TrainingSettings()
ALL_CLASSES = tuple(range(digits.CLASSES))
MNIST, FASHION = "MNIST", "Fashion-MNIST"
# 31 MB for all digits: trainings that take turns hold them once, and none holds them for longer than they need them
IN_USE: WeakValueDictionary[tuple[str, tuple[int, ...]], Tensor] = WeakValueDictionary()
WIDTHS = {"small": 0.5, "medium": 1.0, "large": 2.0}  # of the Train tab's network


def network(size: str, output: str = NETWORK.output) -> UNetConfig:
    """The Train tab's network with half, the same or twice its channels, in multiples of 16. output: what its last
    layer means; only the Train tab's own corrects a linear guess, so that the others show what they mean by themselves.
    """
    widths = tuple(max(16, round(WIDTHS[size] * width / 16) * 16) for width in NETWORK.widths)
    linear_guess = NETWORK.linear_guess and output == NETWORK.output
    return replace(NETWORK, widths=widths, output=output, linear_guess=linear_guess)


@dataclass(frozen=True)
class Experiment:
    """All that decides a training, but how long it is. With a number of steps, it decides the weights too.

    The form on the page shows those of the group "experiments" side by side.
    """

    dataset: str = setting(
        Choice("the data set", MNIST, (MNIST, FASHION)),
        Control(
            "Learn from",
            "Fashion-MNIST is clothes: 0 to 9 are T-shirt, trousers, pullover, dress, coat, sandal, shirt, sneaker, "
            "bag and boot; it is downloaded once. Of MNIST's digits the tenth that is hardest to read is left out. "
            "Of drawings a dozen are enough: each is turned, scaled and moved a little in a hundred ways. Bet: which "
            "are harder than digits? Will it draw like you?",
            names={MNIST: "MNIST's digits"},
            group="data",
            id="data",
        ),
        about="MNIST or Fashion-MNIST, which is downloaded once",
        differs="{0}",
    )
    classes: tuple[int, ...] = setting(
        Subset("the classes to learn", ALL_CLASSES, ALL_CLASSES),
        Control(
            "Digits to learn",
            "With one digit alone there is no doubt which to draw. Bet: will a network that sees only 3s draw them "
            "sooner? And what of 3 and 8?",
            group="experiments",
        ),
        about="the classes to learn, like 3,8",
        differs="only {0}",
    )
    schedule: str = setting(
        Choice("the schedule", SCHEDULE.kind, KINDS),
        Control(
            "Schedule",
            "How fast the digit drowns in noise: linear spends many steps on almost pure noise. Bet: which schedule "
            "gives the lower loss, and which the better digits?",
            group="experiments",
        ),
        about=" or ".join(KINDS),
        differs="{0} schedule",
    )
    T: int = setting(
        Whole("T", SCHEDULE.T, 10, PAPER_T),
        Control(
            "T",
            "How many steps the noise has. A short linear schedule stops before all is noise. Bet: can T = 10 draw a "
            "digit?",
            kind="slider",
            step=10,
            group="experiments",
        ),
        about="noising steps",
        differs="T = {0}",
    )
    size: str = setting(
        Choice("the size of the network", "medium", tuple(WIDTHS)),
        Control(
            "Size of the network",
            "More weights can learn more, and take longer for each image. Bet: which size wins in 20 seconds, and "
            "which in 120?",
            group="experiments",
        ),
        about=f"of the network: {', '.join(WIDTHS)}",
        differs="{0} network",
    )
    output: str = setting(
        Choice("what is guessed", NETWORK.output, OUTPUTS),
        Control(
            "What the last layer guesses",
            "From each of them the others follow, and the loss is that of ε for all three. Bet: why not simply guess "
            "the picture? Where does the loss by t differ, near t = 0 or near t = T?",
            names={"eps": "the noise ε", "x_0": "the picture x₀", "v": "a mixture of both, v"},
            group="experiments",
        ),
        about=f"what the last layer guesses: {', '.join(OUTPUTS)}",
        differs="guesses {0}",
    )
    times: str = setting(
        Choice("which t are trained", DEFAULTS.times, TIMES),
        Control(
            "Which t are trained",
            "A network for a single leap needs T alone, and may spend all its time on it. Bet: is its leap a clean "
            "digit? See it in One leap or many, with your network.",
            names={"only small t": "only the first tenth"},
            group="experiments",
        ),
        about=f"which t are trained: {', '.join(TIMES)}",
        differs="{0}",
    )
    learning_rate: float = setting(
        Real("the learning rate", DEFAULTS.learning_rate, 1e-6, 1.0),
        Control(
            "Learning rate",
            "How far each step goes. Too low: nothing moves. Too high: the loss jumps or breaks. Bet: at which rate "
            "does it break?",
            group="experiments",
        ),
        about="the highest, after a warm-up and before a cosine decay",
        differs="learning rate {0}",
    )
    batch: int = setting(
        Whole("the batch size", DEFAULTS.batch, 1, 512),
        Control(
            "Batch size",
            "Images in a step: small batches make many unsteady steps, large ones few steady ones. Bet: 8 or 256 for "
            "the same seconds?",
            group="experiments",
        ),
        about="images a step",
        differs="batch {0}",
    )
    seed: int = setting(
        Whole("the seed", DEFAULTS.seed, 0, MAX_SEED),
        Control("Seed of the initial weights"),
        about="fixes the initial weights, the batches and the noise",
    )

    def run(self, device: torch.device = CPU) -> TrainingRun:
        """Fresh random weights, ready to train on this device."""
        settings = replace(
            DEFAULTS, learning_rate=self.learning_rate, batch=self.batch, seed=self.seed, times=self.times
        )
        return TrainingRun(network(self.size, self.output), NoiseSchedule(self.schedule, self.T), settings, device)

    def fetch(self) -> digits.Digits:
        """All pictures of the data set; the first use of one that is not bundled downloads it. Raises FileNotFoundError
        where it cannot.
        """
        return digits.fashion_mnist() if self.dataset == FASHION else digits.clear()

    def data(self) -> tuple[Tensor, Tensor]:
        """The pictures of these classes: x_0 (N, 1, 28, 28) float32 in [-1, 1], and labels (N,) int64. Not to be
        written to: all who learn from them have the same.
        """
        every = self.fetch()
        chosen = np.isin(every.labels, self.classes)
        which = self.dataset, self.classes
        x_0 = IN_USE.get(which)
        if x_0 is None:
            x_0 = IN_USE[which] = to_images(every.pixels[chosen])
        return x_0, every.label_tensor()[torch.from_numpy(chosen)]

    def model(self, run: TrainingRun) -> Model:
        """What the run has learnt, to keep: its notes tell these settings."""
        model = finished(run)
        return replace(model, notes=model.notes | asdict(self))

    def differences(self) -> list[str]:
        """In words, all settings but the seed that are not the default."""
        chosen, usual = asdict(self), asdict(Experiment())
        return [
            Sentence(told.differs, f"{chosen[name]:g}" if isinstance(chosen[name], float) else words(chosen[name], " "))
            for name, told in described(Experiment).items()
            if told.differs and chosen[name] != usual[name]
        ]

    def command(self, budget: str, out: str) -> str:
        """The command line that trains exactly this. budget: "--seconds 60" or "--steps 500"."""
        options = (f"{flag(name)} {words(value, ',')}" for name, value in asdict(self).items())
        return " ".join(["python -m explorer train", budget, *options, f"--out {out}"])


def words(value: str | float | tuple[int, ...], apart: str) -> str:
    """A setting's value as a text; between several numbers stands `apart`."""
    return apart.join(map(str, value)) if isinstance(value, tuple) else str(value)


def flag(name: str) -> str:
    """The command line's option for a setting."""
    return "--" + name.replace("_", "-")
