"""The models that films can be made with: the pretrained one, the perfect guesser, two that only leap, and those
trained while the app runs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import torch

from explorer.core import changed_file
from explorer.core.checkpoint import Model, fingerprint, from_bytes, load, read_schedule, to_bytes
from explorer.core.devices import CPU
from explorer.core.inference import FrozenNetwork
from explorer.core.perfect_guess import PerfectGuesser
from explorer.core.sampling import NULL_LABEL, Network
from explorer.core.schedule import PAPER_T, NoiseSchedule
from explorer.data import digits

PRETRAINED = "pretrained"
ONLY_T = "only T"  # one of core.objective.TIMES
PERFECT = "perfect"  # no network: the exact average over the bundled digits, see core/perfect_guess.py
TAUGHT = "leaper"  # a student of the pretrained one that leaps in one step, see core/distillation.py
UNTAUGHT = "t-alone"  # as large as the Train tab's and trained for as long, but for t = T alone, by digits
BUILT_IN = (PRETRAINED, PERFECT, TAUGHT, UNTAUGHT)  # held by every server, and never let go
ALL_LABELS = tuple(range(NULL_LABEL))
HELD_MODELS = 64  # trained ones, about 4 MB each
WEIGHTS = Path(__file__).parents[2] / "weights"
PRETRAINED_FILE = WEIGHTS / "mnist-ddpm.safetensors"
TAUGHT_FILE = WEIGHTS / "leaper.safetensors"
UNTAUGHT_FILE = WEIGHTS / "t-alone.safetensors"


class UnknownModel(KeyError):
    """No model of that name is held (any longer)."""

    def __str__(self) -> str:
        return "this model is no longer held by the server: train it again, or use the pretrained one"


def learnt(model: Model) -> tuple[int, ...]:
    """The labels that a model was trained on, as its notes tell them; all ten where they tell nothing."""
    told = model.notes.get("classes")
    known = {label for label in told if label in ALL_LABELS} if isinstance(told, list | tuple) else set()
    return tuple(sorted(map(int, known))) or ALL_LABELS


def only_leaps(model: Model) -> bool:
    """Whether a model was trained for t = T alone, as its notes tell: one step is all that it ever does."""
    return bool(model.notes.get("times") == ONLY_T)


def load_any(path: Path) -> Model:
    """A model from its file, also from one that tells only what was changed in the pretrained one. Raises
    CheckpointError for anything else.
    """
    return changed_file.load(path, load(PRETRAINED_FILE)) if changed_file.is_one(path) else load(path)


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to make films. learnt: the labels that it was trained on; only_leaps: see above; steps: of its
    training, as its notes tell, 0 where they do not; from_file: whether a viewer has brought it.
    """

    network: Network
    schedule: NoiseSchedule
    learnt: tuple[int, ...] = ALL_LABELS
    only_leaps: bool = False
    steps: int = 0
    from_file: bool = False
    file: bytes = b""  # as checkpoint.to_bytes writes it; empty for those that are built in


