"""Train: a network with random weights learns to guess the noise, live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Literal

import gradio as gr

from explorer.data.arrived import NotArrived
from explorer.lab.experiment import Experiment
from explorer.lab.session import LabUpdate, update_of
from explorer.lab.trainings import REWOUND, Lab, TrainingRefused
from explorer.page import experiment_form, forms
from explorer.page.device_films import able, chooser, stopping, trouble_of
from explorer.page.device_trainings import DeviceTrainings, Given
from explorer.page.events import AT_ONCE, LATEST, QUIET, RESTART, SHARED, Updates, Values, told_to_viewer
from explorer.page.forms import Field
from explorer.page.languages import language_of, said
from explorer.page.map_files import map_value
from explorer.page.payloads.texts import Sentence, sentence_of, told
from explorer.page.payloads.training import file_value, lab_value, resting_value
from explorer.page.settings import Train, TrainingTime
from explorer.page.states import state
from explorer.page.tab_part import PageContext, TabPart
from explorer.page.viewer import Viewer
from explorer.page.who_trains import WhoTrains
from explorer.validation import InvalidSetting, checked, narrowed
from explorer.widgets import DigitMap, TrainingLab
from explorer.widgets.lab import LabFile, LabValue
from explorer.widgets.map import MapView

INTRO = (
    "**Press start.** A network that knows nothing learns to guess the noise in 9,000 real digits. *After how many "
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
    "A falling loss is not yet a good digit: the squares say how many of the ten a small reader, which has learnt from "
    "real digits alone, reads as asked."
)
KNOWN_HERE = "# your drawings are known to this page only"  # in place of a command
COMMAND_OUT = "mine.safetensors"
TAB = "train"  # this tab's id
MAPS: tuple[MapView, ...] = ("lab",)


@dataclass(frozen=True)
class Parts:
    """The tab's components."""

    start: gr.Button
    stop: gr.Button
    go_on: gr.Button
    rewind: gr.Button
    watch: gr.Button
    display: TrainingLab
    map: DigitMap
    seconds: Field
    compute: Field
    experiments: experiment_form.Experiments
    upload: gr.UploadButton
    command: gr.Textbox


def build(context: PageContext, tab: gr.Tab) -> TabPart:
    """Lay the tab out; the name of the model that was trained last goes to the context's `own_model`."""
    lab, own_model = context.lab, context.own_model
    time = narrowed(TrainingTime, seconds=lab.longest)
    parts, greeted = lay_out(context, time), state("train-greeted", value=False)
    who = WhoTrains(lab, context.devices, context.trainings)
    handlers = Handlers(lab, who, context.trainings, time, parts, own_model, greeted)
    experiments = parts.experiments
    inputs = {parts.seconds, parts.compute, *experiments.inputs()}
    shown = [parts.display, own_model, parts.go_on, parts.rewind, parts.watch, parts.command]
    controls = {"seconds": parts.seconds, **experiments.fields}
    changes = [control.change for control in controls.values()]
    controls["compute"] = parts.compute
    key = context.bar.pressed
    gr.on([parts.start.click, key("train_start")], handlers.train, inputs, shown, **RESTART)
    given = context.class_digits.change(
        lambda digits: experiments.learn_from(digits.pictures),
        context.class_digits,
        [experiments.drawings, experiments.count, experiments.fields["dataset"]],
        **QUIET,
    )
    given.success(handlers.train, inputs, shown, **RESTART)
    gr.on([parts.go_on.click, key("train_go_on")], handlers.train_on, {parts.seconds}, shown, **RESTART)
    gr.on([parts.rewind.click, key("train_rewind")], handlers.take_back, None, parts.display, **SHARED)
    stops = [parts.stop.click, key("train_stop")]
    gr.on(stops, handlers.halt, None, None, **AT_ONCE, concurrency_limit=None)
    for stopped in stops:
        stopped(None, None, None, js=stopping("lab"))
    parts.display.trained(handlers.take_in, None, shown, **SHARED)
    parts.display.take_over(handlers.take_over, None, shown, **RESTART)
    parts.upload.upload(handlers.bring, parts.upload, [parts.display, own_model, parts.watch], **SHARED)
    gr.on(changes, handlers.tell, inputs, parts.command, **LATEST, concurrency_limit=None)
    parts.watch.click(lambda count: count + 1, context.watch_requests, context.watch_requests, **QUIET)
    tab.select(handlers.greet, {greeted}, [*shown, greeted], **SHARED)
    return TabPart({**controls}, lambda values: {parts.map: map_value(TAB, MAPS, values["map"])}, {parts.map})


