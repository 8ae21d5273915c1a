"""The page behind nginx and Caddy, under a path of its own, by the configurations that the hosting guide gives."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from explorer.page.hardening import MAX_FILE_BYTES
from tests.page.test_startup import free_port

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "explorer/guide/hosting.md").read_text(encoding="utf-8")
PATH = "/ddpm"
WAIT_S = 60
PATIENCE_S = 20


def nginx(folder: Path, port: int, app_port: int) -> list[str]:
    """nginx's command, with the guide's location in a configuration that writes everything in `folder`."""
    (told,) = re.findall(r"^    (location /ddpm/ \{\n.*?^    \}\n)", GUIDE, re.MULTILINE | re.DOTALL)
    temporary = "".join(
        f"{kind}_temp_path {folder};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}server {{\nlisten 127.0.0.1:{port};\n{at(told, app_port)}}}\n}}\n"
    )
    return ["nginx", "-e", f"{folder}/error", "-c", f"{folder}/conf"]


def caddy(folder: Path, port: int, app_port: int) -> list[str]:
    """Caddy's command, with the guide's site on this machine."""
    (told,) = re.findall(r"^    (example\.org \{\n.*?^    \}\n)", GUIDE, re.MULTILINE | re.DOTALL)
    site = at(told, app_port).replace("example.org", f"http://127.0.0.1:{port}")
    (folder / "Caddyfile").write_text(f"{{\nadmin off\nauto_https off\n}}\n{site}")
    return ["caddy", "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]


def at(configuration: str, app_port: int) -> str:
    """The configuration with the port that the page has here."""
    assert "127.0.0.1:7860" in configuration
    return configuration.replace("127.0.0.1:7860", f"127.0.0.1:{app_port}")


PROXIES = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module")
def app_port() -> Iterator[int]:
    """The page, started as the guide says; its port."""
    port = free_port()
    ((variable, path),) = re.findall(r"(GRADIO_ROOT_PATH)=(\S+) python app.py", GUIDE)
    assert path == PATH
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port), "--log", "off"],
        cwd=ROOT,
        env=os.environ | {variable: path},
        stdout=subprocess.DEVNULL,
    )
    yield port
    process.terminate()
    process.wait(PATIENCE_S)


@pytest.fixture(scope="module", params=PROXIES)
def behind(request, tmp_path_factory) -> Iterator[httpx.Client]:
    """A client of the page behind a proxy; its base address ends in the page's path."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    folder, port = tmp_path_factory.mktemp(request.param), free_port()
    command = PROXIES[request.param](folder, port, request.getfixturevalue("app_port"))
    process = subprocess.Popen(command, env=os.environ | {"HOME": str(folder)}, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}{PATH}"
        with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client:
            until = time.perf_counter() + WAIT_S
            while not answers(client):
                assert process.poll() is None and time.perf_counter() < until
                time.sleep(0.2)
            yield client
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def answers(client: httpx.Client) -> bool:
    """Whether the page is there; a proxy answers 502 before it is."""
    try:
        return client.get("/").status_code == 200
    except httpx.TransportError:
        return False


def test_the_page_asks_for_its_parts_under_its_path(behind):
    html = behind.get("/").text
    told = json.loads(re.search(r"window\.gradio_config = (\{.*?\});</script>", html, re.DOTALL).group(1))
    assert told["root"] == str(behind.base_url).rstrip("/")
    parts = re.findall(r'(?:src|href)="(\.?/[^"]+\.(?:js|css))"', html)
    assert parts
    for part in parts[:5]:
        assert behind.get(str(behind.base_url.join(part))).status_code == 200, part


def test_events_come_as_they_are_made(behind):
    """That a film begins is told long before it is made: nothing on the way gathers the events."""
    (made,) = [entry for entry in behind.get("/config").json()["dependencies"] if entry["api_name"] == "generate"]
    job = {"fn_index": made["id"], "session_hash": "proxied", "data": [3, 7, "ddpm", 100, 1.0, 0.0, 4]}
    assert behind.post("/gradio_api/queue/join", json=job).status_code == 200
    came, began = {}, time.perf_counter()
    with behind.stream("GET", "/gradio_api/queue/data", params={"session_hash": "proxied"}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                came.setdefault(json.loads(line.removeprefix("data: "))["msg"], time.perf_counter() - began)
    assert came["process_starts"] < 0.7 * came["process_completed"], came


def test_the_largest_upload_passes(behind):
    """nginx by itself would refuse more than a megabyte."""
    sent = behind.post("/gradio_api/upload", files={"files": ("large.bin", os.urandom(MAX_FILE_BYTES - 1000))})
    assert sent.status_code == 200, sent.text


def test_the_path_without_its_last_slash_leads_there(behind):
    led = httpx.get(str(behind.base_url).rstrip("/"), follow_redirects=True, trust_env=False)
    assert led.status_code == 200 and str(led.url) == str(behind.base_url)