class ModelStore:
    """Models by name. Those that are built in are made at their first use; of the trained ones only the latest
    used are held.
    """

    def __init__(self, pretrained: Path = PRETRAINED_FILE, held: int = HELD_MODELS, device: torch.device = CPU) -> None:
        """device: where the networks compute."""
        self._pretrained, self._held, self.device = pretrained, held, device
        self._models: OrderedDict[str, LoadedModel] = OrderedDict()
        self._weights: Model | None = None  # the pretrained model as its file has it
        self._schedule: NoiseSchedule | None = None  # of the pretrained model, as its file's header has it
        self._lock = threading.Lock()

    def add(self, model: Model, *, from_file: bool = False) -> str:
        """Hold a trained model and return its name, made from its content. The oldest beyond the limit is let go."""
        name, steps = fingerprint(model), model.notes.get("steps")
        # not recorded: torch keeps every recording for as long as the process lives, and there may be hundreds of
        # trainings a day
        loaded = LoadedModel(
            FrozenNetwork(model.network, trace=False, device=self.device),
            model.schedule,
            learnt(model),
            only_leaps(model),
            steps if isinstance(steps, int) else 0,
            from_file,
            to_bytes(model),
        )
        with self._lock:
            self._models[name] = loaded
            self._models.move_to_end(name)
            trained = [key for key in self._models if key not in BUILT_IN]
            for key in trained[: -self._held]:
                del self._models[key]
        return name

    def holds(self, name: str) -> bool:
        """Whether `get` answers at once, without reading a file."""
        return name in self._models

    def pretrained(self) -> Model:
        """The pretrained model as it was trained, in float32 and evaluation mode, for what needs gradients or exact
        weights. Its file is read once, and everybody gets the same object: copy the network before you change it.

        Raises CheckpointError if the file cannot be read.
        """
        with self._lock:
            return self._read()

    def whole(self, name: str) -> Model:
        """A model as it was trained, as `pretrained`. Raises UnknownModel, also for what is no network."""
        if name == PRETRAINED:
            return self.pretrained()
        file = self.get(name).file
        if not file:
            raise UnknownModel(name)
        return from_bytes(file)

    def pretrained_schedule(self) -> NoiseSchedule:
        """The schedule of the pretrained model, without reading its weights. Raises CheckpointError as `pretrained`."""
        if self._schedule is None:
            self._schedule = read_schedule(self._pretrained)
        return self._schedule

    def schedule_of(self, name: str) -> NoiseSchedule:
        """The schedule of a model; no weights are read. Raises UnknownModel, and CheckpointError as `pretrained`."""
        if name in BUILT_IN:
            return self.pretrained_schedule()
        return self.get(name).schedule

    def held(self, name: str) -> LoadedModel | None:
        """A model that `get` would give at once; None for any other."""
        return self._models.get(name)

    def learnt_by(self, name: str) -> tuple[int, ...]:
        """The labels that a model was trained on; all ten for one that is not held here, now."""
        held = self._models.get(name)
        return ALL_LABELS if held is None else held.learnt

    def leapers(self, own: str | None, T: int) -> tuple[str, ...]:
        """The models that leap from t = T in one step, for a race of models of T steps: one that was trained for t = T
        alone, the viewer's `own` or else the shipped one, and the shipped one that was taught by the walker. These two
        belong to the shipped pretrained model: to its schedule, and to what it walks to.
        """
        held = self._models.get(own) if own else None
        mine = (own,) if own and held is not None and held.only_leaps and held.schedule.T == T else ()
        return (*(mine or (UNTAUGHT,)), TAUGHT) if T == PAPER_T and self._pretrained == PRETRAINED_FILE else mine

    def _read(self) -> Model:
        if self._weights is None:
            self._weights = load(self._pretrained)
        return self._weights

    def get(self, name: str) -> LoadedModel:
        """Raises UnknownModel, or CheckpointError if the pretrained weights cannot be read."""
        with self._lock:
            if name == PRETRAINED and name not in self._models:
                model = self._read()
                self._models[name] = LoadedModel(
                    FrozenNetwork(model.network, device=self.device), model.schedule, learnt(model)
                )
            if name == PERFECT and name not in self._models:
                known, schedule = digits.bundled(), self.pretrained_schedule()
                self._models[name] = LoadedModel(
                    PerfectGuesser(known.images(), known.label_tensor(), schedule), schedule
                )
            if name in (TAUGHT, UNTAUGHT) and name not in self._models:
                model = changed_file.load(TAUGHT_FILE, self._read()) if name == TAUGHT else load(UNTAUGHT_FILE)
                self._models[name] = LoadedModel(
                    FrozenNetwork(model.network, trace=False, device=self.device), model.schedule, only_leaps=True
                )
            if name not in self._models:
                raise UnknownModel(name)
            self._models.move_to_end(name)
            return self._models[name]
