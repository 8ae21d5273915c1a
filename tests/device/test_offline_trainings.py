"""The page as one file puts trainings together as they are exported, and its files of weights are the core's."""

from __future__ import annotations

import base64
import json
import struct

import numpy as np
import pytest
import torch

from explorer.core import checkpoint
from explorer.core.training import fit_linear_guess, learning_rate
from explorer.device.training_export import FORMAT, decays, fall
from explorer.lab.experiment import Experiment
from explorer.page.offline import trainings
from explorer.page.offline.digit_files import digit_files
from tests.device.node import needs_node
from tests.device.offline_page import answered

ASKED = Experiment(size="small", batch=16, learning_rate=1e-3)
SCRIPT = """
const { fileInside } = await load("inside");
const { aboutVariant, dataOf, fittedTo, trainingOf, variantOf } = await load("variants");
const { readWeights, writeWeights } = await load("safetensors");
const { toBase64 } = await import(`${modules}/../numbers.js`);
const about = await aboutVariant(variantOf(asked.experiment));
const training = await fileInside(trainingOf(about, asked.experiment));
const { count, address } = await dataOf(about, asked.experiment.classes);
const data = await fileInside(address);
const read = readWeights(Uint8Array.from(atob(asked.weights), (letter) => letter.charCodeAt(0)).buffer);
const entries = Object.entries(read.tensors);
const of = (what) => Object.fromEntries(entries.map(([name, tensor]) => [name, tensor[what]]));
const written = writeWeights(read, of("shape"), of("numbers"));
let refused = "";
try {
  readWeights(new ArrayBuffer(20));
} catch (error) {
  refused = error.message;
}
const fitted = Object.values(await fittedTo(about)).map(toBase64);
const none = variantOf({ ...asked.experiment, T: 20 }) === undefined;
const parts = { training: toBase64(training), data: toBase64(data), written: toBase64(written) };
console.log(JSON.stringify({ ...parts, count, refused, fitted, none }));
"""


@pytest.fixture(scope="module")
def run():
    """The network before its first step, with what is fitted to the digits."""
    run = ASKED.run()
    fit_linear_guess(run, *ASKED.data())
    return run


@pytest.fixture(scope="module")
def answer(run):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainings, "CHANGES", ({"size": "small"},))
        files, known = trainings.trainings()
    weights = checkpoint.to_bytes(ASKED.model(run))
    asked = {"experiment": vars(ASKED), "weights": base64.b64encode(weights).decode()}
    return answered(SCRIPT, files | digit_files(), {"trainings": known}, asked)


@needs_node
def test_a_training_is_the_one_of_these_settings(answer, run):
    """Also for another batch and another learning rate than those of the parts."""
    made = base64.b64decode(answer["training"])
    begin = 16 + struct.unpack("<I", made[12:16])[0]
    head = json.loads(made[16:begin])
    assert made[:8] == FORMAT and struct.unpack("<I", made[8:12])[0] == len(made) and answer["none"]
    assert len(made) == begin + head["gradient"] + head["update"] and head["batch"] == ASKED.batch
    assert head["rise"] == pytest.approx([learning_rate(run.settings, step, 0) for step in range(50)])
    assert head["fall"] == pytest.approx(fall(run.settings)) and head["decays"] == pytest.approx(decays(run.settings))
    assert {name: list(weight.shape) for name, weight in run.network.named_parameters()} == head["weights"]


@needs_node
def test_what_is_learnt_from_is_what_a_server_gives(answer, run):
    x_0, label = ASKED.data()
    data = base64.b64decode(answer["data"])
    assert answer["count"] == len(label)
    np.testing.assert_array_equal(np.frombuffer(data[: len(label)], np.uint8), label.numpy())
    pixels = np.frombuffer(data[len(label) : len(label) * 785], np.uint8)
    np.testing.assert_array_equal(pixels, ((x_0 + 1) * 127.5).round().to(torch.uint8).numpy().ravel())
    weights = dict(run.network.named_parameters())
    fitted = [value for name, value in run.network.state_dict().items() if name not in weights]
    for found, exact in zip(answer["fitted"], fitted, strict=True):
        numbers = np.frombuffer(base64.b64decode(found), "<f4")
        np.testing.assert_allclose(numbers, exact.numpy().ravel(), atol=2e-5 * float(exact.abs().max()))


@needs_node
def test_a_file_of_weights_goes_to_and_fro(answer, run):
    model = checkpoint.from_bytes(base64.b64decode(answer["written"]))
    assert checkpoint.fingerprint(model) == checkpoint.fingerprint(ASKED.model(run))
    assert answer["refused"] == "this is not a whole safetensors file"
