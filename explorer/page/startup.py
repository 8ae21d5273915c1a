"""What stands between `python app.py` and a page that answers, on machines as they are.

Proxies, hosts that are not here, folders that cannot be written, files that did not arrive whole, a container's
signals: each is either put right here or told in one sentence, before Gradio begins.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from explorer.data.arrived import NotArrived, check_arrived
from explorer.data.digit_map import FILE as MAP_FILE
from explorer.data.digits import BUNDLED, UNCLEAR
from explorer.lab.reading import FILE as READER_FILE
from explorer.serving.model_store import PRETRAINED_FILE, TAUGHT_FILE, UNTAUGHT_FILE

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
ADDRESS = ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT")
UPLOADS = "GRADIO_TEMP_DIR"  # Gradio's variable for the folder of uploads


class CannotStart(RuntimeError):
    """The page cannot be served here; the message is one sentence with the cause, and the cure where there is one."""


def check_files(*files: Path) -> None:
    """Raises CannotStart where a file that the page needs is missing or has not arrived whole."""
    try:
        for file in files or (PRETRAINED_FILE, TAUGHT_FILE, UNTAUGHT_FILE, BUNDLED, UNCLEAR, MAP_FILE, READER_FILE):
            check_arrived(file)
    except NotArrived as error:
        raise CannotStart(str(error)) from error


def check_address(host: str, port: int) -> str:
    """The host as a socket takes it, without an IPv6 address's brackets; port 0 is any.

    Raises CannotStart for a host that is not this machine, and for a port that is taken or not allowed.
    """
    bare = host.removeprefix("[").removesuffix("]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:  # the latter for what can be no name, like a..b
        raise CannotStart(
            f"there is no host called {bare}: the host is a name or an address of this machine"
        ) from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bare, 0, *address[2:]))
        except OSError as error:
            raise CannotStart(f"cannot listen on {bare}: this machine has no such address") from error
    if port:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                raise CannotStart(f"cannot listen on {bare}, port {port}: {error.strerror}") from error
    return bare


def for_gradio(host: str) -> str:
    """The host as Gradio wants it: an IPv6 address in brackets, since it becomes part of an address of the web."""
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:  # a name
        return host


@contextmanager
def without_proxies(environment: MutableMapping[str, str] = os.environ) -> Iterator[None]:
    """Within it, this process reaches itself directly: at its start Gradio asks its own server whether it is there."""
    hidden = {name: value for name, value in environment.items() if name.lower() in PROXIES}
    for name in hidden:
        del environment[name]
    try:
        yield
    finally:
        environment.update(hidden)


def forget_address(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take the variables of the host and the port, which Options has read, out of Gradio's sight.

    Gradio tries whether a port is free on the host of the variable, whatever host it is given: an IPv6 address there,
    or a host that an option replaced, would keep it from starting.
    """
    for name in ADDRESS:
        environment.pop(name, None)


def uploads_folder(environment: Mapping[str, str] = os.environ) -> str | None:
    """A folder of our own for uploads, where Gradio's usual one belongs to somebody else; None where it will do.

    Raises CannotStart where no temporary folder can be written, or the one that the variable names.
    """
    if environment.get(UPLOADS):
        try:
            Path(environment[UPLOADS]).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=environment[UPLOADS]):
                return None
        except OSError as error:
            raise CannotStart(
                f"{UPLOADS} is {environment[UPLOADS]}, where nothing can be written ({error.strerror}): name another "
                "folder, or leave it out"
            ) from error
    try:
        usual = Path(tempfile.gettempdir()) / "gradio"
        if not usual.exists() or os.access(usual, os.W_OK | os.X_OK):
            return None
        return tempfile.mkdtemp(prefix="ddpm-explorer-")
    except OSError as error:
        raise CannotStart(
            "no temporary folder can be written: set TMPDIR to one that can (uploads lie there for ten minutes)"
        ) from error


def remarks(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each wish in the environment that this program does not fulfil."""
    if environment.get("GRADIO_SHARE", "").lower() in ("1", "true", "yes"):
        return ["GRADIO_SHARE is not followed: this page opens no tunnel through another host; see hosting.md"]
    return []


def prepare() -> None:
    """All that needs no address, before Gradio is imported. Raises CannotStart."""
    check_files()
    folder = uploads_folder()
    if folder is not None:
        os.environ[UPLOADS] = folder
    for remark in remarks():
        print(remark, file=sys.stderr)
