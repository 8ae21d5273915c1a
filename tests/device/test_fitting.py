"""What is fitted to pictures before a training's first step is, on the device, what torch fits."""

from __future__ import annotations

import base64

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from explorer.core.linear_guess import PIXELS, Fitted, LinearGuess, fitted
from explorer.core.sampling import NULL_LABEL
from explorer.core.schedule import NoiseSchedule
from explorer.data import digits
from explorer.device.build import BUILDS
from explorer.device.export import export_function
from explorer.page.offline import fitting
from explorer.widgets.modules import FILES
from tests.device.node import needs_node
from tests.device.offline_page import answered
from tests.tiny import noise

SCHEDULE = NoiseSchedule("cosine")
ROOM, PICTURES = 320, 300
KERNELS = {name: FILES[f"device/{name}"] for name in BUILDS}
SCRIPT = """
const { fileInside } = await load("inside");
const { compile, load: opened } = await import(`${modules}/../device/graph.js`);
const { floatsOf, toBase64 } = await import(`${modules}/../numbers.js`);
const bytesOf = async (name) => (await fileInside(name)).slice().buffer;
const kernels = await compile(bytesOf);
const answers = [];
for (const { file, given, lengths } of asked) {
  const numbers = Object.fromEntries(Object.entries(given).map(([name, letters]) => [name, floatsOf(letters)]));
  const made = (await opened(await bytesOf(file), kernels)).compute(numbers, lengths);
  answers.push(Object.fromEntries(Object.entries(made).map(([name, all]) => [name, toBase64(all)])));
}
console.log(JSON.stringify(answers));
"""


def asked(file: str, given: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> dict:
    letters = {name: base64.b64encode(x.contiguous().numpy().tobytes()).decode() for name, x in given.items()}
    return {"file": file, "given": letters, "lengths": {name: x.numel() for name, x in wanted.items()}}


def found(answer: dict[str, str], wanted: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    made = {
        name: torch.frombuffer(bytearray(base64.b64decode(letters)), dtype=torch.float32)
        for name, letters in answer.items()
    }
    return {name: made[name].reshape(x.shape) for name, x in wanted.items()}


@needs_node
def test_a_fit_is_torchs(monkeypatch):
    """Of three digits, so that most labels have no pictures, and with places left: the guesses are the same."""
    monkeypatch.setattr(fitting, "ROOMS", (ROOM,))
    known = digits.bundled()
    chosen = torch.tensor(known.labels)
    of_three = torch.where((chosen == 2) | (chosen == 5) | (chosen == 6))[0][:PICTURES]
    images, label = known.images()[of_three], chosen[of_three]
    x, member = torch.zeros(ROOM, PIXELS), torch.zeros(ROOM, NULL_LABEL)
    x[:PICTURES], member[:PICTURES] = images.flatten(1), F.one_hot(label, NULL_LABEL).float()
    wanted = fitted(x, member)._asdict()
    [(name, file)] = fitting.fit_files().items()
    (answer,) = answered(SCRIPT, KERNELS | {name: file}, {}, [asked(name, {"x": x, "member": member}, wanted)])
    ours, theirs = (LinearGuess(NULL_LABEL + 1, SCHEDULE) for _ in range(2))
    theirs.fit(images, label)
    for field, value in found(answer, wanted).items():
        getattr(ours, field).copy_(value)
    t, labels = torch.tensor([1, 50, 300, 1000]).repeat(4), torch.tensor([2, 5, 6, 3]).repeat_interleave(4)
    x_t = SCHEDULE.q_sample(images[:16], t, noise(16, 1, 28, 28))
    assert_close(ours(x_t, t, labels), theirs(x_t, t, labels), rtol=0, atol=1e-3)
    assert list(wanted) == list(Fitted._fields)


@needs_node
@pytest.mark.parametrize("kind", ["of chance", "of few directions", "diagonal", "of nothing"])
def test_values_and_vectors_of_symmetric_matrices(kind):
    n = 21
    a = noise(3, n, n if kind == "of chance" else 4)
    x = {"diagonal": torch.diag_embed(noise(3, n)), "of nothing": torch.zeros(3, n, n)}.get(kind, a @ a.mT)
    file = export_function(lambda x: torch.linalg.eigh(x), {"x": x}, ("values", "vectors"))
    wanted = dict(zip(("values", "vectors"), torch.linalg.eigh(x.double())))
    (answer,) = answered(SCRIPT, KERNELS | {"eigh.bin": file}, {}, [asked("eigh.bin", {"x": x}, wanted)])
    values, vectors = found(answer, wanted).values()
    assert_close(values, wanted["values"].float(), rtol=1e-5, atol=1e-5)
    assert_close(vectors.mT @ vectors, torch.eye(n).expand(3, n, n), rtol=0, atol=1e-5)
    assert_close(vectors @ torch.diag_embed(values) @ vectors.mT, x, rtol=0, atol=1e-4)
