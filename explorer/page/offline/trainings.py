"""The trainings that the page as one file can do, in parts: several have the same ones, and what belongs to a single
setting, as the batch's size, is put in when they are put together (widgets/offline/variants.js).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any, TypedDict

import numpy as np
import torch

from explorer.core.schedule import NoiseSchedule
from explorer.core.sentences import Sentence, sentence_of
from explorer.core.training import diverged
from explorer.core.unet import UNetConfig
from explorer.device.export import export, export_reader
from explorer.device.packing import scaled
from explorer.device.training_export import fitted, training_parts
from explorer.lab.experiment import DEFAULTS, Experiment, flag
from explorer.lab.reading import shipped
from explorer.lab.session import CHECKPOINT_STEPS, MAX_CHECKPOINTS, MAX_DRAWING_SHARE, LabUpdate, Training
from explorer.lab.trainings import REWOUND, TrainingRefused
from explorer.page.device_trainings import DRAWN, LOST
from explorer.page.offline import drawings
from explorer.page.offline.drawings import DrawingFacts, drawing_facts, varied_file
from explorer.page.offline.fitting import Fit, fit_files, fits
from explorer.page.payloads.texts import told
from explorer.page.payloads.training import lab_status
from explorer.page.tabs.train import COMMAND_OUT
from explorer.validation import InvalidSetting, checked, described
from explorer.widgets.base import Told

FOLDER = "explorer-trainings"
READER, FITTED, TABLES = f"{FOLDER}/reader.bin", f"{FOLDER}/fitted.bin", f"{FOLDER}/tables.json"
DECIDE = ("size", "output", "schedule", "T", "times")  # these settings decide what is computed
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"times": "only T"},
    {"times": "only small t"},
    {"output": "x_0"},
    {"output": "eps"},
    {"schedule": "linear"},
    {"size": "small"},
    {"T": 100},
    {"T": 10},
)
OTHERS = "This page can train with one of these changed at a time: {0}; and with T = {1}."
SHARED = ("rise", "fall", "decays")  # of the head: the same in all, but for the learning rate
ONLY_BUNDLED = "This page carries MNIST's digits alone: others need a server."
FITTED_BYTES = 2  # a number


class Variant(TypedDict):
    """settings: those of DECIDE; about: the file that tells the rest, see `trainings`."""

    settings: dict[str, Any]
    about: str


class TrainingFacts(TypedDict):
    """What the modules know at once. film_steps: of a checkpoint's film, at most. differs: how a setting that is not as
    usual is told; flags: the command line's.
    """

    variants: list[Variant]
    usual_rate: float
    differs: dict[str, str]
    flags: dict[str, str]
    out: str
    texts: dict[str, Told]
    drawn: int
    checkpoints: int
    film_steps: int
    drawing_share: float
    drawings: DrawingFacts
    fits: list[Fit]
    files: dict[str, str]


def trainings() -> tuple[dict[str, bytes], TrainingFacts]:
    """The files by their names, and what is known at once. Some ten seconds."""
    files, variants = {READER: export_reader(shipped()), FITTED: fitted_file(), drawings.FILE: varied_file()}, []
    files |= fit_files()

    def put(content: bytes, kind: str) -> str:
        name = f"{FOLDER}/{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
        files[name] = content
        return name

    updates: dict[UNetConfig, bytes] = {}
    networks: dict[tuple[UNetConfig, NoiseSchedule], str] = {}
    for change in CHANGES:
        experiment = Experiment(**change)
        run = experiment.run()
        config, schedule = run.network.config, run.schedule
        parts = training_parts(config, schedule, run.settings, updates.get(config, b""))
        updates[config] = parts.update
        files[TABLES] = _json({name: parts.head[name] for name in SHARED})  # type: ignore[literal-required]
        if (config, schedule) not in networks:
            networks[config, schedule] = put(network_file(experiment), "bin")
        about = {
            "head": {name: value for name, value in parts.head.items() if name not in SHARED},
            "gradient": put(parts.gradient, "gradient"),
            "update": put(parts.update, "update"),
            "model": networks[config, schedule],
            "network": asdict(config),
            "schedule": {"kind": schedule.kind, "T": schedule.T},
            "alpha_bar": put(schedule.alpha_bar.numpy().astype("<f8").tobytes(), "f64"),
        }
        settings = {name: getattr(experiment, name) for name in DECIDE}
        variants.append(Variant(settings=settings, about=put(_json(about), "json")))
    return files, facts(variants)


def network_file(experiment: Experiment) -> bytes:
    """The network that draws; a training's weights take the places of its own, which are zero."""
    model = experiment.model(experiment.run())
    with torch.no_grad():
        for weight in model.network.parameters():
            weight.zero_()
    return export(model)


def facts(variants: list[Variant]) -> TrainingFacts:
    """See TrainingFacts."""
    lengths = sorted({str(variant["settings"]["T"]) for variant in variants}, key=int)
    names = [field.rule.name for name, field in described(Experiment).items() if name in DECIDE]
    return {
        "variants": variants,
        "usual_rate": DEFAULTS.learning_rate,
        "differs": {name: field.differs for name, field in described(Experiment).items() if field.differs},
        "flags": {name: flag(name) for name in asdict(Experiment())},
        "out": COMMAND_OUT,
        "texts": texts(names, lengths),
        "drawn": DRAWN,
        "checkpoints": MAX_CHECKPOINTS,
        "film_steps": CHECKPOINT_STEPS,
        "drawing_share": MAX_DRAWING_SHARE,
        "drawings": drawing_facts(),
        "fits": fits(),
        "files": {"reader": READER, "fitted": FITTED, "tables": TABLES},
    }


def texts(names: list[str], lengths: list[str]) -> dict[str, Told]:
    """What is told of trainings, with places for numbers."""
    try:
        checked(Experiment, {"batch": 0})
    except InvalidSetting as error:
        refusal = sentence_of(error)
    try:
        raise TrainingRefused("there is no training of yours here yet: press start")
    except TrainingRefused as error:
        none = sentence_of(error)
    early = LabUpdate(problem=diverged("nan", 1), over=True)
    return {
        "refusal": told(refusal),
        "none": told(none),
        "lost": told(LOST),
        "rewound": told(REWOUND),
        "begun": told(lab_status(LabUpdate(run="it"))),
        "stopped": told(lab_status(LabUpdate(run="it", over=True))),
        "ended": told(lab_status(LabUpdate(run="it", over=True, progress=1))),
        "early": told(lab_status(early)),
        "others": told(Sentence(OTHERS, names, lengths)),
        "bundled": told(ONLY_BUNDLED),
    }


def fitted_file() -> bytes:
    """What is fitted to all digits before the first step, whole numbers in place of float32: each part's scales, one
    for each of its rows, then the numbers.
    """
    training = Training.fresh(Experiment(), 1)
    run = training.run
    numbers = torch.from_numpy(np.frombuffer(fitted(run.network.config, run.schedule, *training.data()), "<f4").copy())
    weights = dict(run.network.named_parameters())
    shapes = [value.shape for name, value in run.network.state_dict().items() if name not in weights]
    parts = numbers.split([shape.numel() for shape in shapes])
    return b"".join(scaled(part.reshape(shape), FITTED_BYTES) for part, shape in zip(parts, shapes))


def _json(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
