"""What the tabs Remove noise and One leap or many show beside their films: steps, futures, rescues and races, with
their sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explorer.core.schedule import NoiseSchedule
from explorer.data.nearest_digits import VOTES, Reading, correlation, nearest_digits
from explorer.data.pictures import Picture
from explorer.data.pixels import to_base64, to_pixels
from explorer.demos.step_parts import Anatomy
from explorer.page.payloads.films import film_status, frames_value, seconds_of
from explorer.serving.film import STRIPS
from explorer.serving.film_news import Ended, FilmNews, Frames, Queued
from explorer.serving.film_request import FilmRequest

X_T = STRIPS.index("x_t")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def tile(name: str, note: str, pixels: np.ndarray | None, sign: str = "") -> dict[str, Any]:
    """One of the Tiles' pictures; pixels: (28, 28) uint8, or None for what is still to come."""
    return {
        "sign": sign,
        "name": name,
        "note": note,
        "n": 0 if pixels is None else 1,
        "data": "" if pixels is None else to_base64(pixels),
    }


def x_at(t: Any) -> str:
    """x with its t below, such as x₆₄₀."""
    return f"x{t}".translate(SUBSCRIPTS)


# ---- what one step did -------------------------------------------------------------------------------------------


def anatomy_value(anatomy: Anatomy, sampler: str) -> dict[str, Any]:
    """x_t, the mean it moved to, the fresh noise, and their sum, for the Tiles."""
    step, sigma = anatomy.step, anatomy.sigma
    x_t, mean, fresh, x_prev = (
        to_pixels(image)[0, 0] for image in (step.x_t, anatomy.mean, anatomy.fresh, step.x_prev)
    )
    here, there = x_at(step.t), x_at(step.t_prev)
    other = here if sampler == "ddpm" else "ε̂"
    formula = f"{anatomy.a:.3f} x̂₀ + {anatomy.b:.3f} {other}"
    tiles = [
        tile(here, "before", x_t),
        tile("mean", f"= {formula}", mean, "→"),
        tile("σ z", f"fresh noise, σ = {sigma:.3f}", fresh, "+"),
        tile(there, "after", x_prev, "="),
    ]
    if step.t_prev == 0:
        ending = "The last step adds no fresh noise: its mean is the picture."
    elif sigma == 0:
        ending = "DDIM with eta = 0 adds no fresh noise: from here the way is fixed."
    else:
        ending = (
            f"Then fresh noise of size {sigma:.3f} is added, so that {there} is as noisy as a real digit at t = "
            f"{step.t_prev}."
        )
    return {
        "tiles": tiles,
        "sentence": (
            f"From t = {step.t} to {step.t_prev} the picture moved to {formula}, a little towards the guess x̂₀. "
            f"{ending}"
        ),
    }


def anatomy_to_come(sentence: str) -> dict[str, Any]:
    """The same tiles, empty, with a sentence on why."""
    tiles = [
        tile("xₜ", "before", None),
        tile("mean", "towards x̂₀", None, "→"),
        tile("σ z", "fresh noise", None, "+"),
        tile("xₜ₋₁", "after", None, "="),
    ]
    return {"tiles": tiles, "sentence": sentence}


def waits_or_stopped(news: FilmNews) -> bool:
    """Whether a film's status is more than that it is being made, or is there."""
    return (isinstance(news, Queued) and news.ahead > 0) or (isinstance(news, Ended) and news.stopped)


# ---- the fork in the road ----------------------------------------------------------------------------------------


def fork_status(news: FilmNews, request: FilmRequest) -> str:
    """One sentence on futures in the making."""
    if waits_or_stopped(news):
        return film_status(news, request)
    return f"Six futures of the same {x_at(request.fork_t)}. From here on only the fresh noise differs."


def fork_verdict(request: FilmRequest, last: np.ndarray) -> str:
    """What became of the futures; last: (pictures, 28, 28) uint8."""
    found = reading_of(*last)
    different = sorted(set(found))
    if len(different) == 1:
        return (
            f"Compared with real digits, all are most like a {found[0]}: at t = {request.fork_t} the digit was "
            "decided, and only its strokes were open. Now fork at a larger t."
        )
    return (
        f"Compared with real digits, they are most like {', '.join(map(str, found))}: at t = {request.fork_t} the "
        "digit was still open. Now fork at a smaller t."
    )


# ---- rescue my digit ---------------------------------------------------------------------------------------------

BETS = ("survives", "turns into another digit")