def lay_out(context: PageContext, time: type[TrainingTime]) -> Parts:
    """The tab's components, in their places; time: how long a training may be on this server."""
    lab = context.lab

    def download(model: str) -> LabFile:
        try:
            return file_value(lab.file(model))
        except TrainingRefused as error:
            return {"problem": told(sentence_of(error))}

    first = checked(time, {})
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
            digit_map = DigitMap(value=map_value(TAB, MAPS), elem_id="lab-map")
        with gr.Column(scale=2, min_width=300, elem_classes="aside"):
            seconds = forms.control(time, "seconds", "train")
            compute = chooser(Train, "train", context.compute, offered=context.devices.offered)
            experiments = experiment_form.build(context.belongings)
            with gr.Accordion("Take it along", open=False, elem_id="train-along"):
                upload = gr.UploadButton("Load a file of weights", type="filepath", size="md", elem_id="train-load")
                command = gr.Textbox(
                    Experiment().command(f"--seconds {first.seconds}", COMMAND_OUT),
                    lines=4,
                    interactive=False,
                    buttons=["copy"],
                    label="The same training on a command line",
                    elem_id="train-command",
                )
            gr.Markdown(NOTE)

    return Parts(start, stop, go_on, rewind, watch, display, digit_map, seconds, compute, experiments, upload, command)


