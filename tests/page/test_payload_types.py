"""What Python sends and what the JavaScript takes it for are the same types."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import typing
from pathlib import Path

import pytest

from tests.payload_types import OUT, payloads, type_name, written

CHECKS = OUT.parents[2] / ".ci" / "javascript"
TSC = CHECKS / "node_modules" / ".bin" / "tsc"
# Of each module that gets values, a field that Python might call otherwise one day, and in whose place that would hurt.
RENAMED = {
    "algorithm.js": ("AlgorithmMoment", "numbers"),
    "answers.js": ("Likeness", "correlations"),
    "class_asking.js": ("QuestionEntry", "truth"),
    "class_drawings.js": ("ClassDrawing", "pixels"),
    "class_link.js": ("OpenedClass", "secret"),
    "class_poll.js": ("PollResult", "near"),
    "classroom.js": ("ClassroomValue", "lessons"),
    "desk.js": ("DeskValue", "strip"),
    "device_endings.js": ("FilmEnding", "into"),
    "device_films.js": ("DeviceJob", "again"),
    "device_rescue.js": ("RescueJob", "bet"),
    "device_steps.js": ("LookJob", "film"),
    "film.js": ("FilmValue", "total"),
    "guess.js": ("GuessValue", "bounds"),
    "guessers.js": ("Guesser", "error"),
    "lab.js": ("LabValue", "seconds_left"),
    "lab_device.js": ("TrainingJob", "training"),
    "language.js": ("LanguageValue", "names"),
    "leaps.js": ("LeapsValue", "ends"),
    "link_maker.js": ("QrCode", "rows"),
    "lesson_bar.js": ("ViewShown", "lesson"),
    "map.js": ("MapValue", "views"),
    "map_crowd.js": ("CrowdNews", "places"),
    "map_places.js": ("MapFile", "unit"),
    "plane.js": ("Plane", "unit"),
    "stage.js": ("SceneEntry", "blocks"),
    "status_line.js": ("Pulse", "waiting"),
    "tiles.js": ("Tile", "note"),
    "translate.js": ("Text", "values"),
    "two_ways.js": ("Way", "density"),
    "worksheet.js": ("LessonEntry", "look_for"),
    "words.js": ("WordsValue", "sentence"),
    "upload.js": ("UploadValue", "sentence"),
}
RETYPED = "DeskSchedule", "signal"  # a text in place of its numbers


def test_the_typedefs_are_those_of_the_payloads():
    assert OUT.read_text(encoding="utf-8") == written(payloads()), "run python -m tests.payload_types"


def test_every_module_that_receives_values_is_tried_here():
    receiving = {path.name for path in OUT.parent.glob("*.js") if "@import {" in path.read_text(encoding="utf-8")}
    assert receiving == set(RENAMED)


def test_a_type_that_no_payload_has_had_yet_is_a_mistake_at_once():
    with pytest.raises(TypeError):
        type_name(tuple[int, str])


def drifted(kind: type) -> type:
    """A payload as it would be if Python called one of its fields otherwise, or sent a text in its place."""
    fields = typing.get_type_hints(kind, include_extras=True)
    (renamed,) = [field for name, field in RENAMED.values() if name == kind.__name__] or [""]
    if not renamed and kind.__name__ != RETYPED[0]:
        return kind
    changed = {f"{field}_" if field == renamed else field: hint for field, hint in fields.items()}
    if kind.__name__ == RETYPED[0]:
        changed[RETYPED[1]] = str
    return typing.TypedDict(kind.__name__, changed)  # type: ignore[operator] # made while it runs


def complaints(folder: Path, typedefs: str) -> str:
    """What tsc says of the widgets' JavaScript with these typedefs."""
    folder.mkdir()
    for path in OUT.parent.glob("*.js"):
        shutil.copy(path, folder)
    (folder / OUT.name).write_text(typedefs, encoding="utf-8")
    settings = json.loads((CHECKS / "tsconfig.json").read_text(encoding="utf-8")) | {"include": ["*.js"]}
    (folder / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run([TSC], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout


@pytest.mark.skipif(not TSC.exists() and not os.environ.get("REQUIRE_BROWSER"), reason="tsc comes with .ci/lint")
def test_tsc_fails_where_python_and_javascript_disagree(tmp_path):
    """For each drift it names the module that would be wrong. (As they are it has nothing to say: see .ci/lint.)"""
    found = complaints(tmp_path / "drifted", written(map(drifted, payloads())))
    for name, (_, field) in RENAMED.items():
        assert re.search(rf"^{name}.*'{field}'", found, re.MULTILINE), (name, found)
    assert re.search(r"^desk.js.*'toFixed' does not exist on type 'string'", found, re.MULTILINE), found
