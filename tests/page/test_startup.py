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

    def start(host: str | None = "127.0.0.1", **environment: str) -> tuple[subprocess.Popen, str]:
        port, asked = free_port(), ["--host", host] if host else []
        process = subprocess.Popen(
            [sys.executable, "app.py", *asked, "--port", str(port)],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        at = "[::1]" if ":" in (host or environment["GRADIO_SERVER_NAME"]) else "127.0.0.1"
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


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_an_ipv6_address_by_option_and_variable(started):
    """Also where the option replaces a variable that names a host which is not here."""
    started("[::1]", GRADIO_SERVER_NAME="203.0.113.7")
    started(None, GRADIO_SERVER_NAME="::1")


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run(["unshare", "-p", "-f", "true"], check=False).returncode != 0,
    reason="no process can be made a container's first here",
)
def test_a_containers_first_process_ends_on_sigterm_while_it_starts():
    """It would be deaf to it until the imports are done, and then end with a traceback."""
    outer = subprocess.Popen(
        ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "app.py", "--port", str(free_port())],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    children, began = Path(f"/proc/{outer.pid}/task/{outer.pid}/children"), time.perf_counter()
    while outer.poll() is None and time.perf_counter() - began < 60:
        time.sleep(0.2)
        for child in children.read_text().split() if children.exists() else []:
            os.kill(int(child), signal.SIGTERM)
    said, _ = outer.communicate(timeout=10)
    assert outer.returncode == 0 and said == ""


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


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid", "999.1.1.1", "a..b"])
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


WHOLE = {file.suffix: file.read_bytes() for file in (PRETRAINED_FILE, BUNDLED)}
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9400000\n"
DAMAGES = {
    "pointer": (lambda whole: POINTER, "git lfs pull"),
    "empty": (lambda whole: b"", "is cut, or another file"),
    "half": (lambda whole: whole[: len(whole) // 2], "is cut, or another file"),
    "last byte": (lambda whole: whole[:-1], "is cut, or another file"),
    "a web page": (lambda whole: b"<!doctype html>" + bytes(len(whole)), "is cut, or another file"),
    "missing": (None, "is missing"),
}


@pytest.mark.parametrize("suffix", WHOLE)
@pytest.mark.parametrize("damage", DAMAGES)
def test_files_that_did_not_arrive_are_told_at_the_start(tmp_path, suffix, damage):
    file, (damaged, sentence) = tmp_path / f"needed{suffix}", DAMAGES[damage]
    if damaged is not None:
        file.write_bytes(damaged(WHOLE[suffix]))
    with pytest.raises(CannotStart, match=sentence) as told:
        check_files(BUNDLED, file)
    assert str(file) in str(told.value) and "\n" not in str(told.value)


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
    assert uploads_folder({UPLOADS: str(tmp_path / "elsewhere")}) is None
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotStart, match="file/in, where nothing can be written"):
        uploads_folder({UPLOADS: str(tmp_path / "file" / "in")})


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
