"""The device's runtime in real browsers: what they guess and draw is what torch does."""

from __future__ import annotations

import os
import shutil

import pytest
import torch

from explorer.cli.device_page import folder_served
from explorer.core import checkpoint
from explorer.core.sampling import draw_noise, trajectory_generator
from explorer.device.build import TARGET
from explorer.device.export import export
from tests.browser.firefox import FIREFOX, running
from tests.device.test_graph import WEIGHTS, asked

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


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The runtime, the pretrained network as it travels, what it is asked, and what torch answers."""
    folder = tmp_path_factory.mktemp("device")
    shutil.copytree(TARGET, folder / "device")
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
