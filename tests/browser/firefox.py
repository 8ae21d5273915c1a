"""Firefox as it is installed, driven over WebDriver BiDi (w3.org/TR/webdriver-bidi): Playwright drives only its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PATIENCE_S = 60


class Firefox:
    """A running Firefox with one tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._commands = socket, 0
        self._ask("session.new", {"capabilities": {}})
        self._tab = self._ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._commands += 1
        self._socket.send(json.dumps({"id": self._commands, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv(PATIENCE_S))).get("id") != self._commands:
            pass  # an event
        assert answer["type"] == "success", answer
        return answer["result"]

    def open(self, url: str) -> None:
        """Show this page."""
        self._ask("browsingContext.navigate", {"context": self._tab, "url": url, "wait": "complete"})

    def evaluate(self, function: str) -> Any:  # noqa: ANN401 # whatever JSON the page gives
        """Call a JavaScript function in the page; what it gives, or promises, as JSON."""
        told = self._ask(
            "script.evaluate",
            {
                "expression": f"({function})().then((value) => JSON.stringify(value))",
                "target": {"context": self._tab},
                "awaitPromise": True,
            },
        )
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])


@contextmanager
def running(profile: Path) -> Iterator[Firefox]:
    """Firefox with a profile of its own, until the end of the block."""
    command = [str(FIREFOX), "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        assert process.stderr is not None
        address = next(
            found[1] for line in process.stderr if (found := re.search(r"BiDi listening on (ws://\S+)", line))
        )
        with connect(f"{address}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(20)
