"""The two algorithms for their display."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.data.pixels import to_base64, to_pixels
from explorer.demos.algorithms import Line, Moment
from explorer.page.payloads.texts import told
from explorer.widgets.algorithm import AlgorithmValue


def algorithm_value(
    title: str, lines: Sequence[Line], moments: Sequence[Moment] = (), remark: str = ""
) -> AlgorithmValue:
    """The lines, and a run of them if there is one yet."""
    return {
        "title": told(title),
        "remark": told(remark),
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
