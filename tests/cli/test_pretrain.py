"""python -m explorer pretrain: resumed, begun with a model, refused."""

from __future__ import annotations

import errno
import os
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from torch.testing import assert_close

from explorer.cli import pretrain as pretraining
from explorer.cli.main import main
from explorer.core import checkpoint
from explorer.core.training import TrainingDiverged
from explorer.core.unet import UNetConfig
from explorer.data import digits
from tests.cli.test_cli import one_line
from tests.tiny import TINY


@pytest.fixture
def fake_mnist(tmp_path, monkeypatch):
    """A folder with 40 random training digits in MNIST's own format, and pretraining on a tiny network with frequent
    checkpoints.
    """
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    numbers = np.random.default_rng(0)
    for name, count in (("train", 40), ("t10k", 10)):
        (raw / f"{name}-images-idx3-ubyte").write_bytes(
            struct.pack(">IIII", 2051, count, 28, 28) + numbers.integers(0, 256, (count, 28, 28), np.uint8).tobytes()
        )
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 2049, count) + numbers.integers(0, 10, count, np.uint8).tobytes()
        )
    monkeypatch.setattr(pretraining, "NETWORK", UNetConfig(**TINY, output="v"))
    monkeypatch.setattr(pretraining, "SAVE_EVERY", 2)
    return tmp_path / "data"


def pretrain_argv(data: Path, out: Path, steps: int = 7, batch: int = 4, *more) -> list[str]:
    return [
        "pretrain",
        "--data",
        str(data),
        "--out",
        str(out),
        "--steps",
        str(steps),
        "--batch",
        str(batch),
        *map(str, more),
    ]


def cut_off_after(steps: int, monkeypatch) -> None:
    """Pretraining is killed right after so many steps of this session (KeyboardInterrupt is what Ctrl-C is)."""
    real = pretraining.train

    def short(*args, **kwargs):
        for count, step in enumerate(real(*args, **kwargs)):
            if count == steps:
                raise KeyboardInterrupt
            yield step

    monkeypatch.setattr(pretraining, "train", short)


def test_pretraining_goes_on_where_it_was_cut_off(fake_mnist, tmp_path, monkeypatch):
    """Cut off between two checkpoints and resumed with the same options: bit by bit the weights of an
    undisturbed run.
    """
    straight, broken = tmp_path / "straight.safetensors", tmp_path / "broken.safetensors"
    assert main(pretrain_argv(fake_mnist, straight)) == 0
    with monkeypatch.context() as patch:
        cut_off_after(5, patch)
        with pytest.raises(KeyboardInterrupt):
            main(pretrain_argv(fake_mnist, broken))
    assert checkpoint.load(broken).notes["steps"] == 4  # the last checkpoint; the model is there, too
    assert main(pretrain_argv(fake_mnist, broken)) == 0
    a, b = checkpoint.load(straight), checkpoint.load(broken)
    assert a.notes["steps"] == b.notes["steps"] == 7
    for (name, x), (_, y) in zip(a.network.state_dict().items(), b.network.state_dict().items(), strict=True):
        assert_close(x, y, rtol=0, atol=0, msg=lambda text, name=name: f"{name}: {text}")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("other", [("--batch", 5), ("--seed", 1), ("--learning-rate", 0.01)], ids=str)
def test_a_state_of_other_options_is_refused(fake_mnist, tmp_path, capsys, other):
    """Resuming with another batch size, seed or learning rate would give a run that neither set of options
    describes.
    """
    out = tmp_path / "m.safetensors"
    assert main(pretrain_argv(fake_mnist, out, 3)) == 0
    assert ".state" in one_line(capsys, *pretrain_argv(fake_mnist, out, 5, 4, *other))


def test_a_state_of_another_network_is_refused(fake_mnist, tmp_path, capsys, monkeypatch):
    """The network's shape has changed since: one line that says what to do."""
    out = tmp_path / "m.safetensors"
    assert main(pretrain_argv(fake_mnist, out, 3)) == 0
    monkeypatch.setattr(pretraining, "NETWORK", UNetConfig(widths=(16,), depth=(1,), embedding=16))
    assert ".state" in one_line(capsys, *pretrain_argv(fake_mnist, out, 5))


@pytest.mark.parametrize(
    "content", [b"", b"garbage" * 30, b"PK\x03\x04" + b"\0" * 100], ids=["empty", "garbage", "broken zip"]
)
def test_a_broken_state_is_refused(fake_mnist, tmp_path, capsys, content):
    """A state file that cannot be read: one line, no traceback, and nothing is overwritten."""
    out = tmp_path / "m.safetensors"
    state = tmp_path / "m.safetensors.state"
    state.write_bytes(content)
    one_line(capsys, *pretrain_argv(fake_mnist, out, 5))
    assert state.read_bytes() == content and not out.exists()


