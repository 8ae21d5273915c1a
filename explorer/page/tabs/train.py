"""Train: a network with random weights learns to guess the noise, live."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import gradio as gr

from explorer.lab.experiment import Experiment
from explorer.lab.trainings import Lab, TrainingRefused
from explorer.page import experiment_form
from explorer.page.payloads.training import file_value, lab_value, resting_value
from explorer.page.settings import train_table
from explorer.page.tab_link import Linked
from explorer.validation import InvalidSetting, checked
from explorer.widgets import TrainingLab

INTRO = (
    "**Press start.** A network that knows nothing learns to guess the noise in 10,000 real digits. *After how many "
    "seconds can you read its own?*"
)
CLOSED = (
    "**Training is switched off on this server.** You can still load a file of weights under *Take it along*, and "
    "watch it generate."
)

NOTE = (
    "The loss is the mean of (ε − ε̂)², the squared error of the guess. Always answering zero costs 1, since the "
    "noise has variance 1: "
    "whatever lies below the dashed line has been learnt.\n\n"
    "Every few seconds the network draws the digits 0 to 9 from the same ten noises. You see it learn to draw, "
    "although all that it is taught is to guess noise. "
    "A falling loss is not yet a good digit: compare them with the two sliders."
)
COMMAND_OUT = "mine.safetensors"


@dataclass(frozen=True)
class Train:
    """What other parts of the page may touch."""

    watch: gr.Button  # "Watch it generate"
    linked: Linked


def build(lab: Lab, own_model: gr.State, tab: gr.Tab) -> Train:
    """Lay the tab out; trainings run in `lab`, and the name of the last model goes to `own_model`."""

    def download(model: str) -> dict[str, str]:
        try:
            return file_value(lab.file(model))
        except TrainingRefused as error:
            return {"problem": str(error)}

    table = train_table(lab.longest)
    first, limits = checked(table, {}), table["seconds"]
    gr.Markdown(CLOSED if lab.closed else INTRO)
    with gr.Row():
        with gr.Column(scale=5, min_width=340):
            with gr.Row(equal_height=True):
                start = gr.Button(
                    "▶ Start",
                    variant="primary",
                    interactive=not lab.closed,
                    size="md",
                    elem_id="train-start",
                    min_width=80,
                )
                stop = gr.Button("■ Stop", size="md", elem_id="train-stop", min_width=80)
                go_on = gr.Button("Go on", interactive=False, size="md", elem_id="train-go-on", min_width=80)
                rewind = gr.Button("↺ Rewind", interactive=False, size="md", elem_id="train-rewind", min_width=80)
                watch = gr.Button(
                    "Watch it generate", interactive=False, size="md", elem_id="train-watch", min_width=120
                )
            display = TrainingLab(value=None, elem_id="lab", server_functions=[download])
        with gr.Column(scale=2, min_width=300, elem_classes="aside"):
            seconds = gr.Slider(
                limits.low,
                limits.high,
                first["seconds"],
                step=5,
                label="Training time in seconds",
                elem_id="train-seconds",
            )
            seed = gr.Number(Experiment().seed, label="Seed of the initial weights", precision=0, elem_id="train-seed")
            experiments = experiment_form.build(seed)
            with gr.Accordion("Take it along", open=False, elem_id="train-along"):
                upload = gr.UploadButton("Load a file of weights", type="filepath", size="md", elem_id="train-load")
                command = gr.Textbox(
                    Experiment().command(f"--seconds {first['seconds']}", COMMAND_OUT),
                    lines=4,
                    interactive=False,
                    buttons=["copy"],
                    label="The same training on a command line",
                    elem_id="train-command",
                )
            gr.Markdown(NOTE)

    inputs = {seconds, *experiments.inputs()}
    shown = {display, own_model, go_on, rewind, watch, command}

    async def stream(updates: Callable[[], AsyncIterator]) -> AsyncIterator[dict]:
        try:
            async for update in updates():
                news = {display: lab_value(update)}
                if update.model:
                    news |= {own_model: update.model, watch: gr.Button(interactive=True)}
                if not update.ahead:
                    news |= {go_on: gr.Button(interactive=True), rewind: gr.Button(interactive=True)}
                yield news
        except (InvalidSetting, TrainingRefused) as error:
            raise gr.Error(str(error), print_exception=False) from None

    def seconds_of(data: dict) -> int:
        return checked(table, {"seconds": data[seconds]})["seconds"]

    def owner(request: gr.Request) -> str:
        return request.session_hash or uuid.uuid4().hex

    async def train(data: dict, request: gr.Request):
        def updates() -> AsyncIterator:
            settings, drawings = experiments.settings(data)
            return lab.start(Experiment(**settings), seconds_of(data), owner(request), drawings)

        async for news in stream(updates):
            yield news

    async def train_on(data: dict, request: gr.Request):
        async for news in stream(lambda: lab.go_on(seconds_of(data), owner(request))):
            yield news

    def halt(request: gr.Request) -> None:
        lab.stop(owner(request))

    async def take_back(request: gr.Request) -> dict:
        try:
            return lab_value(await lab.rewind(owner(request)))
        except TrainingRefused as error:
            raise gr.Error(str(error), print_exception=False) from None

    async def bring(path: str, request: gr.Request) -> dict:
        try:
            update = await lab.load(path, owner(request))
        except TrainingRefused as error:
            raise gr.Error(str(error), print_exception=False) from None
        return {display: lab_value(update), own_model: update.model, watch: gr.Button(interactive=True)}

    async def greet(request: gr.Request) -> dict:
        return gr.skip() if lab.knows(owner(request)) else resting_value(await lab.untrained())

    def tell(data: dict) -> str:
        try:
            settings, drawings = experiments.settings(data)
            return (
                "# your drawings are known to this page only"
                if drawings
                else Experiment(**settings).command(f"--seconds {seconds_of(data)}", COMMAND_OUT)
            )
        except InvalidSetting as error:
            return f"# {error}"

    quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    start.click(train, inputs, shown, trigger_mode="multiple", **quiet)
    go_on.click(train_on, {seconds}, shown, trigger_mode="multiple", **quiet)
    rewind.click(take_back, None, display, **quiet)
    stop.click(halt, None, None, queue=False, **quiet)
    upload.upload(bring, upload, {display, own_model, watch}, **quiet)
    gr.on(
        [component.change for component in (seconds, experiments.data, *experiments.fields.values())],
        tell,
        inputs,
        command,
        trigger_mode="always_last",
        **quiet,
    )
    tab.select(greet, None, display, **quiet)
    return Train(watch, Linked({"seconds": seconds, "dataset": experiments.data, **experiments.fields}))
