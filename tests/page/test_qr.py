"""QR codes of links: the modules that the standard's patterns want, and a sentence for whatever else is asked."""

from __future__ import annotations

import pytest

from explorer.page.lessons import controls_of
from explorer.page.links import PARTS, TABS
from explorer.page.qr import LONGEST, qr_code
from explorer.validation import rules

FINDER = ("1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111")


def test_a_link_becomes_a_code():
    """Square, of a size that there is, with a finder pattern in three corners; other texts look otherwise."""
    rows = qr_code({"text": "https://example.org/?tab=remove&label=3&hide=guidance,eta"})["rows"]
    side = len(rows)
    assert (side - 17) % 4 == 0 and all(len(row) == side and set(row) <= {"0", "1"} for row in rows)
    corners = [[row[x : x + 7] for row in rows[y : y + 7]] for x, y in ((0, 0), (side - 7, 0), (0, side - 7))]
    assert corners == [list(FINDER)] * 3
    assert rows != qr_code({"text": "https://example.org/?tab=remove&label=4&hide=guidance,eta"})["rows"]
    assert len(qr_code({"text": "中" * 300})["rows"]) > side


@pytest.mark.parametrize("asked", [None, "text", {}, {"text": ""}, {"text": 7}, {"text": "x" * (LONGEST + 1)}])
def test_what_cannot_be_a_code_gets_a_sentence(asked):
    code = qr_code(asked)
    assert code["rows"] == [] and code["problem"]["text"] == "this link is too long for a QR code"


def test_every_control_of_a_tab_can_be_hidden():
    for tab, settings in TABS.items():
        names = [control["name"] for control in controls_of(tab)]
        assert names and len(set(names)) == len(names) and set(names) <= {*rules(settings), *PARTS}
    assert [control["label"] for control in controls_of("guess")][-1] == "Draw or upload your own, or take no digit"
