"""The device's runtime in real browsers: what they guess and draw is what torch does."""

from __future__ import annotations

import os

import pytest
import torch

from explorer.cli.device_page import folder_served, lay_out_modules
from explorer.core import checkpoint
from explorer.core.precision import exact
from explorer.core.sampling import draw_noise, trajectory_generator
from explorer.core.training import TrainingRun, train
from explorer.device.export import export
from explorer.lab.recipe import SCHEDULE
from tests.browser.firefox import FIREFOX, running
from tests.device.test_graph import WEIGHTS, asked
from tests.device.test_training import CONFIG, SETTINGS, bundled, files_of

PICTURES = 100  # every part of the schedule and every label is among them
SEED = 12

# The largest differences from what torch has written down, and which of the two builds was fetched.
DIFFERENCES = """async () => {
  const { compile, load } = await import("./device/graph.js");
  const { Generator } = await import("./device/randn.js");
  const bytes = (name) => fetch(name).then((answer) => answer.arrayBuffer());
  const numbers = async (name) => new Float32Array(await bytes(name));
  let build;
  const kernels = await compile((name) => bytes(`device/${(build = name)}`));
  const network = await load(await bytes("model.bin"), kernels);
  const [x_t, t, label, wanted, noise] = await Promise.all(["x_t", "t", "label", "eps_hat", "noise"].map(numbers));
  const furthest = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
  const guess = network.run({ x_t, t: [...t], label: [...label] });
  return { build, guess: furthest(guess, wanted), noise: furthest(new Generator(SEED).normal(noise.length), noise) };
}""".replace("SEED", str(SEED))


# The losses of a training by two workers, which another then breaks off in the middle of a step.
LOSSES = """async () => {
  const { compile } = await import("./device/graph.js");
  const { Training } = await import("./device/training.js");
  const bytes = (name) => fetch(name).then((answer) => answer.arrayBuffer());
  const kernels = await compile((name) => bytes(`device/${name}`));
  const [file, fitted, pictures, labels] = await Promise.all(["file", "fitted", "pictures", "labels"].map(bytes));
  const training = await Training.open({ file, kernels, threads: 2 });
  const data = { pictures: new Uint8Array(pictures), labels: new Uint8Array(labels), fitted };
  await training.begin({ seed: SEED, ...data });
  const losses = [];
  for await (const { loss } of training.steps({ steps: STEPS })) losses.push(loss);
  const broken = training.averages().catch(({ trouble }) => trouble);
  training.close();
  return { losses, broken: await broken };
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("device")


@pytest.fixture(scope="module")
def served(folder):
    """The runtime, the pretrained network as it travels, what it is asked, and what torch answers."""
    lay_out_modules(folder)
    (folder / "index.html").write_text("<!doctype html><title>the device</title>")
    model = checkpoint.load(WEIGHTS)
    asks = asked(model, export(model), PICTURES)
    (folder / "model.bin").write_bytes(asks.file)
    with torch.no_grad():
        eps_hat = model.network(asks.x_t, asks.t, asks.label)
    noise = draw_noise([trajectory_generator(SEED)])
    given = {"x_t": asks.x_t, "t": asks.t, "label": asks.label, "eps_hat": eps_hat, "noise": noise}
    for name, tensor in given.items():
        (folder / name).write_bytes(tensor.float().numpy().tobytes())
    with folder_served(folder) as url:
        yield url


def test_chromium_guesses_what_torch_guesses(page, served):
    page.goto(served)
    found = page.evaluate(DIFFERENCES)
    assert found["guess"] < 2e-3 and found["noise"] < 1e-5
    assert found["build"] == "kernels_relaxed.wasm"


@pytest.mark.skipif(FIREFOX is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Firefox on this machine")
def test_so_does_firefox(served, tmp_path):
    with running(tmp_path) as firefox:
        firefox.open(served)
        found = firefox.evaluate(DIFFERENCES)
    assert found["guess"] < 2e-3 and found["noise"] < 1e-5


def test_chromium_trains_as_torch_does(page, served, folder):
    for name, content in files_of().items():
        (folder / name).write_bytes(content)
    run = TrainingRun(CONFIG, SCHEDULE, SETTINGS)
    with exact():
        losses = [step.loss for step in train(run, *bundled(), steps=3)]
    page.goto(served)
    found = page.evaluate(LOSSES.replace("SEED", str(SETTINGS.seed)).replace("STEPS", "3"))
    assert found == {"losses": pytest.approx(losses, rel=1e-3), "broken": "closed"}
