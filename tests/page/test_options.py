"""How the server is run: options, environment variables, and what a wrong one gets."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from explorer.lab.experiment import Experiment
from explorer.lab.trainings import Lab, TrainingRefused
from explorer.page.build import LAUNCH, build
from explorer.page.options import OFF, Options, flag, parse_options, parser
from explorer.page.settings import TrainingTime
from explorer.serving.model_store import ModelStore
from explorer.serving.scheduler import ComputeScheduler
from explorer.validation import narrowed, rules

ROOT = Path(__file__).parents[2]
ENTRIES = [pytest.param(entry, id=entry.name) for entry in fields(Options)]
VALUES = {
    "host": "0.0.0.0",
    "port": 8123,
    "capacity": 16,
    "waiting": 3,
    "training": "off",
    "training_seconds": 20,
    "threads": 3,
    "device": "auto",
    "cluster": "10.0.0.1:6379",
    "fallback": "off",
    "address": "http://192.168.0.7:7860/ddpm",
    "log": "off",
}


def app(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """`python app.py` to its end: for calls that do not get as far as a server."""
    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        check=False,
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_option_has_a_flag_and_a_variable(entry):
    """The command line wins over the variable, the variable over the default; an empty variable is none."""
    value, variable = VALUES[entry.name], entry.metadata["variable"]
    assert value != entry.default and getattr(parse_options([], {}), entry.name) == entry.default == getattr(
        parse_options([], {variable: ""}), entry.name
    )
    assert (
        getattr(parse_options([], {variable: str(value)}), entry.name)
        == value
        == getattr(parse_options([flag(entry), str(value)], {variable: "not that"}), entry.name)
    )
    told = " ".join(parser().format_help().split())
    assert flag(entry) in told and variable in told and f"(default {entry.default};" in told


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("value", ["no such thing", "-1", "1e9", "/", "\N{SNOWMAN}"])
def test_wrong_values_get_a_sentence_and_exit_code_2(entry, value, capsys):
    for arguments, environment, named in (
        ([f"{flag(entry)}={value}"], {}, flag(entry)),
        ([], {entry.metadata["variable"]: value}, entry.metadata["variable"]),
    ):
        if entry.name == "host" and value in ("-1", "1e9"):
            continue  # odd, but a name
        with pytest.raises(SystemExit) as leaving:
            parse_options(arguments, environment)
        said = capsys.readouterr().err.splitlines()[-1]
        assert leaving.value.code == 2 and named in said and "must be" in said


def test_a_space_imports_the_page():
    """`import app` builds the page, whatever the importing program was called with."""
    code = (
        "import sys; sys.argv = ['gradio', '--no-such-option']; import app; print(type(app.demo).__mro__[1].__name__)"
    )
    imported = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert imported.stdout.strip() == "Blocks", imported.stderr


def test_app_says_what_is_wrong_before_anything_else():
    """Also where Gradio itself reads the variable, and would stop with a traceback."""
    wrong = app(GRADIO_SERVER_PORT="seventy")
    assert (
        wrong.returncode == 2
        and "the port must be" in wrong.stderr.splitlines()[-1]
        and "Traceback" not in wrong.stderr
    )


def test_a_port_that_is_taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = app("--port", str(other.getsockname()[1]))
    assert (
        taken.returncode == 2
        and "cannot listen on 127.0.0.1" in taken.stderr.splitlines()[-1]
        and "Traceback" not in taken.stderr
    )


def test_the_cap_is_the_pages():
    """--training-seconds is the slider's end, and its default where that were longer."""
    usual = rules(TrainingTime)
    assert rules(narrowed(TrainingTime, seconds=usual["seconds"].high)) == usual
    for longest, default in ((300, 60), (20, 20)):
        demo = build(options=Options(training_seconds=longest))
        (slider,) = [block for block in demo.blocks.values() if block.elem_id == "train-seconds"]
        assert slider.maximum == longest and slider.value == default


def test_training_switched_off():
    """The tab says so, its button is grey, and whoever asks nevertheless gets a sentence."""
    demo = build(options=Options(training=OFF))
    (start,) = [block for block in demo.blocks.values() if block.elem_id == "train-start"]
    assert not start.interactive and any(
        "switched off" in str(getattr(block, "value", "")) for block in demo.blocks.values()
    )

    async def ask():
        async for _ in Lab(ModelStore(), ComputeScheduler(), closed=True).start(Experiment(), 10, "me"):
            pass

    with pytest.raises(TrainingRefused, match="switched off"):
        asyncio.run(ask())


def test_the_space_is_described_as_it_is():
    """README's front matter: the versions are those of requirements.txt, and the file to start is there."""
    front = dict(
        re.findall(
            r"^(\w+): *\"?([^\"\n]+)\"?$",
            (ROOT / "README.md").read_text(encoding="utf-8").split("---")[1],
            re.MULTILINE,
        )
    )
    pinned = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").split())
    assert (
        front["sdk"] == "gradio" and front["sdk_version"] == pinned["gradio"] and (ROOT / front["app_file"]).is_file()
    )
    assert LAUNCH["share"] is False
