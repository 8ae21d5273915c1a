"""What Python and JavaScript state alike: the module that the widgets import is the one that Python writes."""

from __future__ import annotations

import re

from explorer.lab.session import BANDS
from explorer.page.shared_constants import CONSTANTS, FILE, as_javascript, main
from explorer.widgets.modules import SOURCES


def test_the_module_is_what_python_says():
    assert FILE.read_text(encoding="utf-8") == as_javascript(), "run python -m explorer.page.shared_constants"


def test_it_is_written_whole(tmp_path):
    main(tmp_path / "constants.js")
    assert (tmp_path / "constants.js").read_bytes() == SOURCES["constants.js"]


def test_each_constant_is_imported_by_a_widget():
    imported = set()
    for text in SOURCES.values():
        for names in re.findall(r'import \{([^}]+)\} from "\./constants\.js"', text.decode()):
            imported |= {name.strip() for name in names.split(",") if name.strip()}
    assert imported == set(CONSTANTS)


def test_each_part_of_the_loss_has_its_line():
    """The chart's looks are the browser's own, one for each part that Python tells."""
    looks = SOURCES["lab_loss.js"].decode().partition("export const BANDS = [")[2].partition("];")[0]
    assert len(re.findall(r"stroke:", looks)) == BANDS
