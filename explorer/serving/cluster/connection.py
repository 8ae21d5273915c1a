"""The line to the cluster: what it answers, as the engine's own exceptions, and whether it is still there."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from explorer.serving.cluster.messages import IN_MESSAGES

# before Ray is imported:
os.environ.setdefault(
    "RAY_gcs_rpc_server_reconnect_timeout_s", str(24 * 3600)
)  # its own answer to a lost cluster is to end this program, page and all
os.environ |= IN_MESSAGES  # on this side of the line
os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")  # once it is left, it stays left

import ray
from ray import serve
from ray.exceptions import AuthenticationError, RayError, RayTaskError
from ray.serve.exceptions import RayServeException

from explorer.serving.bell import Bell
from explorer.serving.cluster.problem import NoCluster
from explorer.serving.cluster.version import code_version
from explorer.serving.errors import FilmFailed, Refused

log = logging.getLogger(__name__)

APPLICATION = "default"  # as `serve run` names it
KNOCK_SECONDS = 3.0  # how long the head of the cluster has to answer
WATCH_SECONDS = 1.0  # between two looks whether it is still there
PATIENCE = 4  # looks in vain, after which it is lost
AGAIN_SECONDS = 0.2  # before another replica is asked
TOLD_SECONDS = 5.0  # how long a note may take
START_SECONDS = 60.0  # how long the first replica may take to start


class ReplicaLost(Exception):
    """The answer broke off: the replica, its machine or the whole cluster is gone. Another one can be asked."""


class Connection:
    """The application on one cluster. Requests are sent to a replica that has little to do."""

    def __init__(self, address: str) -> None:
        """Raises NoCluster."""
        self.lost = False
        self._listeners: set[Bell] = set()
        self._load = {"films": 0, "waiting": 0, "picture_steps_per_second": 0.0}
        self._begin(address)
        try:
            self.check(address)
        except NoCluster:
            ray.shutdown()
            raise
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="cluster", daemon=True).start()

    def check(self, address: str) -> None:
        """Raises NoCluster unless the replicas there run this very code."""
        try:
            self._handle = serve.get_app_handle(APPLICATION)
            theirs = self._handle.version.remote().result(timeout_s=START_SECONDS)
        except (RayError, RayServeException, TimeoutError) as error:
            raise NoCluster(
                f"the cluster at {address} does not run DDPM Explorer: start it there with serve run "
                "explorer.cluster:app"
            ) from error
        if theirs != code_version():
            raise NoCluster(
                f"the cluster at {address} runs another version of DDPM Explorer: start both from the same files"
            )

    def _begin(self, address: str) -> None:
        """Become a part of the cluster that computes nothing."""
        if not answers(noted() if address == "auto" else address):  # Ray itself would try for two minutes
            raise NoCluster(f"no cluster answers at {address}")
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.WARNING)
        except (RayError, ConnectionError, RuntimeError, ValueError) as error:
            if (
                AuthenticationError.__name__ in f"{error!r} {error.__cause__!r}"
            ):  # told in the text of another, of more than one kind
                raise NoCluster(
                    f"the cluster at {address} asks for a token: set RAY_AUTH_MODE=token, and have its token in "
                    "~/.ray/auth_token"
                ) from error
            raise NoCluster(
                f"no cluster can be reached at {address}: this machine must be one of its own (ray start)"
            ) from error
        logging.getLogger("ray.serve").setLevel(logging.WARNING)  # it would tell of every viewer who leaves
        self._head = ray.get_runtime_context().gcs_address

    def put(self, file: bytes) -> ray.ObjectRef:
        """Lay a file out for the replicas to fetch."""
        return ray.put(file)

    async def answer(self, *question: object) -> AsyncGenerator[Any, None]:
        """`Replica.answer` of one replica. Raises Refused, FilmFailed or ReplicaLost. Closing this cancels the work."""
        with told_plainly():
            answers = self._handle.options(stream=True).answer.remote(*question)
            try:
                async for answer in answers:
                    yield answer
            finally:
                if not self.lost:
                    answers.cancel()

    async def tell(self, note: object) -> None:
        """`Replica.hear` of all replicas. A replica that is gone hears nothing."""
        with suppress(RayError, RayServeException, TimeoutError):
            await asyncio.to_thread(self._handle.broadcast("hear", note).results, timeout_s=TOLD_SECONDS)

    async def breathe(self) -> None:
        """Wait a moment, and for as long as it is open whether only a replica is gone or the whole cluster."""
        await asyncio.sleep(AGAIN_SECONDS)
        while not self.lost and not await asyncio.to_thread(answers, self._head):
            await asyncio.sleep(AGAIN_SECONDS)

    @contextmanager
    def telling(self, bell: Bell) -> Iterator[None]:
        """Within it, the bell rings when the cluster is lost."""
        self._listeners.add(bell)
        try:
            yield
        finally:
            self._listeners.discard(bell)

    def load(self) -> dict[str, float]:
        """How busy all replicas are together, a moment ago."""
        return self._load

    def close(self) -> None:
        """Leave the cluster, if it is still there."""
        self._closed.set()
        if not self.lost:
            self._leave()

    def _leave(self) -> None:
        self._handle.shutdown()  # or its reports to the cluster go on, in vain and in the log
        ray.shutdown()

    def _watch(self) -> None:
        """Note the load, and the moment when nothing answers any longer."""
        in_vain = 0
        while not self._closed.wait(WATCH_SECONDS):
            in_vain = 0 if answers(self._head) else in_vain + 1
            if in_vain >= PATIENCE:
                self.lost = True
                for bell in tuple(self._listeners):
                    bell.ring()
                log.warning("the cluster at %s is lost", self._head)
                self._leave()
                return
            if in_vain == 0:
                with suppress(RayError, RayServeException, TimeoutError, RuntimeError):  # the last: the program ends
                    loads = self._handle.broadcast("load").results(timeout_s=WATCH_SECONDS)
                    self._load = {name: sum(load[name] for load in loads) for name in self._load}


def noted() -> str:
    """The cluster that this machine last was a part of, as Ray notes it down; empty if none."""
    note = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    return os.environ.get("RAY_ADDRESS") or (note.read_text().strip() if note.exists() else "")


def answers(address: str) -> bool:
    """Whether somebody listens at host:port."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=KNOCK_SECONDS):
            return True
    except (OSError, ValueError):
        return False


@contextmanager
def told_plainly() -> Iterator[None]:
    """Ray's exceptions as the engine's: what a replica raised, or that it is gone."""
    try:
        yield
    except RayTaskError as error:
        if isinstance(error.cause, Refused | FilmFailed):
            raise error.cause from None
        log.error("a replica failed: %s", error)
        raise FilmFailed("the computation failed on the server: please try another setting") from None
    except (RayError, RayServeException) as error:
        raise ReplicaLost from error
