"""The Space as the hosting guide makes it: what its one command would send, asked of the real program, without a
network.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from huggingface_hub import HfApi
from huggingface_hub.cli.hf import app
from huggingface_hub.utils import DEFAULT_IGNORE_PATTERNS, filter_repo_objects

ROOT = Path(__file__).parent.parent
STORED_APART = {".safetensors", ".npz", ".wasm"}  # endings that a new Space's .gitattributes gives to the file storage
MOST_BYTES = 20 * 2**20


@pytest.fixture
def sent(monkeypatch) -> list[Path]:
    """The files that the guide's command would send."""
    asked = {}

    def upload_folder(self, **arguments):
        asked.update(arguments)
        return SimpleNamespace(commit_url="", pr_url=None)

    monkeypatch.setattr(HfApi, "create_repo", lambda self, **arguments: SimpleNamespace(repo_id=arguments["repo_id"]))
    monkeypatch.setattr(HfApi, "upload_folder", upload_folder)
    (command,) = re.findall(
        r"^    hf (upload .*)$", (ROOT / "explorer/guide/hosting.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, shlex.split(command), catch_exceptions=False)
    assert asked, result.output
    assert asked["repo_type"] == "space" and asked["path_in_repo"] == "."
    there = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()]
    ignored = [*(asked["ignore_patterns"] or []), *DEFAULT_IGNORE_PATTERNS]
    return [
        ROOT / name
        for name in filter_repo_objects(there, allow_patterns=asked["allow_patterns"], ignore_patterns=ignored)
    ]


def test_it_sends_what_the_app_needs_and_nothing_else(sent):
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("this is no git checkout")
    needed = {name for name in tracked.stdout.split("\n") if name.startswith(("explorer/", "weights/"))}
    assert {path.relative_to(ROOT).as_posix() for path in sent} >= needed | {
        "app.py",
        "requirements.txt",
        "README.md",
        "LICENSE",
    }
    assert {path.relative_to(ROOT).parts[0] for path in sent} == {
        "app.py",
        "requirements.txt",
        "README.md",
        "LICENSE",
        "explorer",
        "weights",
    }
    assert not [path for path in sent if path.suffix in (".pyc", ".pyi") or "__pycache__" in path.parts]


def test_binaries_are_stored_apart_and_the_rest_is_text(sent):
    binary = {path for path in sent if b"\0" in path.read_bytes()}
    assert binary and {path.suffix for path in binary} <= STORED_APART
    assert sum(path.stat().st_size for path in sent) < MOST_BYTES


def test_the_front_matter_says_what_the_hub_wants():
    front = re.match(r"---\n(.*?)\n---\n", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL).group(1)
    told = dict(line.split(": ", 1) for line in front.split("\n"))
    pinned = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text().split())
    assert told["sdk"] == "gradio" and told["sdk_version"] == pinned["gradio"]
    assert (ROOT / told["app_file"]).is_file() and len(told["short_description"]) <= 60
    assert {told["colorFrom"], told["colorTo"]} <= {
        "red",
        "yellow",
        "green",
        "blue",
        "indigo",
        "purple",
        "pink",
        "gray",
    }


def test_the_container_holds_what_the_app_needs(tmp_path):
    """What the guide's Dockerfile copies is enough to build the page, and its user is none with rights."""
    dockerfile = (ROOT / "explorer/guide/Dockerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (.+)$", dockerfile, re.MULTILINE):
        *names, target = line.split()
        for name in names:
            source, aim = ROOT / name, tmp_path / target / ("" if target == name else name)
            shutil.copytree(source, aim) if source.is_dir() else shutil.copy(source, aim)
    built = subprocess.run(
        [sys.executable, "-c", "import app; print('built')"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert built.stdout.strip() == "built", built.stderr
    steps = [line.split()[0] for line in dockerfile.split("\n") if line and line[0].isalpha()]
    assert "root" not in re.search(r"^USER (\w+)$", dockerfile, re.MULTILINE).group(1)
    assert steps.index("USER") < steps.index("CMD")
