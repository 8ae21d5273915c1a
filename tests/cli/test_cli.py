"""python -m explorer: what it writes, that it can be repeated, and how it fails."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from explorer.cli import sample_batch, sample_train
from explorer.cli.main import main
from explorer.core import checkpoint
from explorer.core.training import train
from tests.tiny import tiny_model

ROOT = Path(__file__).parents[2]


@pytest.fixture
def weights(tmp_path, float32):
    """A tiny model's file; networks run in float32."""
    path = tmp_path / "tiny.safetensors"
    checkpoint.save(tiny_model(), path)
    return path


def sample(weights: Path, out: Path, *more: str) -> dict[str, np.ndarray]:
    assert main(["sample", "--weights", str(weights), "--out", str(out), "--steps", "6", *more]) == 0
    with np.load(out) as file:
        return dict(file)


def complaint(capsys, *argv) -> str:
    """The last line on stderr of a command that must end with code 2, by itself or through argparse."""
    capsys.readouterr()
    try:
        code = main([str(arg) for arg in argv])
    except SystemExit as leaving:
        code = leaving.code
    err = capsys.readouterr().err
    assert code == 2 and "Traceback" not in err
    return err.strip().splitlines()[-1]


def one_line(capsys, *argv) -> str:
    """The same where the command itself complains: that line is all there is (after a progress bar, if any)."""
    line = complaint(capsys, *argv)
    assert line.startswith(f"python -m explorer {argv[0]}: ") and len(line) > len(argv[0]) + 25
    return line


# ---- sample ------------------------------------------------------------------------------------------------------


def test_sample_writes_pictures_and_labels(weights, tmp_path):
    """images uint8 (N, 28, 28) and labels int64 (N,) cycling through 0..9, at exactly the path given, folders made."""
    out = tmp_path / "new" / "digits.data"
    got = sample(weights, out, "--n", "23")
    assert sorted(got) == ["images", "labels"] and out.is_file()
    assert got["images"].shape == (23, 28, 28) and got["images"].dtype == np.uint8
    assert got["labels"].dtype == np.int64 and got["labels"].tolist() == [i % 10 for i in range(23)]
    assert len(np.unique(got["images"])) > 10


def test_sample_of_one_digit(weights, tmp_path):
    """--label draws that digit only; the label matters to the pictures."""
    got = sample(weights, tmp_path / "a.npz", "--n", "3", "--label", "7")
    assert got["labels"].tolist() == [7, 7, 7]
    assert not np.array_equal(got["images"], sample(weights, tmp_path / "b.npz", "--n", "3", "--label", "2")["images"])


@pytest.mark.parametrize(
    "more", [(), ("--sampler", "ddim"), ("--guidance", "3"), ("--sampler", "ddim", "--guidance", "0")], ids=str
)
def test_the_same_seed_gives_the_same_pictures(weights, tmp_path, more):
    """Twice the same file content; another seed other pictures; n = 1 is the first of n = 5, and seed + 1 is the second
    (to one grey level).
    """
    five = sample(weights, tmp_path / "five.npz", "--n", "5", "--seed", "40", "--label", "3", *more)["images"]
    again = sample(weights, tmp_path / "again.npz", "--n", "5", "--seed", "40", "--label", "3", *more)["images"]
    assert np.array_equal(five, again)
    for k in (0, 1):
        one = sample(weights, tmp_path / "one.npz", "--n", "1", "--seed", str(40 + k), "--label", "3", *more)["images"]
        assert int(np.abs(one[0].astype(int) - five[k]).max()) <= 1
    assert int(np.abs(five[0].astype(int) - five[1]).max()) > 10


def test_batches_join_seamlessly(weights, tmp_path, monkeypatch):
    """More pictures than one batch holds: each is what it is in a run of its own."""
    whole = sample(weights, tmp_path / "whole.npz", "--n", "7")["images"]
    monkeypatch.setattr(sample_batch, "BATCH", 3)
    parts = sample(weights, tmp_path / "parts.npz", "--n", "7")["images"]
    assert int(np.abs(whole.astype(int) - parts).max()) <= 1


# ---- complaints --------------------------------------------------------------------------------------------------


