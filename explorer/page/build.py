"""The page: the tabs side by side, and what passes between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.themes.utils.fonts import LocalFont
from starlette.middleware import Middleware

from explorer.classroom.classes import Classes
from explorer.core.devices import device_named
from explorer.device.export import export
from explorer.lab.cluster.client import OnCluster
from explorer.lab.cluster.trainer import FilmsAndTrainings
from explorer.lab.course import Computing, Here, Place
from explorer.lab.trainings import Lab
from explorer.page import languages
from explorer.page.audience import Audience
from explorer.page.belongings import Belongings
from explorer.page.class_digits import ClassDigits, hand_over
from explorer.page.class_door import ClassDoor
from explorer.page.class_values import classroom_value
from explorer.page.computing import AUTO
from explorer.page.device_films import DeviceFilms
from explorer.page.device_models import DeviceModels
from explorer.page.device_trainings import DeviceTrainings
from explorer.page.endpoints import add_endpoint
from explorer.page.events import SHARED
from explorer.page.hardening import MAX_FILE_BYTES, HardenedBlocks
from explorer.page.lessons import bar_value
from explorer.page.links import FIRST_TAB, parse_link
from explorer.page.options import OFF, ON, Options
from explorer.page.qr import qr_code
from explorer.page.states import state
from explorer.page.tab_part import PageContext, TabPart
from explorer.page.tabs import add_noise, algorithms, guess_noise, one_leap, remove_noise, rescue, train
from explorer.page.viewer import Viewer
from explorer.serving.cluster import connect
from explorer.serving.engine import Engine
from explorer.serving.film_source import FilmSource
from explorer.serving.model_store import ModelStore
from explorer.serving.scheduler import ComputeScheduler
from explorer.widgets import Classroom, LanguageSwitch, LessonBar, StatusLine
from explorer.widgets.lesson_bar import PAGE_CSS, PRINT_CSS, TURNING, asking

TITLE = "DDPM Explorer"
HEAD = (
    "Making an image in one step is too hard, so split it into many small ones: **destroy** digits by adding noise, "
    "**learn** to guess that noise, **generate** by removing a little at a time."
)
DEFAULTS = Options()
# The tabs in their order: id, title, and what builds its sections.
TABS: tuple[tuple[str, str, tuple[Callable[[PageContext, gr.Tab], TabPart], ...]], ...] = (
    ("add", "Add noise", (add_noise.build,)),
    ("guess", "Guess the noise", (guess_noise.build,)),
    (remove_noise.TAB, "Remove noise", (remove_noise.build, rescue.build)),
    ("leap", "One leap or many", (one_leap.build,)),
    ("train", "Train", (train.build, algorithms.build)),
)


def build(models: ModelStore | None = None, options: Options = DEFAULTS) -> HardenedBlocks:
    """The whole page with its own engine, lab and models, run as `options` say. Nothing is computed, and no network
    loaded, before someone asks.

    Raises NoCluster if the films are to come from a cluster that cannot be had, CheckpointError if the pretrained
    model's file is missing or is none, and NoSuchDevice if this machine lacks the device asked for.
    """
    turns = ComputeScheduler()
    models = models or ModelStore(device=device_named(options.device))
    embedded = Engine(models, turns, options.capacity, options.waiting)
    engine: FilmSource = embedded
    place: Place = Here(turns)
    if options.cluster != OFF:
        answers = FilmsAndTrainings(embedded, turns, models.device)
        engine = cluster = connect(options.cluster, embedded, answers, fallback=options.fallback == ON)
        place = OnCluster(cluster, Computing(turns))
    lab = Lab(models, turns, longest=options.training_seconds, place=place, closed=options.training == OFF)
    audience, belongings, classes = Audience(), Belongings(lab.leave), Classes()

    def holds(key: str) -> list[str]:
        """What the server keeps for a page."""
        return [*belongings.names(key), *(["training"] if lab.knows(key) else [])]

    exported = DeviceModels(models, export)
    demo: HardenedBlocks
    door = Middleware(ClassDoor, classes=classes, address=options.address, root_path=lambda: demo.root_path)
    with HardenedBlocks(
        holds,
        belongings.opened,
        [door],
        exported,
        title=TITLE,
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(600, 600),
    ) as demo:
        with gr.Row(elem_id="head-row"):
            gr.Markdown(f"# {TITLE}", elem_id="title")
            bar = LessonBar(value=bar_value(), elem_id="lesson-bar", server_functions=[qr_code])
            classroom = Classroom(value=classroom_value(), elem_id="classroom")
            LanguageSwitch(
                value={"names": {code: languages.name(code) for code in languages.codes()}},
                elem_id="language",
            )
        gr.Markdown(HEAD, elem_id="head")
        own_model, watch_requests = state("own-model", None), state("watch-requests", 0)
        class_digits = state("class-digits", ClassDigits())
        compute = state("compute", AUTO)
        with gr.Tabs(selected=FIRST_TAB, overflow_behavior="wrap") as tabs:  # on a phone too, all can be seen
            context = PageContext(
                models=models,
                scheduler=turns,
                films=engine,
                lab=lab,
                readers=demo.readers,
                belongings=belongings,
                tabs=tabs,
                bar=bar,
                devices=DeviceFilms(engine, exported, options.compute),
                trainings=DeviceTrainings(models, exported),
                compute=compute,
                own_model=own_model,
                watch_requests=watch_requests,
                class_digits=class_digits,
            )
            parts = {name: add_tab(context, name, title, sections) for name, title, sections in TABS}
        demo.controls |= {name: part.controls for name, part in parts.items()}
        hand_over(classroom, classes, class_digits, tabs)
        bar.turn(None, None, tabs, js=TURNING, api_visibility="private")
        belongings.follow("network", own_model, lambda name: {own_model: name if models.holds(name) else None})
        for name, part in parts.items():
            shown = {bar, *part.outputs, *belongings.outputs}
            latest = SHARED | {"trigger_mode": "always_last"}
            bar.opened(name)(opening(bar, part, belongings), bar, shown, js=asking(name), **latest)

        def leave(request: gr.Request) -> None:
            """The page was closed or loaded anew."""
            belongings.closed(Viewer.of(request), request.session_hash or "")

        demo.unload(leave)

        def status() -> dict[str, float]:
            """How busy the server is: films being computed and waiting, pictures advanced by one step per second,
            trainings; and how many pages are looked at.
            """
            return engine.load() | {"trainings": lab.waiting, "viewers": audience.count()}

        async def pulse(page: str) -> dict[str, float]:
            audience.hear(page)
            return status()

        StatusLine(elem_id="status-line", server_functions=[pulse])
        add_endpoint(status)
    demo.queue(max_size=512, default_concurrency_limit=None)
    return demo


def add_tab(
    context: PageContext, name: str, title: str, sections: Sequence[Callable[[PageContext, gr.Tab], TabPart]]
) -> TabPart:
    """Lay out a tab of these sections, and tell the lesson bar about it."""
    with gr.Tab(title, id=name) as tab:
        part = TabPart.joined(section(context, tab) for section in sections)
    part.follow(name, tab)
    return part


def opening(bar: LessonBar, part: TabPart, belongings: Belongings) -> Callable[[object, gr.Request], dict]:
    """The handler that shows in a tab what the address asks for; and on a page that was loaded anew, what was the
    viewer's own on it.
    """

    def open_link(told: object, request: gr.Request) -> dict:
        asked, viewer = told if isinstance(told, dict) else {}, Viewer.of(request)
        view, problems = parse_link(asked.get("query"))
        opening = asked.get("opening")
        if asked.get("whole") is True:  # on a page that shows something else already
            view = replace(view, values=view.all_values)
        changes = {bar: bar_value(view, problems, opening if isinstance(opening, int) else 0)} | part.show(view)
        return changes | belongings.restored(viewer, same_view=asked.get("again") is True)

    return open_link


# Gradio's own orange and grey are too pale to be read on white: at least 4.5 to 1, as WCAG asks
# and its default font's weight of 600 is a file with a few letters only: 700 is whole
THEME = gr.themes.Default(
    font=[LocalFont("Source Sans Pro", weights=(400, 700)), "ui-sans-serif", "system-ui", "sans-serif"]
).set(
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_dark="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_hover_dark="*primary_800",
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    block_info_text_color="*neutral_600",
    block_info_text_color_dark="*neutral_300",
)
ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 28 28'><rect width='28' height='28' rx='6'/><text x='14' "
    "y='21' font-size='20' text-anchor='middle' fill='white'>3</text></svg>"
)
LAUNCH: dict[str, Any] = {
    "theme": THEME,
    # without one, browsers ask for it at each change of the address
    "head": f'<link rel="icon" href="data:image/svg+xml,{quote(ICON)}"><style>{PRINT_CSS}</style>',
    "css": PAGE_CSS,
    "run_history": False,  # the default stores every frame in the browser and slows the page down
    "max_threads": 256,  # also Gradio's limit of events in progress, and each playing film is one
    "ssr_mode": False,
    "max_file_size": MAX_FILE_BYTES,
    "enable_monitoring": False,
    # pages whose choices are kept, the latest used; each costs 0.4 MB, and Gradio keeps 10,000, closed ones too
    "state_session_capacity": 200,
    "share": False,  # no tunnel through another host, whatever the environment says
}
