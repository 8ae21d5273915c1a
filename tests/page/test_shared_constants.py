"""What Python and JavaScript state alike: the module that the widgets import is the one that Python writes."""

from __future__ import annotations

import re
from pathlib import Path

from explorer.lab.session import BANDS
from explorer.page.payloads import shared_texts
from explorer.page.shared_constants import CONSTANTS, FILE, TEXTS_FILE, as_javascript, main, texts_as_javascript
from explorer.widgets.modules import SOURCES

PAYLOADS = Path(shared_texts.__file__).parent


def test_the_module_is_what_python_says():
    assert FILE.read_text(encoding="utf-8") == as_javascript(), "run python -m explorer.page.shared_constants"
    assert TEXTS_FILE.read_text(encoding="utf-8") == texts_as_javascript(), (
        "run python -m explorer.page.shared_constants"
    )


def test_it_is_written_whole(tmp_path):
    main(tmp_path / "constants.js", tmp_path / "shared_texts.js")
    for name in ("constants.js", "shared_texts.js"):
        assert (tmp_path / name).read_bytes() == SOURCES[name]


def test_each_constant_is_imported_by_a_widget():
    imported = set()
    for text in SOURCES.values():
        for names in re.findall(r'import \{([^}]+)\} from "\./constants\.js"', text.decode()):
            imported |= {name.strip() for name in names.split(",") if name.strip()}
    assert imported == set(CONSTANTS)


def test_each_text_is_said_by_both():
    python = "".join(path.read_text(encoding="utf-8") for path in PAYLOADS.glob("*.py"))
    javascript = b"".join(text for name, text in SOURCES.items() if name != TEXTS_FILE.name).decode()
    for name in shared_texts.ALL:
        assert re.search(rf"\bsay\.{name}\b", python), name
        assert re.search(rf"\b{name}\b", javascript), name


def test_each_part_of_the_loss_has_its_line():
    """The chart's looks are the browser's own, one for each part that Python tells."""
    looks = SOURCES["lab_loss.js"].decode().partition("export const BANDS = [")[2].partition("];")[0]
    assert len(re.findall(r"stroke:", looks)) == BANDS