def test_unusable_weights(tmp_path, capsys):
    """Missing, corrupt, a folder, somebody else's: one line that says so, exit code 2, and no output file."""
    out = tmp_path / "out.npz"
    corrupt = tmp_path / "corrupt.safetensors"
    corrupt.write_bytes(b"not a model" * 50)
    assert "nowhere" in one_line(capsys, "sample", "--weights", tmp_path / "nowhere", "--out", out)
    assert "safetensors" in one_line(capsys, "sample", "--weights", corrupt, "--out", out)
    one_line(capsys, "sample", "--weights", tmp_path, "--out", out)
    assert not out.exists()


def test_more_steps_than_the_model_has(weights, tmp_path, capsys):
    """Within the option's range but beyond this model's T."""
    assert "1000" in one_line(capsys, "sample", "--weights", weights, "--out", tmp_path / "o.npz", "--steps", 1001)


def test_an_output_that_cannot_be_written(weights, tmp_path, capsys):
    """A folder in the file's place, or a file in the folder's."""
    one_line(capsys, "sample", "--weights", weights, "--n", 1, "--steps", 1, "--out", tmp_path)
    one_line(capsys, "sample", "--weights", weights, "--n", 1, "--steps", 1, "--out", weights / "o.npz")


@pytest.mark.parametrize(
    "option, value",
    [
        ("--n", "0"), ("--n", "-3"), ("--n", "2.5"), ("--n", "many"), ("--n", "nan"), ("--n", "1e99"), ("--steps", "0"),
        ("--steps", ""), ("--sampler", "euler"), ("--guidance", "nan"), ("--guidance", "-1"),
        ("--guidance", "inf"), ("--seed", "-1"), ("--seed", "1.5"), ("--label", "10"), ("--label", "x"),
        ("--colour", "3"),
    ],
)  # fmt: skip
def test_bad_options(tmp_path, capsys, option, value):
    """Bad numbers, an unknown sampler, an unknown option: argparse names the option, exit code 2."""
    assert option in complaint(capsys, "sample", "--out", tmp_path / "o.npz", f"{option}={value}")


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["dance"],
        ["sample"],
        ["train", "--out", "x", "--seconds", "0"],
        ["pretrain", "--out", "x"],
        ["pretrain", "--data", ".", "--out", "x", "--device", "tpu"],
    ],
    ids=str,
)
def test_bad_commands(capsys, argv):
    """No command, an unknown one, missing and impossible options."""
    assert "error:" in complaint(capsys, *argv)


def test_missing_data_folder(tmp_path, capsys):
    """pretrain without MNIST names where it looked."""
    assert "MNIST" in one_line(capsys, "pretrain", "--data", tmp_path / "nowhere", "--out", tmp_path / "m.safetensors")


def test_as_a_program(tmp_path):
    """The real program, once: one line on stderr, nothing on stdout, exit code 2; and --help works without
    any weights.
    """
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "sample", "--weights", tmp_path / "nowhere", "--out", tmp_path / "o"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.strip().splitlines()) == 1
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and all(command in done.stdout for command in ("sample", "train", "pretrain", "bench"))


# ---- train and pretrain ------------------------------------------------------------------------------------------


def test_a_training_that_is_terminated_keeps_its_model(tmp_path, monkeypatch):
    """As by a service's stop or a batch system's time limit: the file is there, and the exit code tells."""

    def terminated(*arguments, **settings):
        for step in train(*arguments, **settings):
            yield step
            if step.step == 2:
                signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(sample_train, "train_steps", terminated)
    out, before = tmp_path / "mine.safetensors", signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        main(["train", "--seconds", "600", "--out", str(out)])
    assert end.value.code == 143 and checkpoint.load(out).notes["steps"] == 2
    assert signal.getsignal(signal.SIGTERM) is before


def test_train_writes_a_model(tmp_path):
    """One second of the Train tab's training: a file that loads, with the story of its training, and that can draw."""
    out = tmp_path / "mine.safetensors"
    assert main(["train", "--seconds", "1", "--seed", "5", "--out", str(out)]) == 0
    model = checkpoint.load(out)
    assert model.notes["seed"] == 5 and model.notes["steps"] >= 1 and model.notes["seconds"] >= 1
    assert sample(out, tmp_path / "o.npz", "--n", "2")["images"].shape == (2, 28, 28)
