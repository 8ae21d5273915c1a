"""Guess the noise: what the network is taught. The student bets on its error, and then sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from explorer.data import pictures
from explorer.data.pictures import UNLABELLED, Picture
from explorer.demos import noising
from explorer.page import forms, guessers, picture_chooser
from explorer.page.computing import SERVER
from explorer.page.device_films import chooser, trouble_of
from explorer.page.endpoints import add_settings_endpoint
from explorer.page.events import LATEST, RESTART, Updates, Values, told_to_viewer
from explorer.page.payloads.guesses import guess_value
from explorer.page.settings import GuessNoise, NoiseGuess
from explorer.page.states import state
from explorer.page.tab_part import PageContext, TabPart
from explorer.serving import guess
from explorer.serving.film_source import FilmSource
from explorer.widgets import Guessers, GuessingGame

INTRO = (
    "**Bet, then see.** The network gets xₜ and t and guesses the noise ε in it. *Is that easier when there is "
    "little noise, or when there is a lot?*"
)

NOTE = (
    "**This is all that the network is taught**: mix a digit with noise ε at a random t, let it guess ε, and lessen "
    "the mean squared error (MSE) between ε and its guess ε̂.\n\n"
    "The noise is easiest to guess where the picture is hardest: near t = T, xₜ is almost nothing but ε, and the "
    "little that is missed hides the whole picture. "
    "Near t = 0 it is the other way round.\n\n"
    "**A trap**: ε is *all* the noise in xₜ, not what the last step added. Subtracting it at once leads to x̂₀, not "
    "to x at t − 1."
)


def build(context: PageContext, tab: gr.Tab) -> TabPart:
    """Lay the tab out; the network is asked first when `tab` is opened."""
    first = GuessNoise()
    schedule = context.models.pretrained_schedule()

    def scene_of(picture: Picture, noise_seed: int) -> noising.Scene:
        return noising.scene(picture, noise_seed, schedule.kind, schedule.T)

    gr.Markdown(INTRO, elem_classes="intro")
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            scene = scene_of(pictures.digit(first.label, first.example), first.noise_seed)
            game = GuessingGame(value=guess_value(scene, UNLABELLED, first.t), elem_id="guess")
            gr.Markdown(NOTE)
        with gr.Column(scale=2, min_width=300, elem_classes="aside"):
            chosen = picture_chooser.build("guess", context)
            told = forms.control(GuessNoise, "told", "guess")
            compute = chooser(GuessNoise, "guess", context.compute, offered=context.devices.offered)

    gr.Markdown(guessers.INTRO)
    beside = Guessers(value={}, elem_id="guessers")
    gr.Markdown(guessers.NOTE)
    start = state("guess-start", first.t)  # the t of the link

    async def answers(data: Values, wish: str, request: gr.Request, why: str = "") -> AsyncIterator[Updates]:
        with told_to_viewer():
            settings = forms.read(NoiseGuess, {"told": told}, data)
        scene = scene_of(data[chosen.picture], data[chosen.noise_seed])
        label, found = label_told(scene.picture, settings.told), None
        yield {game: guess_value(scene, label, data[start], why=why)}  # x_t at once, and the answer when it comes
        with told_to_viewer():
            job = await context.devices.guess_job(scene, label, wish, request)
        if job is None:
            found = await ask_network(context.films, scene, label, guess.TIMES)
        yield {game: guess_value(scene, label, data[start], found, device=job, why=why)}
        yield {beside: await guessers.compare(context.films, scene, label, data[start], found)}

    async def ask(data: Values, request: gr.Request) -> AsyncIterator[Updates]:
        with told_to_viewer():
            wish = forms.read(GuessNoise, {"compute": compute}, data).compute
        async for updates in answers(data, wish, request):
            yield updates

    async def take_over(data: Values, event: gr.EventData, request: gr.Request) -> AsyncIterator[Updates]:
        """The viewer's device cannot guess: the server does."""
        async for updates in answers(data, SERVER, request, trouble_of(event._data)):
            yield updates

    inputs: set[gr.blocks.Block] = {chosen.picture, chosen.noise_seed, told, start, compute}
    gr.on(
        [tab.select, chosen.picture.change, chosen.noise_seed.change, told.input, compute.input],
        ask,
        inputs,
        {game, beside},
        concurrency_limit=None,
        **LATEST,
    )
    game.take_over(take_over, inputs, {game, beside}, **RESTART)

    async def guess_noise(settings: NoiseGuess, request: gr.Request) -> dict[str, Any]:
        """Noise a real digit and let the pretrained network guess the noise.

        example: which digit of its class; noise_seed: fixes eps; told: "the digit" for the guess of a network that
        knows the label. Returns mse, the mean of (eps - eps_hat)^2 (always guessing zero costs 1 on average), x0_mse,
        the same for x0_hat, and x_0, eps, x_t, eps_hat and x0_hat as 28 rows of 28 numbers.
        """
        scene = scene_of(pictures.digit(settings.label, settings.example), settings.noise_seed)
        found = await ask_network(context.films, scene, label_told(scene.picture, settings.told), (settings.t,))
        images = {
            "eps": found.eps[0],
            "x_t": found.x_t[0, 0],
            "eps_hat": found.eps_hat[0, 0],
            "x0_hat": found.x0_hat[0, 0],
        }
        return {
            "t": settings.t,
            "mse": float(found.error[0, 0]),
            "x0_mse": float(found.x0_error[0, 0]),
            "x_0": scene.picture.image()[0].tolist(),
            **{name: image.tolist() for name, image in images.items()},
        }

    add_settings_endpoint(NoiseGuess, guess_noise)
    return TabPart(
        chosen.controls | {"told": told, "compute": compute},
        lambda values: chosen.restore(values) | {start: values["t"]},
        {start, *chosen.also},
    )


def label_told(picture: Picture, told: str) -> int:
    """The label for the network: nobody knows that of one's own drawing."""
    return picture.label if told == "the digit" else UNLABELLED


async def ask_network(engine: FilmSource, scene: noising.Scene, label: int, t: tuple[int, ...]) -> guess.Guess:
    """The network's guess; where there is none, a sentence appears on the page."""
    with told_to_viewer():
        return await engine.guess(guess.GuessRequest(scene.picture.grey, t, (scene.noise_seed,), label))
