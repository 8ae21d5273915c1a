"""What Gradio leaves open, closed: requests of any size, and fetching files from elsewhere for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NoReturn

import gradio as gr
import safehttpx  # by which Gradio fetches; both of its ways there pass one of two functions
from gradio.block_function import BlockFunction
from gradio.components.api_component import Api
from gradio.data_classes import BlocksConfigDict
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.core.sentences import Sentence
from explorer.page.connections import PageConnections
from explorer.page.device_models import ROUTE as NETWORKS
from explorer.page.first_script import FirstScript
from explorer.page.kept_page import KeptPage
from explorer.page.languages import language_of, said
from explorer.page.languages.files import ROUTE, LanguageFiles, offered
from explorer.page.light_sessions import lighten
from explorer.page.map_files import ROUTE as MAP_ROUTE
from explorer.page.map_files import MapFiles
from explorer.page.packing import Packing
from explorer.page.readers import Readers, ReadersAtTheDoor
from explorer.page.strange_requests import StrangeRequests
from explorer.page.take_along import ROUTE as TAKE_ROUTE
from explorer.page.take_along import TakeAlong
from explorer.widgets.modules import ModuleFiles

MAX_BODY_BYTES = 4 * 2**20  # bytes; the largest that the page sends is a drawing of 10,000 points, 0.2 MB
MAX_FILE_BYTES = 16 * 2**20  # bytes of an uploaded file
MAX_UPLOAD_BYTES = MAX_FILE_BYTES + 2**16  # bytes; the file and the form around it
UPLOAD = "/gradio_api/upload"
IN_MEMORY_BYTES = 2**20  # bytes of a request; what is beyond goes to a file that has no name
PIECE_BYTES = 2**16  # bytes


class BodySizeLimit:
    """ASGI middleware: a request reaches Gradio once it is here whole, and one of too many bytes is refused, before it
    is read if it tells its length.

    Else one of 200 MB would cost a gigabyte of memory, and of an upload whose page is closed on the way, Gradio would
    keep the part for ever.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = MAX_UPLOAD_BYTES if scope["path"].rstrip("/").endswith(UPLOAD) else MAX_BODY_BYTES
        too_large = PlainTextResponse(f"The maximum allowed size of this request is {limit} bytes.", 413)
        if int(dict(scope["headers"]).get(b"content-length", b"0")) > limit:
            await too_large(scope, receive, send)
            return
        with SpooledTemporaryFile(IN_MEMORY_BYTES) as body:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body.write(message.get("body", b""))
                if body.tell() > limit:  # it had not told its length
                    await too_large(scope, receive, send)
                    return
                more = message.get("more_body", False)
            await self._app(scope, replayed(body, receive), send)


def replayed(body: IO[bytes], receive: Receive) -> Receive:
    """The request with the body that is already here; after it, what the connection still tells."""
    size, done = body.tell(), False
    body.seek(0)

    async def again() -> Message:
        nonlocal done
        if done:
            return await receive()
        piece = body.read(PIECE_BYTES)
        done = body.tell() == size
        return {"type": "http.request", "body": piece, "more_body": not done}

    return again


async def refuse(*_: Any, **__: Any) -> NoReturn:
    """In place of whatever would fetch something for a stranger. Raises gr.Error."""
    raise gr.Error("this server fetches nothing from elsewhere: send the file itself", print_exception=False)


