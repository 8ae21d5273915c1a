"""Who guesses best: the part of Guess the noise that sets the network beside the perfect guesser."""

from __future__ import annotations

from dataclasses import replace

from explorer.data import pictures
from explorer.demos.noising import Scene
from explorer.page.events import told_to_viewer
from explorer.page.payloads.guessers import FAIR, HEART, NETWORK, guessers_value
from explorer.serving.film_source import FilmSource
from explorer.serving.guess import TIMES, Guess, GuessRequest
from explorer.serving.model_store import PERFECT
from explorer.widgets.guessers import GuesserName, GuessersValue

INTRO = (
    "## The perfect guesser\nFor a finite set of digits the best guess is known exactly: the average of all of them, "
    "each weighted by how likely it is that xₜ was made from it. *Where is the network as good, and where is it "
    "better?*"
)
NOTE = (
    "Run to the end, the perfect guesser always gives back one of its 10,000 digits, exactly. The network cannot do "
    "that sum, and draws something new: **what it draws that is new comes from its errors.** Choose the perfect "
    "guesser as the network in Remove noise and in One leap or many, and see."
)


async def compare(films: FilmSource, scene: Scene, label: int, start: int, network: Guess | None) -> GuessersValue:
    """The widget's value, with the network's answers that are there already, None where they come from the viewer's
    device; where there are none of the perfect guesser, a sentence appears on the page. label: what all are told;
    start: the t to begin with.
    """
    asked = GuessRequest(scene.picture.grey, TIMES, (scene.noise_seed,), label, model=PERFECT)
    position = pictures.position(scene.picture)
    guesses: dict[GuesserName, Guess] = {} if network is None else {NETWORK: network}
    with told_to_viewer():
        if position is not None:
            guesses[FAIR] = await films.guess(replace(asked, left_out=position))
        guesses[HEART] = await films.guess(asked)
    return guessers_value(scene, label, start, guesses)
