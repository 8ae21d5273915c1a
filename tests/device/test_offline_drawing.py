"""A drawing made into a picture in JavaScript is, but for a few grey levels, what Python makes of it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.data import pictures
from explorer.data.augment import augmented
from explorer.device.build import BUILDS
from explorer.page.experiment_form import NO_DRAWING
from explorer.page.offline.drawings import FILE, drawing_facts, varied_file
from explorer.page.offline.facts import drawing_rules
from explorer.widgets.modules import FILES
from tests.device.offline_page import answered

NODE = shutil.which("node")
MODULE = Path(__file__).parents[2] / "explorer" / "widgets" / "offline" / "drawing.js"
SCRIPT = """
import { drawn } from %s;
let text = "";
for await (const part of process.stdin) text += part;
const { drawings, rules } = JSON.parse(text);
console.log(JSON.stringify(drawings.map((drawing) => [...drawn(drawing, rules)])));
"""
PEN = 1 / 11
CIRCLE = [[0.5 + 0.3 * np.cos(a), 0.5 + 0.4 * np.sin(a)] for a in np.linspace(0, 2 * np.pi, 40)]
DRAWINGS = {
    "a one": [[[0.5, 0.1], [0.48, 0.5], [0.5, 0.9]]],
    "a seven": [[[0.2, 0.2], [0.5, 0.19], [0.8, 0.2], [0.6, 0.5], [0.4, 0.9]]],
    "a four": [[[0.3, 0.1], [0.25, 0.5], [0.7, 0.5]], [[0.65, 0.15], [0.62, 0.9]]],
    "a zero": [CIRCLE],
    "a small zero": [[[0.25 + (x - 0.5) / 3, 0.3 + (y - 0.5) / 3] for x, y in CIRCLE]],
}


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
def test_drawings_become_the_same_pictures():
    drawings = [{"pen": PEN, "strokes": strokes} for strokes in DRAWINGS.values()]
    run = ["node", "--input-type=module", "-e", SCRIPT % json.dumps(MODULE.as_uri())]
    asked = json.dumps({"drawings": drawings, "rules": drawing_rules()})
    done = subprocess.run(run, input=asked, capture_output=True, text=True, timeout=60, check=True)
    for name, drawing, found in zip(DRAWINGS, drawings, json.loads(done.stdout), strict=True):
        wanted = pictures.drawn(drawing).pixels().astype(int)
        made = np.array(found).reshape(28, 28)
        # a centre of mass in the middle between two pixels may go to either
        moved = [np.roll(made, (down, across), (0, 1)) for down in (-1, 0, 1) for across in (-1, 0, 1)]
        alike = max(np.corrcoef(wanted.ravel(), each.ravel())[0, 1] for each in moved)
        assert alike > 0.95 and abs(wanted.sum() / made.sum() - 1) < 0.12, (name, alike, wanted.sum() / made.sum())


VARY = """
const { drawingsOf, variedPictures, drawnData } = await load("own_drawings");
const { toBase64 } = await import(`${modules}/../numbers.js`);
const drawings = asked.pictures.map((letters, k) => ({
  grey: Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0)),
  label: asked.labels[k],
}));
const { fileInside } = await load("inside");
const { count, address } = drawnData({ head: { fitted: {} } }, drawings, asked.seed);
const refused = [];
for (const held of [drawings, []])
  try {
    drawingsOf({ value: (name) => ({ "train-data": facts.trainings.drawings.data, "train-drawings": held })[name] });
  } catch (error) {
    refused.push(error.told);
  }
console.log(JSON.stringify({ count, refused, data: toBase64(await fileInside(address)) }));
"""


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
@pytest.mark.parametrize("seed", [0, 123_456])
def test_drawings_are_varied_as_torch_varies_them(seed):
    """All 1,200 pictures, from torch's own random numbers."""
    made = [pictures.drawn({"pen": PEN, "strokes": strokes}) for strokes in DRAWINGS.values()]
    drawn = [replace(picture, label=7 - k) for k, picture in enumerate(made)]
    wanted, labels = augmented(drawn, seed)
    kernels = {name: FILES[f"device/{name}"] for name in BUILDS}
    asked = {
        "pictures": [base64.b64encode(drawing.grey).decode() for drawing in drawn],
        "labels": [drawing.label for drawing in drawn],
        "seed": seed,
    }
    found = answered(VARY, {FILE: varied_file(), **kernels}, {"trainings": {"drawings": drawing_facts()}}, asked)
    data, count = base64.b64decode(found["data"]), found["count"]
    assert count == len(labels) == len(drawn) + 1200 and found["refused"] == [NO_DRAWING]
    np.testing.assert_array_equal(np.frombuffer(data[:count], np.uint8), labels.numpy())
    numbers = np.frombuffer(data[count:], "<f4").reshape(wanted.shape)
    np.testing.assert_allclose(numbers, wanted.numpy(), atol=1e-5)
