"""The start on machines as they are: proxies, hosts, folders, files that did not arrive, a container's signals."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from explorer.data.digits import BUNDLED, cache_folder
from explorer.page.options import parse_options
from explorer.page.startup import (
    UPLOADS,
    CannotStart,
    check_address,
    check_files,
    check_uploads_folder,
    for_gradio,
    remarks,
    uploads_folder,
    without_proxies,
)
from explorer.serving.model_store import PRETRAINED_FILE

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"  # a port on which nobody listens


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def started():
    """Starts `python app.py` and returns it with its address, once it answers; ends it after the test."""
    processes = []

    def start(host: str = "127.0.0.1", **environment: str) -> tuple[subprocess.Popen, str]:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "app.py", "--host", host, "--port", str(port)],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        at = "[::1]" if ":" in host else "127.0.0.1"
        with httpx.Client(trust_env=False) as client:
            for _ in range(300):
                assert process.poll() is None, process.stdout.read()
                try:
                    assert client.get(f"http://{at}:{port}/").status_code == 200
                    return process, f"http://{at}:{port}"
                except httpx.TransportError:
                    time.sleep(0.2)
        raise AssertionError("it does not answer")

    yield start
    for process in processes:
        process.kill()
        process.wait(20)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def test_behind_proxies_it_starts_and_ends_on_sigterm(started):
    """Also behind one that speaks SOCKS, for which Gradio's client lacks a library; and SIGTERM ends it in order."""
    process, _ = started(http_proxy=NOWHERE, HTTPS_PROXY=NOWHERE, ALL_PROXY="socks5://127.0.0.1:9", GRADIO_SHARE="True")
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and "Traceback" not in said
    assert "GRADIO_SHARE is not followed" in said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="must be root")
def test_as_a_containers_first_process_it_ends_while_it_starts():
    """The kernel keeps signals from process 1 that it does not handle itself; the imports take seconds."""
    command = ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "app.py", "--port", str(free_port())]
    if subprocess.run([*command[:3], "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody have process numbers of their own")
    outer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        time.sleep(1.0)
        first = int(Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()[0])
        os.kill(first, signal.SIGTERM)
        said, _ = outer.communicate(timeout=5)
        assert outer.returncode == 0 and "Traceback" not in said
    finally:
        outer.kill()
        outer.wait(20)


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_an_ipv6_address_in_brackets(started):
    started("[::1]")


def test_proxies_come_back():
    environment = {"http_proxy": "a", "ALL_PROXY": "b", "PATH": "c"}
    with without_proxies(environment):
        assert environment == {"PATH": "c"}
    assert environment == {"http_proxy": "a", "ALL_PROXY": "b", "PATH": "c"}


@pytest.mark.parametrize("text", ["::", "::1", "[::1]", "0.0.0.0", "localhost"])
def test_hosts_by_option_and_variable(text):
    assert parse_options(["--host", text], {}).host == parse_options([], {"GRADIO_SERVER_NAME": text}).host == text
    if ":" not in text or has_ipv6():
        bare = check_address(text, 0)
        assert "[" not in bare and for_gradio(bare) == (f"[{bare}]" if ":" in bare else bare)


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid", "999.1.1.1"])
def test_a_host_that_is_not_here_fails_at_once_with_a_sentence_about_it(host):
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "app.py", "--host", host], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2 and host in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
    assert "port" not in done.stderr.splitlines()[-1] and time.perf_counter() - began < 30


def test_a_port_that_is_taken_is_told_as_such():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(CannotStart, match=f"port {other.getsockname()[1]}"):
            check_address("127.0.0.1", other.getsockname()[1])


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9400000\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(POINTER, "git lfs pull"), (b"", "is not whole"), (b"x" * 130, "is not whole"), (None, "cannot be read")],
)
def test_files_that_did_not_arrive_are_told_at_the_start(tmp_path, content, sentence):
    file = tmp_path / "weights.safetensors"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CannotStart, match=sentence) as told:
        check_files(BUNDLED, file)
    assert "weights.safetensors" in str(told.value)


@pytest.mark.parametrize("file", [PRETRAINED_FILE, BUNDLED], ids=["weights", "digits"])
@pytest.mark.parametrize("missing", [1, 400_000])
def test_a_file_whose_end_is_missing_is_told_at_the_start(tmp_path, file, missing):
    """A download or a copy that broke off: the beginning alone looks like the whole."""
    cut = tmp_path / file.name
    cut.write_bytes(file.read_bytes())
    check_files(cut)
    cut.write_bytes(file.read_bytes()[:-missing])
    with pytest.raises(CannotStart, match=f"{file.name} has .* bytes and is not whole"):
        check_files(cut)


def test_the_files_of_this_checkout_have_arrived():
    check_files()
    assert PRETRAINED_FILE.is_file()


def test_another_users_folder_of_uploads(tmp_path, monkeypatch):
    """A folder called gradio that we may not write is left alone, and another one taken."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert uploads_folder({}) is None
    (tmp_path / "gradio").mkdir()
    assert uploads_folder({}) is None
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    own = uploads_folder({})
    assert own is not None and Path(own).is_dir() and Path(own).name != "gradio"
    assert uploads_folder({UPLOADS: "/elsewhere"}) is None


def test_a_folder_of_uploads_that_cannot_be_written_is_told_by_its_variable(tmp_path):
    check_uploads_folder({})
    check_uploads_folder({UPLOADS: str(tmp_path / "new")})
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotStart, match="GRADIO_TEMP_DIR is .*cannot be written"):
        check_uploads_folder({UPLOADS: str(tmp_path / "file" / "inside")})


def test_wishes_that_are_not_followed_are_told():
    assert remarks({"GRADIO_SHARE": "True"}) and not remarks({"GRADIO_SHARE": "False"}) and not remarks({})


def test_a_user_without_a_home_has_the_temporary_folder(monkeypatch):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert Path(tempfile.gettempdir()) in cache_folder().parents


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("setpriv") is None, reason="must be root"
)
def test_an_unknown_user_without_a_home_imports_the_page(tmp_path):
    """In a folder that it may not write, as in a container with a random user id."""
    environment = {name: value for name, value in os.environ.items() if name not in ("HOME", "USER", "LOGNAME")}
    done = subprocess.run(
        ["setpriv", "--reuid", "12345", "--clear-groups", sys.executable, "-c", "import app; print('built')"],
        cwd=ROOT,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "Permission denied" in done.stderr and "site-packages" not in done.stderr and done.returncode == 126:
        pytest.skip("this user cannot run this Python at all")
    assert done.stdout.strip().endswith("built"), done.stderr
