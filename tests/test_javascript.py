"""The JavaScript's own tests, which need no browser; and that the page and its modules fit together."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from explorer import widgets
from explorer.widgets.base import Widget
from explorer.widgets.modules import SOURCES, loader

ROOT = Path(__file__).parent.parent
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
def test_the_modules_own_tests():
    done = subprocess.run(
        ["node", "--test", "tests/javascript/"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0 and re.search(r"^# fail 0$", done.stdout, re.MULTILINE), done.stdout[-3000:]
    assert int(re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE).group(1)) >= 10


def test_every_import_leads_to_a_module():
    for name, text in SOURCES.items():
        for other in re.findall(r'from "\./([^"]+)"', text.decode()):
            beside = (PurePosixPath(name).parent / other).as_posix()
            assert beside in SOURCES, f"{name} imports {other}"


def test_every_widget_has_a_module_that_mounts_it():
    kinds = [kind for kind in vars(widgets).values() if isinstance(kind, type) and issubclass(kind, Widget)]
    assert len(kinds) >= 10
    for kind in kinds:
        name, _ = re.findall(r'"([a-z_]+\.js)"', kind.js)
        assert b"export function mount({" in SOURCES[name]


def test_events_are_announced_to_gradio():
    """Each event that a module triggers by its name stands in what Gradio looks through."""
    for kind in (widgets.FilmPlayer, widgets.LessonBar):
        name, _ = re.findall(r'"([a-z_]+\.js)"', kind.js)
        events = set(re.findall(r'trigger\("(\w+)"', SOURCES[name].decode()))
        assert all(f'"{event}"' in kind.js for event in events) and '"' in kind.js


def test_no_script_presses_a_button():
    """What follows a press is called, and a widget asks by an event; a link of its own is how a script saves a file."""
    python = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "explorer/page").rglob("*.py"))
    assert re.findall(r"\w+\.click\(\)|\)\.click\(\)", python) == []
    pressed = {press for text in SOURCES.values() for press in re.findall(r"([^\s]+)\.click\(\)", text.decode())}
    assert pressed == {"link"}


def test_an_unknown_module_is_a_mistake_at_once():
    with pytest.raises(KeyError):
        loader("nobody.js")
