"""The two algorithms for their display."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.data.pixels import to_base64, to_pixels
from explorer.demos.algorithms import Line, Moment


def algorithm_value(
    title: str, lines: Sequence[Line], moments: Sequence[Moment] = (), remark: str = ""
) -> dict[str, Any]:
    """The lines, and a run of them if there is one yet."""
    return {
        "title": title,
        "remark": remark,
        "lines": [{"text": line.text, "indent": line.indent, "uses": sorted(line.uses)} for line in lines],
        "moments": [
            {
                "line": moment.line,
                "images": {name: to_base64(to_pixels(image)) for name, image in moment.images.items()},
                "numbers": {name: number_in_words(number) for name, number in moment.numbers.items()},
            }
            for moment in moments
        ],
    }


def number_in_words(number: float) -> str:
    """A whole number as it is, any other with four decimals."""
    return str(number) if isinstance(number, int) else f"{number:.4f}"
