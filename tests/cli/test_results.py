"""What a command has computed is not lost, and what cannot be written is told before the work."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from explorer.cli import evaluate, sample_train
from explorer.cli.digit_classifier import Judge, load_judge, save_judge
from explorer.cli.main import main
from explorer.cli.results import keep, whole_file, writable
from explorer.core import checkpoint
from explorer.core.schedule import NoiseSchedule
from explorer.data import digits
from tests.tiny import tiny_model, tiny_network


@pytest.fixture
def weights(tmp_path, float32):
    path = tmp_path / "w.safetensors"
    checkpoint.save(tiny_model(), path)
    return path


def never(*_, **__):
    raise AssertionError("this would be work for nothing")


@pytest.mark.parametrize("command", ["sample", "train"])
@pytest.mark.parametrize("out", ["folder", "file/inside"])
def test_an_output_that_cannot_be_is_refused_before_the_work(weights, tmp_path, capsys, monkeypatch, command, out):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(sample_train, "draw", never)
    monkeypatch.setattr(sample_train, "train_steps", never)
    extra = ["--weights", str(weights)] if command == "sample" else ["--seconds", "60"]
    assert main([command, *extra, "--out", str(tmp_path / out)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and str(tmp_path / out) in said[0]


def test_missing_folders_are_made(tmp_path):
    assert writable(tmp_path / "a" / "b" / "c.npz").parent.is_dir()


def test_trying_changes_nothing(tmp_path):
    file = tmp_path / "there.npz"
    file.write_bytes(b"as it was")
    writable(file)
    assert file.read_bytes() == b"as it was" and list(tmp_path.iterdir()) == [file]


def test_on_a_full_disk_the_result_is_kept_elsewhere_and_said_where(tmp_path, capsys):
    """No part is left in the place that was asked for."""
    out = tmp_path / "mine.safetensors"

    def write(path: Path) -> None:
        path.with_name(path.name + ".part").write_bytes(b"a part")
        if path == out:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        path.with_name(path.name + ".part").replace(path)

    kept = keep(out, write)
    assert kept != out and kept.read_bytes() == b"a part" and list(tmp_path.iterdir()) == []
    said = capsys.readouterr().err
    assert str(kept) in said and "No space left" in said


@pytest.mark.parametrize("command", ["sample", "train"])
def test_a_full_disk_leaves_an_earlier_result_as_it_was(weights, tmp_path, capsys, monkeypatch, command):
    """The file that is being written fails half-way, as on a full disk, in the asked place only."""
    out = tmp_path / "results" / "mine"
    out.parent.mkdir()
    out.write_bytes(b"an earlier result")
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target == out:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    extra = ["--weights", str(weights), "--n", "1"] if command == "sample" else []
    assert main([command, *extra, "--steps", "1", "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "No space left" in said and Path(said.split("is kept in ")[1].strip()).stat().st_size > 100
    assert out.read_bytes() == b"an earlier result" and list(out.parent.iterdir()) == [out]


def test_a_device_or_a_pipe_is_no_place_for_a_result(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for out in (Path(os.devnull), pipe):
        with pytest.raises(ValueError, match="is a device or a pipe"):
            writable(out)
    assert pipe.exists()


def test_evaluate_refuses_before_the_work(tmp_path, capsys):
    """A judge that could not be kept, and a model that does not know all the digits that it would be asked for."""
    asked = ["evaluate", "--data", str(tmp_path), "--weights"]
    assert main([*asked, str(short(tmp_path, classes=[3])), "--judge", str(tmp_path / "j")]) == 2
    assert "has learnt 3 only" in capsys.readouterr().err
    assert main([*asked, str(short(tmp_path)), "--judge", str(tmp_path / "j"), "--steps", "41"]) == 2
    assert "from 1 to 40" in capsys.readouterr().err
    assert main([*asked, str(short(tmp_path)), "--judge", str(tmp_path)]) == 2
    assert f"{tmp_path} is a folder" in capsys.readouterr().err


def test_where_the_temporary_folder_is_full_too_another_place_takes_it(tmp_path, capsys, monkeypatch):
    """They often lie on one disk. No empty folder is left in the places that failed."""
    full, other = tmp_path / "full", tmp_path / "other"
    full.mkdir()
    other.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(full))
    monkeypatch.chdir(other)

    def write(path: Path) -> None:
        if full in path.parents:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        path.write_bytes(b"whole")

    kept = keep(full / "mine", write)
    assert other in kept.parents and kept.read_bytes() == b"whole" and not list(full.iterdir())
    assert str(kept) in capsys.readouterr().err


def test_a_name_that_leaves_no_room_for_the_scratch_files_is_told_before_the_work(tmp_path):
    with pytest.raises(ValueError, match="cannot be written: File name too long"):
        writable(tmp_path / ("a" * 252))
    assert not list(tmp_path.iterdir())


def test_a_link_stays_one(tmp_path):
    link, target = tmp_path / "link.npz", tmp_path / "target.npz"
    link.symlink_to(target)
    sample_train.write_npz(writable(link), images=np.zeros((1, 28, 28), np.uint8))
    assert link.is_symlink() and np.load(target)["images"].shape == (1, 28, 28)
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(ValueError, match="circle cannot be written"):
        writable(circle)


def test_a_write_that_is_interrupted_leaves_what_was_there(tmp_path):
    out = tmp_path / "mine"
    out.write_bytes(b"an earlier result")
    with pytest.raises(KeyboardInterrupt), whole_file(out) as scratch:
        scratch.write_bytes(b"half of")
        raise KeyboardInterrupt
    assert out.read_bytes() == b"an earlier result" and list(tmp_path.iterdir()) == [out]


def test_nowhere_to_write_is_one_sentence(tmp_path):
    def write(path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with pytest.raises(ValueError, match="nor can the temporary folder"):
        keep(tmp_path / "x", write)


def short(tmp_path, **notes) -> Path:
    """A model of 40 steps with these notes."""
    schedule = NoiseSchedule("cosine", 40)
    path = tmp_path / "short.safetensors"
    checkpoint.save(checkpoint.Model(tiny_network(0, "v", schedule), schedule, notes), path)
    return path


def test_a_short_network_is_sampled_with_the_steps_that_it_has(tmp_path, float32):
    out = tmp_path / "x.npz"
    assert main(["sample", "--n", "2", "--weights", str(short(tmp_path)), "--out", str(out)]) == 0
    assert np.load(out)["images"].shape == (2, 28, 28)


def test_a_label_that_was_never_learnt_is_said(tmp_path, capsys, float32):
    path, out = short(tmp_path, classes=[3, 8]), tmp_path / "x.npz"
    assert main(["sample", "--n", "2", "--label", "5", "--weights", str(path), "--out", str(out)]) == 2
    assert "has learnt 3, 8" in capsys.readouterr().err and not out.exists()
    assert main(["sample", "--n", "4", "--steps", "2", "--weights", str(path), "--out", str(out)]) == 0
    assert np.load(out)["labels"].tolist() == [3, 8, 3, 8]


@pytest.mark.parametrize("told", [None, "38", [], ["3"], [11, -1], {"3": 1}, [3, 3, 99]])
def test_notes_that_say_nothing_of_use_promise_all_ten(told):
    model = tiny_model()
    model.notes["classes"] = told
    known = sample_train.learnt(model)
    assert known == ((3,) if told == [3, 3, 99] else tuple(range(10)))


def test_the_command_line_names_a_file_that_did_not_arrive(tmp_path, capsys, monkeypatch):
    """The weights that are given, and the digits that come with the program: its path, the cause and the cure."""
    pointer = tmp_path / "w.safetensors"
    pointer.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9400000\n")
    assert main(["sample", "--weights", str(pointer), "--out", str(tmp_path / "x.npz")]) == 2
    assert f"{pointer} is a pointer" in capsys.readouterr().err
    cut = tmp_path / "digits.npz"
    cut.write_bytes(digits.BUNDLED.read_bytes()[:500_000])
    monkeypatch.setattr(digits, "BUNDLED", cut)
    held = (digits.bundled, digits.clear)
    for each in held:
        each.cache_clear()
    assert main(["train", "--steps", "1", "--out", str(tmp_path / "t.safetensors")]) == 2
    said = capsys.readouterr().err
    assert f"{cut} (500,000 bytes) is cut" in said and "Traceback" not in said
    for each in held:
        each.cache_clear()


def test_evaluate_judges_a_short_network_with_the_steps_that_it_has(tmp_path, monkeypatch, float32):
    asked = []
    monkeypatch.setattr(evaluate.digits, "mnist", lambda root, train: None)

    def drawing(*_, steps, **__):
        asked.append(steps)
        raise InterruptedError("enough")

    monkeypatch.setattr(evaluate, "split", lambda real: (None, None))
    monkeypatch.setattr(evaluate, "drawing", drawing)
    monkeypatch.setattr(evaluate.digits, "bundled", lambda: SimpleNamespace(pixels=None, labels=None))
    monkeypatch.setattr(evaluate, "the_judge", lambda file, real: SimpleNamespace(read=lambda pixels: (None, None)))
    assert main(["evaluate", "--weights", str(short(tmp_path)), "--data", "x", "--judge", str(tmp_path / "j")]) == 2
    assert asked == [40]


def test_a_judge_that_is_cut_is_told_by_its_name(tmp_path):
    save_judge(Judge(), tmp_path / "judge")
    assert load_judge(tmp_path / "judge")
    (tmp_path / "judge").write_bytes((tmp_path / "judge").read_bytes()[:-5])
    with pytest.raises(ValueError, match="judge holds no judge, or not all of one"):
        load_judge(tmp_path / "judge")
