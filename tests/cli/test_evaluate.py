"""The figures of `python -m explorer evaluate`: each against a case whose answer is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from explorer.cli import digit_classifier, evaluate
from explorer.cli.main import main
from explorer.core import checkpoint
from explorer.core.schedule import NoiseSchedule
from explorer.data import digits
from explorer.data.digits import Digits
from tests.tiny import tiny_model


def cloud(mean: float, spread: float, seed: int) -> np.ndarray:
    """Four independent features, N(mean, spread^2) each."""
    return np.random.default_rng(seed).normal(mean, spread, (20_000, 4))


def test_frechet_distance_of_two_gaussians_is_the_known_one():
    # |m - m'|^2 + sum (s - s')^2 for independent features
    found = evaluate.frechet(cloud(1.0, 2.0, 0), cloud(3.0, 5.0, 1))
    assert found == pytest.approx(4 * (2.0**2 + 3.0**2), rel=0.03)


def test_frechet_distance_to_itself_is_nothing():
    same = cloud(1.0, 2.0, 0)
    assert evaluate.frechet(same, same) == pytest.approx(0, abs=1e-6)


def test_nearest_is_the_distance_to_the_closest_digit():
    real = digits.bundled().pixels[:50]
    moved = np.clip(real[3:4].astype(int) + 7, 0, 255).astype(np.uint8)
    assert evaluate.nearest(real[:9], real) == pytest.approx(0, abs=0.1)
    expected = np.sqrt(np.square(moved.astype(float) - real[3]).mean())
    assert evaluate.nearest(moved, real) == pytest.approx(expected, rel=1e-3)


def test_balanced_takes_as_many_of_each_class_as_cycling_labels_have():
    part = evaluate.balanced(digits.bundled(), 103)
    assert np.bincount(part.labels).tolist() == [11, 11, 11] + [10] * 7


def test_the_floor_is_of_digits_that_the_judge_has_not_met(tmp_path, monkeypatch):
    """The last sixth of the training digits; the others are what it is trained on."""
    real, asked = Digits(digits.bundled().pixels[:61], digits.bundled().labels[:61]), []
    met, unmet = evaluate.split(real)
    assert (
        (met.pixels == real.pixels[:51]).all()
        and (unmet.pixels == real.pixels[51:]).all()
        and unmet.labels.tolist() == real.labels[51:].tolist()
    )
    monkeypatch.setattr(
        evaluate, "train_judge", lambda pixels, labels, **_: asked.append((pixels, labels)) or digit_classifier.Judge()
    )
    for _ in range(2):  # the second time it is kept
        evaluate.the_judge(tmp_path / "judge.safetensors", real)
    ((pixels, labels),) = asked
    assert (pixels == met.pixels).all() and (labels == met.labels).all()


@pytest.fixture(scope="module")
def quick_judge():
    """Trained for a moment on half of the bundled digits."""
    data = digits.bundled()
    return digit_classifier.train_judge(data.pixels[:5000], data.labels[:5000], steps=60)


def test_the_judge_learns_to_read(quick_judge):
    rest = digits.bundled()
    assert evaluate.agreement(quick_judge, rest.pixels[5000:], rest.labels[5000:]) > 0.9


def test_the_judge_can_be_kept(quick_judge, tmp_path):
    digit_classifier.save_judge(quick_judge, tmp_path / "new" / "judge.safetensors")
    again = digit_classifier.load_judge(tmp_path / "new" / "judge.safetensors")
    pixels = digits.bundled().pixels[:40]
    (read, features), (read_again, features_again) = quick_judge.read(pixels), again.read(pixels)
    np.testing.assert_array_equal(read, read_again)
    np.testing.assert_allclose(features, features_again, atol=1e-4)


def test_the_command_prints_every_figure(quick_judge, tmp_path, capsys, monkeypatch, float32):
    data = digits.bundled()
    monkeypatch.setattr(digits, "mnist", lambda root, train: Digits(data.pixels[:1500], data.labels[:1500]))
    monkeypatch.setattr(digits, "bundled", lambda: Digits(data.pixels[-500:], data.labels[-500:]))
    monkeypatch.setattr(evaluate, "SCORE_STEPS", 3)
    checkpoint.save(tiny_model(schedule=NoiseSchedule("linear", 10)), tmp_path / "tiny.safetensors")
    digit_classifier.save_judge(quick_judge, tmp_path / "judge.safetensors")
    argv = [
        "evaluate",
        "--weights",
        tmp_path / "tiny.safetensors",
        "--data",
        tmp_path,
        "--judge",
        tmp_path / "judge.safetensors",
        "--n",
        100,
        "--steps",
        2,
        "--score-n",
        20,
        "--curve-n",
        10,
        "--json",
    ]
    assert main([str(arg) for arg in argv]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["judge"]["real_test_digits_read"] > 0.9
    assert 0 <= figures["read_as_asked"] <= 0.5  # random weights
    assert figures["frechet"]["samples"] > 10 * figures["frechet"]["floor"] > 0
    assert sum(figures["shares_of_any"]) == pytest.approx(1)
    assert [row["steps"] for row in figures["curve"]["rows"]] == [1, 2, 5, 10]  # the tiny model has 10 steps
    assert all(
        row[sampler]["frechet"] > figures["curve"]["frechet_floor"] > 0
        for row in figures["curve"]["rows"]
        for sampler in ("ddpm", "ddim")
    )
    assert "classification_accuracy_score" in figures
    assert "read as the label asked for" in evaluate.report(figures)


def test_without_mnist_it_says_so(tmp_path, capsys):
    assert main(["evaluate", "--data", str(tmp_path)]) == 2
    assert "no MNIST under" in capsys.readouterr().err
