"""A cluster on this machine alone, in processes of its own: for the tests and the bench."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[3]
STARTS_WITHIN_SECONDS = 90.0  # seconds
SIZE = (f"--object-store-memory={80 * 2**20}", "--include-dashboard=false", "--disable-usage-stats")


class LocalCluster:
    """Started by `head`, then `serve`; ended by `close`. Nobody else reaches it, so it needs no token; its address is
    free, its files are removed.
    """

    def __init__(self) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self._folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # a short path: sockets lie in it
        self._started: list[subprocess.Popen] = []

    def head(self, cores: int) -> None:
        """Start Ray with this many cores to give away."""
        place = (
            "--node-ip-address=127.0.0.1",
            f"--port={self.address.rpartition(':')[2]}",
            f"--temp-dir={self._folder}",
        )
        self._start(
            "ray.scripts.scripts",
            "start",
            "--head",
            *place,
            f"--num-cpus={cores}",
            *SIZE,
            "--block",
            until="This command will now block",
        )

    def serve(self, replicas: int) -> None:
        """Start so many replicas, of one core each, as the README says."""
        count = (f"min_replicas={replicas}", f"max_replicas={replicas}")
        self._start(
            "ray.serve.scripts",
            "run",
            f"--address={self.address}",
            "explorer.cluster:app",
            *count,
            until="Application 'default' is ready",
        )

    def kill(self) -> None:
        """As if its power was cut."""
        for process in reversed(self._started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def close(self) -> None:
        """End all its processes and remove its files."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, *module: str, until: str) -> None:
        """Run one of Ray's programs in the background; returns once it has printed `until`. Raises RuntimeError where
        it does not.
        """
        log = self._folder / f"{len(self._started)}.log"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")} | {
            "RAY_AUTH_MODE": "disabled"
        }
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=ROOT,
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started.append(process)
        give_up = time.monotonic() + STARTS_WITHIN_SECONDS
        while until not in log.read_text():
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"{' '.join(module[:2])} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