def test_pretraining_begins_with_another_model(fake_mnist, tmp_path, capsys, monkeypatch):
    """A start of the same shape gives its weights and is told in the notes; one of another shape is refused, and so is
    a state with another start.
    """
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    assert main(pretrain_argv(fake_mnist, first, 3)) == 0
    assert main(pretrain_argv(fake_mnist, second, 1, 4, "--start", first, "--learning-rate", 0)) == 0
    for x, y in zip(
        checkpoint.load(first).network.state_dict().values(),
        checkpoint.load(second).network.state_dict().values(),
        strict=True,
    ):
        assert_close(x, y)
    assert checkpoint.load(second).notes["start"] == "3 steps with MNIST, 40 training digits"
    third = tmp_path / "third.safetensors"
    assert main(pretrain_argv(fake_mnist, third, 1, 4, "--start", second)) == 0
    assert (
        checkpoint.load(third).notes["start"]
        == "3 steps with MNIST, 40 training digits, then 1 steps with MNIST, 40 training digits"
    )
    assert ".state" in one_line(capsys, *pretrain_argv(fake_mnist, second, 2, 4, "--learning-rate", 0))
    monkeypatch.setattr(pretraining, "NETWORK", UNetConfig(widths=(16,), depth=(1,), embedding=16))
    assert "another network" in one_line(
        capsys, *pretrain_argv(fake_mnist, tmp_path / "fourth.safetensors", 1, 4, "--start", first)
    )


def test_pretraining_leaves_out_what_cannot_be_read(fake_mnist, tmp_path, capsys, monkeypatch):
    """A quarter of the 40 digits, found once and kept for the next time; the notes say how many are left."""
    asked, seen = [], []

    def certainty(data, progress):
        asked.append(len(data))
        return np.linspace(0, 1, len(data), dtype=np.float32)

    real = pretraining.train
    monkeypatch.setattr(pretraining, "legibility", certainty)
    monkeypatch.setattr(
        pretraining, "train", lambda run, x_0, label, **budget: seen.append(x_0) or real(run, x_0, label, **budget)
    )
    out = tmp_path / "m.safetensors"
    for steps in (2, 3):
        assert main(pretrain_argv(fake_mnist, out, steps, 4, "--leave-out", 0.25)) == 0
    assert asked == [40] and checkpoint.load(out).notes["data"] == "MNIST, 30 training digits"
    for x_0 in seen:
        assert_close(x_0, digits.mnist(fake_mnist).images()[10:])
    assert ".state" in one_line(capsys, *pretrain_argv(fake_mnist, out, 5))
    np.save(tmp_path / "m.safetensors.legibility.npy", np.zeros(7, np.float32))
    assert "other digits" in one_line(capsys, *pretrain_argv(fake_mnist, out, 5, 4, "--leave-out", 0.25))


def test_a_broken_data_file_is_refused(fake_mnist, tmp_path, capsys):
    """idx files of the wrong length: one line, no traceback."""
    file = fake_mnist / "MNIST" / "raw" / "train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:-100])
    one_line(capsys, *pretrain_argv(fake_mnist, tmp_path / "m.safetensors", 5))


def test_a_run_that_diverges_says_so(fake_mnist, tmp_path, capsys, monkeypatch):
    """The loss is no longer a number: one line and exit code 2, not a traceback."""

    def diverge(*args, **kwargs):
        raise TrainingDiverged("the loss became nan at step 1: try a lower learning rate")
        yield

    monkeypatch.setattr(pretraining, "train", diverge)
    assert "learning rate" in one_line(capsys, *pretrain_argv(fake_mnist, tmp_path / "m.safetensors", 5))


def test_a_full_disk_ends_the_run_with_its_model_kept(fake_mnist, tmp_path, capsys, monkeypatch):
    """The model and the state of earlier steps stay as they were, no part is left, and the run can go on."""
    out = tmp_path / "results" / "m.safetensors"
    assert main(pretrain_argv(fake_mnist, out, steps=2)) == 0
    before = {path.name: path.read_bytes() for path in out.parent.iterdir()}
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.parent == out.parent:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(self, target)

    with monkeypatch.context() as disk:
        disk.setattr(Path, "replace", full)
        disk.setattr(tempfile, "tempdir", str(tmp_path))
        said = one_line(capsys, *pretrain_argv(fake_mnist, out, steps=6))
    kept = Path(said.split("with its model in ")[1].split(", and goes on")[0])
    assert "ended at step 4" in said and checkpoint.load(kept).notes["steps"] == 4
    assert {path.name: path.read_bytes() for path in out.parent.iterdir()} == before
    assert main(pretrain_argv(fake_mnist, out, steps=6)) == 0