def rescue_value(
    original: Picture, noised: np.ndarray, t: int, rescued: np.ndarray | None, sentence: str
) -> dict[str, Any]:
    """The three pictures of a rescue; noised, rescued (as far as it is): (28, 28) uint8."""
    return {
        "tiles": [
            tile("x₀", "the original", original.pixels()),
            tile(x_at(t), f"noised to t = {t}", noised, "→"),
            tile("x̃₀", "rescued by the network", rescued, "→"),
        ],
        "sentence": sentence,
    }


def rescue_verdict(original: Picture, rescued: np.ndarray, bet: str | None) -> str:
    """Whether it is still the same digit, by the vote of real digits, and who won the bet."""
    before, after = nearest_digits(np.stack([original.pixels(), rescued]))
    survived = before.label == after.label
    outcome = "It survived" if survived else "It turned into another digit"
    said = (
        f"{outcome}: {_as_read('the original', before)}, {_as_read('the rescued one', after)}, pixel correlation "
        f"{correlation(original.pixels(), rescued):.2f}."
    )
    if bet is None:
        return f"{said} Next time bet first."
    won = (bet == BETS[0]) == survived
    return f"{said} You {'won' if won else 'lost'} your bet. Do you agree with the verdict?"


def reading_of(*pictures: np.ndarray) -> list[int]:
    """The digits that these pictures look like."""
    return [reading.label for reading in nearest_digits(np.stack(pictures))]


def _as_read(which: str, reading: Reading) -> str:
    return f"{which} is most like a {reading.label} ({reading.votes} of the {VOTES} nearest real digits)"


# ---- one leap or many --------------------------------------------------------------------------------------------


def race_value(
    requests: Sequence[FilmRequest], run: str, column: int = -1, news: FilmNews | None = None, status: str = ""
) -> dict[str, Any]:
    """News of one column for the Leaps; without news, what stands there before the first one."""
    first = requests[0]
    value = {
        "run": run,
        "columns": [request.steps for request in requests],
        "t_start": requests[-1].steps,  # the last column takes every step
        "n": first.pictures,
        "column": column,
        "count": 0,
        "status": status,
    }
    if news is None:
        return value
    return {
        **value,
        **frames_value(news, [X_T]),
        "done": isinstance(news, Ended),
        "seconds": round(seconds_of(news), 3),
        "status": film_status(news, requests[column]) if waits_or_stopped(news) else "",
    }


def race_end_value(
    requests: Sequence[FilmRequest], run: str, last: Mapping[int, Frames], status: str
) -> dict[str, Any]:
    """The last value of a race: what each column ends in, once more. `last`: each column's last frames, where it has
    any.
    """
    ends = [last.get(column) for column in range(len(requests))]
    told = [
        end and {"t": end.t[-1], "data": to_base64(end.pixels[-1:, X_T]), "seconds": round(end.seconds, 3)}
        for end in ends
    ]
    return race_value(requests, run, status=status) | {"ends": told}


def leap_sentence(schedule: NoiseSchedule, t: int) -> str:
    """How much of the picture is left at t, and what that does to a single leap."""
    signal = float(schedule.alpha_bar[t].sqrt())
    return (
        f"At t = {t} the picture makes up √ᾱ = {signal:.4f} of x_t. To leap, x_0 must be solved from x_t = √ᾱ x_0 + "
        "√(1 − ᾱ) ε: "
        f"whatever is wrong in the guessed ε is divided by {signal:.4f}, so it grows {1 / signal:,.0f}-fold."
    )


def futures_value(request: FilmRequest, x_t: np.ndarray, x0_hat: np.ndarray, ends: np.ndarray | None) -> dict[str, Any]:
    """x_t, the average of its futures, and the network's single guess x0_hat; ends: (futures, 28, 28) uint8 once they
    are there.
    """
    t, average = request.fork_t, None if ends is None else np.round(ends.mean(axis=0)).astype(np.uint8)
    if ends is None or average is None:
        sentence = "Eight walks complete the same picture, each with fresh noise of its own."
    else:
        found = sorted(set(reading_of(*ends)))
        kinds = (
            f"all look like a {found[0]}"
            if len(found) == 1
            else f"look like {', '.join(map(str, found[:-1]))} and {found[-1]}"
        )
        sentence = (
            f"The eight {kinds}. Their average and the one guess x̂₀ are alike (correlation "
            f"{correlation(average, x0_hat):.2f}): "
            "a single guess is the average of all digits that the picture may become, and that is why it is blurred."
        )
    tiles = [
        tile(x_at(t), "what all of them start from", x_t),
        tile("average", "of the eight futures", average),
        tile("x̂₀", "the network's one guess", x0_hat, "≈"),
    ]
    return {"tiles": tiles, "sentence": sentence}