class HardenedBlocks(gr.Blocks):
    """A page whose server is narrow, and fetches nothing for strangers.

    Gradio would: for /gradio_api/file=https://..., and for a file in an input that is given by its address, it gets the
    file from any public host and hands it on. That makes a classroom's server a stranger's proxy, and the page has no
    use for it.
    """

    def __init__(
        self,
        holds: Callable[[str], Iterable[str]] = lambda key: (),
        opened: Callable[[str, str], None] = lambda key, session: None,
        first: Sequence[Middleware] = (),
        networks: ASGIApp | None = None,
        **settings: Any,
    ) -> None:
        """holds, opened: as in PageConnections; first: what a request passes before all that stands here; networks:
        what answers below device_models.ROUTE; the rest is gr.Blocks' own. readers: who is there to fetch answers.
        controls: by tab, what links name, see TabPart.
        """
        super().__init__(**settings)
        self._holds, self._opened = holds, opened
        self._first, self._networks = tuple(first), networks
        self.readers = Readers()
        self.controls: dict[str, Mapping[str, gr.blocks.Block]] = {}

    def _session_of(self, event_id: str) -> str | None:
        """The session of one of Gradio's events, None once it has ended."""
        event = self._queue.event_ids_to_events.get(event_id)
        return None if event is None else event.session_hash

    async def _end_session_events(self, session: str) -> None:
        """End what runs for this session, as if its page had been closed."""
        await self._queue.clean_events(session_hash=session)

    def get_config_file(self) -> BlocksConfigDict:
        """As gr.Blocks.get_config_file; of an event's listeners, those that run in the browser alone come first.

        Gradio's page has an event answered by one listener after the other, each when the one before has ended, and a
        film's ends with its last frame.
        """
        config = super().get_config_file()
        config["dependencies"].sort(key=lambda each: each["backend_fn"] or each["trigger_after"] is not None)
        return config

    def launch(self, *arguments: Any, **settings: Any) -> Any:
        """As gr.Blocks.launch, narrow from the first request on."""
        safehttpx.get = safehttpx.async_validate_url = refuse  # for the whole process
        lighten()
        middleware = [
            *self._first,
            Middleware(KeptPage),
            Middleware(Packing),
            Middleware(BodySizeLimit),
            Middleware(FirstScript, head=offered()),
            Middleware(PageConnections, holds=self._holds, opened=self._opened),
            Middleware(
                ReadersAtTheDoor, readers=self.readers, session_of=self._session_of, give_up=self._end_session_events
            ),
            Middleware(StrangeRequests),
        ]
        routes = [Mount("/explorer-modules", app=ModuleFiles()), Mount(ROUTE, app=LanguageFiles())]
        routes += [Mount(MAP_ROUTE, app=MapFiles()), Mount(TAKE_ROUTE, app=TakeAlong())]
        if self._networks is not None:
            routes.append(Mount(NETWORKS, app=self._networks))
        return super().launch(*arguments, app_kwargs={"middleware": middleware, "routes": routes}, **settings)

    def close(self, verbose: bool = True) -> None:  # noqa: FBT001, FBT002 # as Gradio calls it
        """As gr.Blocks.close, also while pages are open.

        Gradio wakes what waits for its end from a thread that is not the server's, and so may find that it changes
        meanwhile.
        """
        try:
            super().close(verbose)
        except RuntimeError:
            self.is_running = True  # that it ends has been told by now: what is left is to end the server
            super().close(verbose)

    def handle_streaming_diffs(
        self,
        block_fn: BlockFunction,
        data: list[Any],
        session_hash: str | None,
        run: str | None,
        final: bool,  # noqa: FBT001 # as Gradio calls it
        simple_format: bool = False,  # noqa: FBT001, FBT002
    ) -> list[Any]:
        """As Gradio's: what is sent of a handler's next values. Each is sent whole, as an edit that replaces the one
        before: Gradio 6.31's edits of lists within lists delete the wrong elements, and news have little in common.
        """
        later = session_hash is not None and run is not None and run in self.pending_diff_streams[session_hash]
        whole = super().handle_streaming_diffs(block_fn, data, session_hash, run, final, simple_format=True)
        return [[["replace", [], value]] for value in whole] if later and not final and not simple_format else whole

    async def preprocess_data(
        self, block_fn: BlockFunction, inputs: list[Any], *settings: Any, **named: Any
    ) -> list[Any]:
        """As Gradio's: what was sent, made into a function's arguments.

        Of a public endpoint, the last parameters may be left out, and take their defaults. Raises gr.Error, with one
        sentence, for what cannot be used.
        """
        missing = block_fn.inputs[len(inputs) :]
        if not all(isinstance(parameter, Api) for parameter in missing):
            wrong = Sentence("{0} values are wanted, not {1}", len(block_fn.inputs), len(inputs))
            raise gr.Error(wrong, print_exception=False)
        defaults = [parameter.value for parameter in missing if isinstance(parameter, Api)]
        try:
            return await super().preprocess_data(block_fn, [*inputs, *defaults], *settings, **named)
        except Exception as error:
            told = error.message if isinstance(error, gr.Error) else "a value that was sent cannot be used here"
            raise gr.Error(told, print_exception=False) from None

    async def process_api(
        self, block_fn: Any, inputs: Any, state: Any = None, request: Any = None, *settings: Any, **named: Any
    ) -> dict[str, Any]:
        """As Gradio's: answer an event. A mistake is told in the language of the page that made it."""
        try:
            return await super().process_api(block_fn, inputs, state, request, *settings, **named)
        except gr.Error as error:
            error.message = said(error.message, language_of(request if isinstance(request, gr.Request) else None))
            raise
