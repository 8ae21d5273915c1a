"""The networks as viewers' devices run them: exported when they are first asked for, each under a name with its
content's hash, so that a browser fetches it once and keeps it for good.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from explorer.core.checkpoint import Model
from explorer.core.sentences import sentence_of
from explorer.serving.errors import Refused
from explorer.serving.model_store import PRETRAINED, ModelStore
from explorer.widgets.modules import for_good, takes_gzip

ROUTE = "/explorer-models"
# networks of viewers and what trainings need, up to 10 MB each; whoever needs one that was let go asks for it again
HELD_FILES = 12
GZIP_LEVEL = 6  # 0.3 s for the pretrained one; what a higher one takes off is less than a hundredth


@dataclass(frozen=True)
class DeviceFile:
    """An exported network as it travels. name: its content's hash."""

    name: str
    content: bytes
    packed: bytes

    @staticmethod
    def of(content: bytes) -> DeviceFile:
        """With its name, and packed."""
        return DeviceFile(
            hashlib.sha256(content).hexdigest()[:32], content, gzip.compress(content, GZIP_LEVEL, mtime=0)
        )


class DeviceModels:
    """Exported networks by their models' names, and the ASGI application that hands them out.

    Exports run in threads of their own, one at a time, beside the films. The pretrained one is never let go; of the
    others, whose names only those know who have trained or loaded them, the latest used are held.
    """

    def __init__(self, models: ModelStore, export: Callable[[Model], bytes], held: int = HELD_FILES) -> None:
        """export: raises ValueError, with one sentence, for a network that no device can run."""
        self._models, self._export, self._held = models, export, held
        self._files: OrderedDict[str, DeviceFile] = OrderedDict()
        self._begun: dict[str, asyncio.Task[DeviceFile]] = {}
        self._one_at_a_time = threading.Lock()

    def ready(self, model: str) -> str | None:
        """The address of an exported model, from the page's root on; None where it has not been exported."""
        file = self._files.get(model)
        if file is None:
            return None
        self._files.move_to_end(model)
        return f"{ROUTE[1:]}/{file.name}.bin"

    def begin(self, model: str) -> asyncio.Task[DeviceFile]:
        """Export this model in the background, if nobody has asked for it before. In the event loop."""
        if model not in self._begun:
            self._start(model, lambda: self._export(self._models.whole(model)))
        return self._begun[model]

    async def address(self, model: str) -> str:
        """The model's address, once it has been exported. Raises Refused for one that is not held, or cannot run on a
        device.
        """
        if (ready := self.ready(model)) is not None:
            return ready
        return await self._arrived(self.begin(model))

    async def file(self, name: str, make: Callable[[], bytes]) -> str:
        """The address of another file that devices need; make: makes it, in a thread, where it is not held under this
        name. Raises Refused where it cannot be made.
        """
        if (ready := self.ready(name)) is not None:
            return ready
        if name not in self._begun:
            self._start(name, make)
        return await self._arrived(self._begun[name])

    async def _arrived(self, task: asyncio.Task[DeviceFile]) -> str:
        try:
            file = await asyncio.shield(task)
        except (KeyError, ValueError) as error:
            raise Refused(sentence_of(error)) from error
        return f"{ROUTE[1:]}/{file.name}.bin"

    def _start(self, name: str, make: Callable[[], bytes]) -> None:
        def made() -> DeviceFile:
            with self._one_at_a_time:
                return DeviceFile.of(make())

        self._begun[name] = asyncio.create_task(asyncio.to_thread(made))
        self._begun[name].add_done_callback(lambda task: self._keep(name, task))

    def _keep(self, model: str, task: asyncio.Task[DeviceFile]) -> None:
        del self._begun[model]
        if task.cancelled() or task.exception() is not None:
            return
        self._files[model] = task.result()
        others = [name for name in self._files if name != PRETRAINED]
        for name in others[: -self._held]:
            del self._files[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope["path"].rpartition(f"{ROUTE}/")[2].removesuffix(".bin")
        file = next((file for file in self._files.values() if file.name == name), None)
        if file is None:
            await PlainTextResponse("this network is not held here", 404)(scope, receive, send)
            return
        packed = takes_gzip(scope)
        answer = for_good(file.packed if packed else file.content, "application/octet-stream", packed=packed)
        answer.headers.setdefault("Content-Encoding", "identity")
        await answer(scope, receive, send)
