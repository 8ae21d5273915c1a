"""The fork in the road, and the many futures of one x_t: what became of them, in words and tiles."""

from __future__ import annotations

import numpy as np

from explorer.core.sentences import Sentence, joined
from explorer.data.nearest_digits import correlation, nearest_digits
from explorer.page.payloads import shared_texts as say
from explorer.page.payloads.films import film_status, waits_or_stopped
from explorer.page.payloads.steps import tile, x_at
from explorer.page.payloads.texts import told
from explorer.serving.film_news import FilmNews
from explorer.serving.film_request import FilmRequest
from explorer.widgets.device_job import FilmEnding
from explorer.widgets.tile import Tile
from explorer.widgets.tiles import TilesValue

EIGHT_WALKS = "Eight walks complete the same picture, each with fresh noise of its own."


def reading_of(*pictures: np.ndarray) -> list[int]:
    """The digits that these pictures, (28, 28) uint8, look like."""
    return [reading.label for reading in nearest_digits(np.stack(pictures))]


def fork_status(news: FilmNews, request: FilmRequest) -> str:
    """One sentence on futures in the making."""
    if waits_or_stopped(news):
        return film_status(news, request)
    return Sentence(
        "Six futures of the same {0}. From here on only the fresh noise differs.", x_at(request.fork_t or 0)
    )


def fork_verdict(request: FilmRequest, last: np.ndarray) -> str:
    """What became of the futures; last: (pictures, 28, 28) uint8."""
    found, t = reading_of(*last), request.fork_t or 0
    if len(set(found)) == 1:
        return joined(Sentence(say.DECIDED, found[0], t), say.FORK_LATER)
    return joined(Sentence(say.STILL_OPEN, found, t), say.FORK_EARLIER)


def futures_to_come(request: FilmRequest, into: str) -> FilmEnding:
    """The tiles of `futures_value`, empty, for the viewer's device to fill. into: the id of the Tiles."""
    return {
        "kind": "futures",
        "t": request.fork_t or 0,
        "into": into,
        "tiles": _futures_tiles(request, None, None, None),
        "sentence": EIGHT_WALKS,
    }


def _futures_tiles(
    request: FilmRequest, x_t: np.ndarray | None, average: np.ndarray | None, x0_hat: np.ndarray | None
) -> list[Tile]:
    return [
        tile(x_at(request.fork_t or 0), "what all of them start from", x_t),
        tile("average", "of the eight futures", average),
        tile("x̂₀", "the network's one guess", x0_hat, "≈"),
    ]


def futures_value(request: FilmRequest, x_t: np.ndarray, x0_hat: np.ndarray, ends: np.ndarray | None) -> TilesValue:
    """x_t, the average of its futures, and the network's single guess x0_hat; ends: (futures, 28, 28) uint8 once they
    are there.
    """
    average = None if ends is None else np.round(ends.mean(axis=0)).astype(np.uint8)
    if ends is None or average is None:
        sentence = EIGHT_WALKS
    else:
        found = sorted(set(reading_of(*ends)))
        kinds = Sentence(say.ALL_ALIKE, found[0]) if len(found) == 1 else Sentence(say.SEVERAL, found[:-1], found[-1])
        alike = Sentence(say.AVERAGE_ALIKE, f"{correlation(average, x0_hat):.2f}")
        sentence = joined(kinds, alike)
    return {"tiles": _futures_tiles(request, x_t, average, x0_hat), "sentence": told(sentence)}
