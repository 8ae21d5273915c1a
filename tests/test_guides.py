"""The guides for readers: every name and every file that they mention exists, and the table of options is
the real one.
"""

from __future__ import annotations

import ast
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


def sentences(*files: str) -> list[str]:
    """The texts with which a start is refused in these files; "..." for what is filled in."""
    calls = [node for file in files for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))]
    return [
        "".join(part.value if isinstance(part, ast.Constant) else "..." for part in call.args[0].values)
        if isinstance(call.args[0], ast.JoinedStr)
        else call.args[0].value
        for call in calls
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("CannotStart", "NotArrived")
        and isinstance(call.args[0], ast.JoinedStr | ast.Constant)
    ]


def test_each_sentence_at_the_start_has_its_cure():
    """Each sentence that refuses a start is in the guide's table, and the table promises no other."""
    guide = (ROOT / "explorer/guide/hosting.md").read_text(encoding="utf-8")
    table = guide.split("## When it does not start")[1].split("\n## ")[0]
    told = [cell for row in re.findall(r"^\| (.+?) \| .+ \|$", table, re.MULTILINE) for cell in row.split(" / ")]
    rows = [[part.strip(" ,") for part in cell.split("...") if part.strip(" ,")] for cell in told]
    said = sentences("explorer/page/startup.py", "explorer/data/arrived.py")
    assert len(said) >= 9
    for sentence in said:
        assert any(all(part in sentence for part in row) for row in rows), sentence
    elsewhere = ("it says", "GRADIO_SHARE", "a cluster needs", "the cluster at")
    for row, cell in zip(rows, told, strict=True):
        assert cell.startswith(elsewhere) or any(all(part in sentence for part in row) for sentence in said), cell
