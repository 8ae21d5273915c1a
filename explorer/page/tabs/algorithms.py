"""The two algorithms of the chapter on one screen: a section of the Train tab."""

from __future__ import annotations

import asyncio
import random

import gradio as gr

from explorer.demos import algorithms
from explorer.page.events import SHARED, Updates
from explorer.page.payloads.algorithms import algorithm_value
from explorer.page.payloads.texts import Sentence
from explorer.page.states import state
from explorer.page.tab_part import PageContext, TabPart
from explorer.serving.model_store import ModelStore
from explorer.widgets import Algorithm
from explorer.widgets.algorithm import AlgorithmValue

INTRO = (
    "### The two algorithms\nThe whole method is these two loops. Go through them line by line, on real tensors and "
    "with the pretrained network. "
    "*Which lines use the network, which use real data, and which draw fresh noise? Mark them, then check.*"
)
FIRST_SEED = 0
TITLES = ("Training: learn to guess the noise", "Generation: remove it, a little at a time")
REMARKS = (
    "One picture at a time here; a real training takes the mean over many.",
    Sentence(
        "{0} steps here, evenly spread over 1 … T. The mean is that of the DDPM paper's equation 7.", algorithms.STEPS
    ),
)


def build(context: PageContext, tab: gr.Tab) -> TabPart:
    """Lay the section out; the lines are run with the pretrained model, first when `tab` is opened."""
    gr.Markdown(INTRO)
    with gr.Row(equal_height=True, elem_id="algorithms"):
        with gr.Column(min_width=340):
            training = Algorithm(
                value=algorithm_value(TITLES[0], algorithms.TRAINING, remark=REMARKS[0]), elem_id="algorithm-training"
            )
        with gr.Column(min_width=340):
            generation = Algorithm(
                value=algorithm_value(TITLES[1], algorithms.GENERATION, remark=REMARKS[1]),
                elem_id="algorithm-generation",
            )
    again = gr.Button("Run both again with other random numbers", elem_id="algorithm-again")
    seed = state("algorithm-seed", FIRST_SEED)
    kept: list[Updates] = []  # the run that every page begins with: computed for the first one, and once for a class
    first_run = asyncio.Lock()

    async def compute(seed: int) -> Updates:
        values = await asyncio.to_thread(context.scheduler.training, lambda: run_values(context.models, seed))
        return dict(zip((training, generation), values, strict=True))

    async def run(seed: int) -> Updates:
        if seed != FIRST_SEED:
            return await compute(seed)
        async with first_run:
            if not kept:
                kept.append(await compute(seed))
        return kept[0]

    tab.select(run, seed, [training, generation], **SHARED)
    anew = [again.click, context.bar.pressed("algorithms_again")]
    gr.on(anew, lambda: random.randrange(1, 1_000_000), None, seed, **SHARED).then(
        run, seed, [training, generation], **SHARED
    )
    return TabPart()


def run_values(models: ModelStore, seed: int) -> tuple[AlgorithmValue, AlgorithmValue]:
    """A run of each algorithm with the pretrained model, training first."""
    first, second = algorithms.run(models.pretrained(), seed)
    return (
        algorithm_value(TITLES[0], algorithms.TRAINING, first, REMARKS[0]),
        algorithm_value(TITLES[1], algorithms.GENERATION, second, REMARKS[1]),
    )
