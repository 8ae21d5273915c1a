"""The guides for readers: every name and every file that they mention exists, and the table of options is
the real one.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import fields
from pathlib import Path

import pytest

from explorer.page.build import build
from explorer.page.options import Options, flag

ROOT = Path(__file__).parent.parent
GUIDES = sorted((ROOT / "explorer" / "guide").glob("*.md"))
each_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)


def found(dotted: str):
    """What stands behind explorer.module.Class.name. Raises ImportError or AttributeError."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            thing = getattr(thing, part)
        return thing
    raise ImportError(dotted)


def test_the_guides_are_there():
    assert {path.stem for path in GUIDES} >= {"chapter", "extending", "hosting"}


@each_guide
def test_names_exist(guide):
    names = re.findall(r"`((?:explorer|tests)(?:\.\w+)+)", guide.read_text(encoding="utf-8"))
    assert names or guide.stem not in ("chapter", "extending")
    for name in names:
        found(name)


@each_guide
def test_links_lead_somewhere(guide):
    links = re.findall(r"\]\(([^)]+)\)", guide.read_text(encoding="utf-8"))
    for link in links:
        assert link.startswith("https://arxiv.org/") or (guide.parent / link.split("#")[0]).exists(), link


def test_a_wrong_name_would_be_noticed():
    with pytest.raises((ImportError, AttributeError)):
        found("explorer.core.schedule.NoiseSchedule.no_such_thing")


def test_the_chapters_tabs_are_on_the_page():
    rows = [
        line.split("|")[2]
        for line in (ROOT / "explorer/guide/chapter.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ][2:]
    page = [str(block.label) for block in build().blocks.values() if type(block).__name__ == "Tab"]
    assert len(rows) > 8 and page
    assert {re.search(r"\*\*(.+?)\*\*", row).group(1) for row in rows} == set(page)


def test_the_table_of_options_is_the_real_one():
    table = (ROOT / "explorer/guide/hosting.md").read_text(encoding="utf-8")
    for entry in fields(Options):
        assert (
            f"| `{flag(entry)}` | `{entry.metadata['variable']}` | {entry.default} | {entry.metadata['about']} |"
            in table
        )
    assert table.count("| `--") == len(fields(Options))
