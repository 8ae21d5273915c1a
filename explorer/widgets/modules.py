"""The widgets' JavaScript as files that a browser fetches once, under an address that names their content.

What the page needs travels as one file, and each worker with what it imports as another: a class that opens the page
would else ask for 67 files a viewer. They lie in a folder whose name is a hash of all modules, so that a browser may
keep them for good: where a byte has changed, the address has changed. In device/ stands what computes on the viewer's
device, with its WebAssembly.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from explorer.widgets.bundle import bundle

HERE = Path(__file__).parent
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Access-Control-Allow-Origin": "*"}

SOURCES = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in sorted(HERE.rglob("*.js"))}
# what the modules in device/ run, beside them
KERNELS = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in sorted(HERE.rglob("*.wasm"))}
WHOLE = b"".join(name.encode() + b"\0" + text + b"\0" for name, text in (SOURCES | KERNELS).items())
VERSION = hashlib.sha256(WHOLE).hexdigest()[:16]
FOLDER = f"explorer-modules/{VERSION}"
# The same folder under another name. A browser may remember of an address that it failed, also of a module which
# another imports, so a second attempt needs other addresses for all of them.
SECOND_FOLDER = f"{FOLDER}-again"

TEXTS = {name: text.decode("utf-8") for name, text in SOURCES.items()}
FIRST = "connections.js"  # runs before Gradio's scripts, and so comes first
PAGE = "page.js"  # all that the page's widgets need
PARTS = [FIRST, "languages.js", *(name for name, text in TEXTS.items() if "\nexport function mount(" in text)]
WORKERS = [name for name in TEXTS if name in ("device/worker.js", "device/training_worker.js")]
# what is served
FILES = {PAGE: bundle(TEXTS, PARTS).encode()} | {name: bundle(TEXTS, [name]).encode() for name in WORKERS} | KERNELS

# In both languages, as what knows the page's language has not arrived either.
NOT_ARRIVED = "A part of the page did not arrive: reload the page. 页面的一部分未能送达：请重新加载页面。"

# Gradio runs this for each widget that it mounts, with element, trigger, props, server and watch as variables. It looks
# in it for the names of the widget's events. Values that come before the module is there are kept, in their order.
LOADER = """const events = EVENTS;
const early = [props.value];
let receive = (value) => early.push(value);
watch("value", () => receive(props.value));
const root = String(window.gradio_config?.root ?? "").replace(/\\/$/, "");
const from = (folder) => import(new URL(`${root}/${folder}/PAGE`, location.href).href);
from("FIRST")
  .catch(() => new Promise((later) => setTimeout(later, 1500)).then(() => from("SECOND")))
  .then(async ({ modules }) => {
    const { mount } = modules["MODULE"];
    await modules["languages.js"].ready; // what the widget says is said in the page's language
    receive = mount({ element, trigger, props, server, watch }) ?? (() => {});
    early.forEach((value) => receive(value));
    element.querySelector("[data-widget]").dataset.mounted = "true";
  })
  .catch((error) => {
    if (element.querySelector("[data-mounted]")) throw error;
    element.setAttribute("role", "alert");
    element.append("NOT_ARRIVED");
  });
"""


def loader(module: str, events: Sequence[str] = ()) -> str:
    """The `js_on_load` of a widget whose `mount` stands in this module; events: the names of those that it triggers.

    Raises KeyError for a module that there is not.
    """
    if module not in PARTS:
        raise KeyError(module)
    script = LOADER.replace("EVENTS", json.dumps(list(events))).replace("MODULE", module).replace("PAGE", PAGE)
    script = script.replace("NOT_ARRIVED", NOT_ARRIVED)
    return script.replace("FIRST", FOLDER).replace("SECOND", SECOND_FOLDER)


def takes_gzip(scope: Scope) -> bool:
    """Whether whoever asks can unpack gzip."""
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


def for_good(content: bytes, kind: str, *, packed: bool) -> Response:
    """The answer with a file whose address names its content, so that a browser may keep it; packed: by gzip."""
    headers = FOREVER | {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packed else {})
    return Response(content, media_type=kind, headers=headers)


class ModuleFiles:
    """ASGI application: the modules below /explorer-modules/VERSION/, packed where the browser takes gzip."""

    def __init__(self) -> None:
        self._packed = {name: gzip.compress(text, 9, mtime=0) for name, text in FILES.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        version, _, name = scope["path"].rpartition("explorer-modules/")[2].partition("/")
        if f"explorer-modules/{version}" not in (FOLDER, SECOND_FOLDER) or name not in FILES:
            await PlainTextResponse("there is no such module", 404)(scope, receive, send)
            return
        kind, packed = "application/wasm" if name in KERNELS else "text/javascript", takes_gzip(scope)
        await for_good((self._packed if packed else FILES)[name], kind, packed=packed)(scope, receive, send)