@dataclass(frozen=True)
class Handlers:
    """What the tab's buttons do."""

    lab: Lab
    who: WhoTrains
    trainings: DeviceTrainings
    time: type[TrainingTime]
    parts: Parts
    own_model: gr.State
    greeted: gr.State  # whether this page has asked what there is

    async def train(self, data: Values, request: gr.Request) -> AsyncIterator[Updates]:
        """Start: a training with the form's settings."""
        with told_to_viewer():
            experiment, drawings = self.parts.experiments.read(data)
            seconds, owner = self._seconds(data), Viewer.of(request).key
            given, wish = Given(experiment, seconds, drawings), self._wish(data)
            least = self.who.least(given, wish, able=able(request))
            if least is not None:
                if self.lab.trains(owner):
                    raise TrainingRefused("your training is already running: stop it first")
                yield await self._given(given, owner, least)
                return
            self.trainings.forget(owner)
            why, whole = self.who.why_not(given, wish), False
            async for update in self.lab.start(experiment, seconds, owner, drawings):
                whole = update.over and update.progress == 1
                yield self._shown(update, why)
            if whole:
                self.who.get_ready(given, wish, able=able(request))

    def _wish(self, data: Values) -> str:
        return checked(Train, {"compute": data[self.parts.compute]}).compute

    async def _given(self, given: Given, owner: str, least: float) -> Updates:
        """What the page is told of a training that its device is to do; least: see TrainingJob."""
        try:
            job = await self.trainings.job(given, owner, least)
        except (FileNotFoundError, NotArrived) as error:
            raise TrainingRefused(sentence_of(error)) from None
        update = await self._about(given)
        return self._shown(update) | {self.parts.display: lab_value(update) | {"device": job}}

    async def take_in(self, event: gr.EventData, request: gr.Request) -> Updates:
        """The viewer's device has trained: what it has learnt can be watched, downloaded, compared."""
        with told_to_viewer():
            update = await asyncio.to_thread(self.trainings.learnt, Viewer.of(request).key, event._data)
        return self._shown(replace(update, turn=self.lab.new_turn()))

    async def take_over(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[Updates]:
        """The viewer's device cannot do the training that it was given: the server does."""
        with told_to_viewer():
            owner, why = Viewer.of(request).key, trouble_of(event._data)
            given = self.trainings.about(owner)
            self.trainings.forget(owner)
            async for update in self.lab.start(given.experiment, given.seconds, owner, given.drawings):
                yield self._shown(update, why)

    async def train_on(self, data: Values, request: gr.Request) -> AsyncIterator[Updates]:
        """Go on."""
        with told_to_viewer():
            owner, seconds = Viewer.of(request).key, self._seconds(data)
            if self.trainings.trains(owner):
                given = replace(self.trainings.about(owner), seconds=seconds)
                yield {self.parts.display: self._ordered(await self._about(given), "go on", seconds)}
                return
            async for update in self.lab.go_on(seconds, owner):
                yield self._shown(update)

    async def _about(self, given: Given) -> LabUpdate:
        """What there is to tell of a training that a device is to do."""
        return update_of(await asyncio.to_thread(given.training), turn=self.lab.new_turn())

    def _ordered(self, update: LabUpdate, what: Literal["go on", "rewind"], seconds: int) -> LabValue:
        return lab_value(update) | {"order": {"what": what, "seconds": seconds}}

    def halt(self, request: gr.Request) -> None:
        """Stop."""
        self.lab.stop(Viewer.of(request).key)

    async def take_back(self, request: gr.Request) -> LabValue:
        """Rewind: the same initial weights."""
        with told_to_viewer():
            owner = Viewer.of(request).key
            if self.trainings.trains(owner):
                given = self.trainings.anew(owner)
                update = replace(await self._about(given), note=REWOUND)
                return self._ordered(update, "rewind", round(given.seconds))
            return lab_value(await self.lab.rewind(owner))

    async def bring(self, path: str, request: gr.Request) -> Updates:
        """Load a file of weights."""
        with told_to_viewer():
            update = await self.lab.load(path, Viewer.of(request).key)
            self.trainings.forget(Viewer.of(request).key)
        shown = {self.parts.display: lab_value(update), self.own_model: update.model}
        return shown | {self.parts.watch: gr.Button(interactive=True)}

    async def greet(self, data: Values, request: gr.Request) -> Updates:
        """The tab was opened: before the first training, what a network draws that knows nothing; on a page that was
        loaded anew, the training that was the viewer's before.
        """
        owner, before = Viewer.of(request).key, {self.greeted: True}
        if not self.lab.knows(owner):
            return before | {self.parts.display: resting_value(await self.lab.untrained())}
        found = None if data[self.greeted] else await self.lab.found(owner)
        return before if found is None else before | self._shown(found)

    def tell(self, data: Values, request: gr.Request) -> str:
        """The command line that would train the same, or why there is none."""
        try:
            experiment, drawings = self.parts.experiments.read(data)
            if drawings:
                return said(KNOWN_HERE, language_of(request))
            return experiment.command(f"--seconds {self._seconds(data)}", COMMAND_OUT)
        except InvalidSetting as error:
            return said(Sentence("# {0}", sentence_of(error)), language_of(request))

    def _seconds(self, data: Values) -> int:
        return checked(self.time, {"seconds": data[self.parts.seconds]}).seconds

    def _shown(self, update: LabUpdate, why: str = "") -> Updates:
        """What an update of the viewer's own training, or of the one that they wait for, changes on the page. why: said
        before how it stands.
        """
        parts = self.parts
        news: Updates = {parts.display: lab_value(update, why)}
        if update.model:
            news |= {self.own_model: update.model, parts.watch: gr.Button(interactive=True)}
        if not update.ahead:
            news |= {parts.go_on: gr.Button(interactive=True), parts.rewind: gr.Button(interactive=True)}
        return news
