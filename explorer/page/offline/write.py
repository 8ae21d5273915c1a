"""The file itself: one HTML with everything in it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import gradio as gr

from explorer.data import digits
from explorer.device.export import export, export_guesser
from explorer.page import languages
from explorer.page.build import LAUNCH, THEME, TITLE, build
from explorer.page.computing import SERVER
from explorer.page.languages import files as language_files
from explorer.page.map_files import address as map_address
from explorer.page.map_files import map_file
from explorer.page.offline.algorithms import FILE as ALGORITHMS
from explorer.page.offline.algorithms import algorithms_file
from explorer.page.offline.digit_files import digit_files
from explorer.page.offline.facts import PERFECT_FILE, PRETRAINED, facts
from explorer.page.offline.layout import Layout, layout
from explorer.page.offline.lesson_file import Only, narrowed
from explorer.page.offline.letters import letters
from explorer.page.offline.link_facts import links
from explorer.page.offline.trainings import trainings
from explorer.page.options import Options
from explorer.page.tabs.train import TAB as TRAIN
from explorer.serving.model_store import PRETRAINED as MODEL
from explorer.serving.model_store import ModelStore
from explorer.widgets.base import read
from explorer.widgets.bundle import bundle
from explorer.widgets.modules import KERNELS, TEXTS

WHOLE = Only()
LEVEL = 9  # of gzip
# The first lets modules find in the file what they fetch; the second lays the page out.
INSIDE, HOST, WORKER = "offline/inside.js", "offline/host.js", "device/worker.js"
TRAINING_WORKER = "device/training_worker.js"
UNPACK = "offline/unpack.js"  # opens the page
STYLE, SCRIPT = "page.css", "page.js"
# Addresses that a module makes from its own lead into the file, see widgets/offline/inside.js.
ADDRESS = "https://inside.invalid/explorer-modules/offline/module.js"
FRONTEND = Path(gr.__file__).parent / "templates" / "frontend"
FONT = "Source Sans Pro"  # the theme's; another one it names is never seen
FACE = re.compile(r"@font-face \{.*?\}", re.DOTALL)

# Runs before anything is drawn: light or dark, as Gradio decides it.
COLOURS = (
    'document.body.classList.toggle("dark",/__theme=dark/.test(location.href)'
    '||!/__theme=light/.test(location.href)&&matchMedia("(prefers-color-scheme: dark)").matches);'
)


def one_file(only: Only = WHOLE) -> str:
    """The page, as HTML of one file; only: of some lessons alone. Takes some seconds. Raises InvalidSetting."""
    only.chosen()  # what there is not is told at once
    models = ModelStore()
    demo = build(models, Options(compute=SERVER))  # who computes is no question here
    page, tabs, opening = narrowed(layout(demo), only)
    widgets = [kind["module"] for kind in page["widgets"].values()]
    events = [{**event, "js": bool(event["js"])} for event in page["events"]]
    parts, known_of_trainings = trainings() if TRAIN in tabs else ({}, None)
    known = facts(models, links(demo, tabs)) | {"trainings": known_of_trainings}
    data = {"page": page | {"events": events, "opening": opening}, "facts": known}
    handlers = ", ".join(event["js"] or "null" for event in page["events"])
    script = (
        f'{joined([INSIDE, HOST, *widgets])}window.explorerHandlers = [{handlers}];modules["{HOST}"].open(modules);'
    )
    files = {
        STYLE: "\n".join([theme(), read("offline/controls.css"), LAUNCH["css"], widget_styles(page)]).encode(),
        SCRIPT: script.encode(),
        "page.json": json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(),
        **digit_files(),
        f"{map_address()}/map.json": map_file(),
        **{Path(name).name: code for name, code in KERNELS.items()},
    }
    if only.needs_network:
        perfect = export_guesser(models.pretrained_schedule(), len(digits.bundled()))
        files |= {WORKER: joined([WORKER]).encode(), PRETRAINED: export(models.whole(MODEL)), PERFECT_FILE: perfect}
    if parts:
        files[ALGORITHMS] = algorithms_file(models)
        files |= {TRAINING_WORKER: joined([TRAINING_WORKER]).encode(), **parts}
    for code, address in zip(languages.codes(), language_files.ADDRESSES):
        if address:
            files[address] = languages.dictionary(code)
    return html(files)


def joined(names: Sequence[str]) -> str:
    """These modules with all that they need, as one script."""
    text = bundle(TEXTS, names).replace("export const modules", "const modules")
    return text.replace("import.meta.url", json.dumps(ADDRESS))


def html(files: Mapping[str, bytes]) -> str:
    """files: by the names under which the page asks for them."""
    style, *others = (inside(name, content) for name, content in files.items())
    start = f'{{ {joined([UNPACK])}modules["{UNPACK}"].openPage("{STYLE}", "{SCRIPT}"); }}'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(TITLE)}</title>
<meta name="explorer-file" content="1">
{language_files.offered()}
{LAUNCH["head"]}
</head>
<body>
<script>{COLOURS}</script>
<div class="gradio-container"><div class="main fillable"><main class="contain" id="page"></main></div></div>
{style}
<script>
{safe(start)}
</script>
{"".join(others)}</body>
</html>
"""


def inside(name: str, content: bytes) -> str:
    """A file as an element."""
    packed = gzip.compress(content, LEVEL, mtime=0)
    about = f'data-file="{escape(name)}" data-bytes="{len(packed)}"'
    return f'<script type="text/plain" {about}>{letters(packed)}</script>\n'


def safe(script: str) -> str:
    """A script that its element ends after, and not within."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def theme() -> str:
    """The theme's variables, with its font."""

    def embedded(found: re.Match[str]) -> str:
        file = re.search(r"url\('([^']+)'\)", found[0])
        if FONT not in found[0] or file is None:
            return ""
        font = base64.b64encode((FRONTEND / file[1]).read_bytes()).decode()
        return found[0].replace(file[1], f"data:font/woff2;base64,{font}")

    return FACE.sub(embedded, THEME._get_theme_css())


def widget_styles(page: Layout) -> str:
    """The widgets' styles, each inside its own widgets, where they count as much as they do on the server's page."""
    return "\n".join(f":is(#of-{name}, .of-{name}) {{\n{kind['css']}\n}}" for name, kind in page["widgets"].items())
