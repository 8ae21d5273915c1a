"""Who may import whom stands in .importlinter: here that is checked, and proved that each contract can fail."""

from __future__ import annotations

import ast
import configparser
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from explorer.serving.cluster.version import DECIDING

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "explorer").rglob("*.py"), ROOT / "app.py"])
MOST_ROOMS, MOST_ARROWS = 12, 30
NO_ROOM = "cluster"  # one import, the short name by which `serve run` finds what stands in lab/cluster
MOST_LINES = 300


def module_name(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


@cache
def imports(module: str) -> frozenset[str]:
    """The modules that this one imports anywhere in its text, also inside functions."""
    path, found = MODULES[module], set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return frozenset(found - {"__future__"})


def tops(module: str) -> set[str]:
    """The packages that this module imports from."""
    return {name.split(".")[0] for name in imports(module)}


def ours(module: str) -> set[str]:
    """What it imports of ours."""
    return {name for name in imports(module) if name.split(".")[0] in ("explorer", "app")}


def reachable(module: str) -> set[str]:
    """Everything of ours that importing this module pulls in."""
    seen, todo = set(), [module]
    while todo:
        for name in ours(todo.pop()):
            if name in MODULES and name not in seen:
                seen.add(name)
                todo.append(name)
    return seen


def room(module: str) -> str:
    """The file or folder directly under explorer/ in which it stands."""
    return module.removeprefix("explorer.").split(".")[0]


def lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess:
    """`lint-imports` in a folder, for one contract or for all."""
    only = ["--contract", contract] if contract else []
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache", *only]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def contracts() -> set[str]:
    """The names of the contracts in .importlinter."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    return {name.removeprefix("importlinter:contract:") for name in config.sections() if "contract:" in name}


def test_every_contract_is_kept():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


# for each contract a file and an import that would break it
BREAKS = {
    "floors": ("core/schedule.py", "import explorer.data.digits"),
    "screen": ("demos/noising.py", "import gradio"),
    "core": ("core/schedule.py", "import numpy"),
    "tabs": ("page/tabs/train.py", "import explorer.page.tabs.one_leap"),
    "mathematics": ("page/tabs/train.py", "import torch"),
    "widgets": ("widgets/base.py", "import torch"),
    "ray": ("serving/engine.py", "import ray"),
    "pictures": ("page/build.py", "import PIL"),
    "app": ("lab/recipe.py", "import app"),
    "device": ("device/export.py", "import explorer.data.digits"),
}


def test_a_break_is_known_for_every_contract():
    assert set(BREAKS) == contracts()


@pytest.mark.parametrize("contract", sorted(BREAKS))
def test_the_contract_can_fail(contract, tmp_path):
    """A copy of the house with one forbidden import breaks it."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    shutil.copy(ROOT / "app.py", tmp_path)
    shutil.copytree(
        ROOT / "explorer",
        tmp_path / "explorer",
        ignore=lambda folder, names: {n for n in names if "." in n and not n.endswith(".py")},
    )
    name, line = BREAKS[contract]
    file = tmp_path / "explorer" / name
    file.write_text(file.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = lint(tmp_path, contract)
    assert done.returncode == 1 and "1 broken" in done.stdout, done.stdout + done.stderr


def test_few_rooms_and_few_arrows():
    """The house can be held in the head."""
    inside = {name for name in MODULES if name.startswith("explorer.") and room(name) != NO_ROOM}
    rooms = {room(name) for name in inside}
    arrows = {
        (room(name), room(other)) for name in inside for other in ours(name) & inside if room(name) != room(other)
    }
    assert {"core", "page", "serving"} <= rooms and len(rooms) <= MOST_ROOMS
    assert len(imports(f"explorer.{NO_ROOM}")) == 1
    assert 10 < len(arrows) <= MOST_ARROWS


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("explorer.core")])
def test_core_imports_torch_and_itself_only(module):
    """The core: torch, safetensors and the standard library."""
    assert tops(module) <= {"torch", "safetensors", "explorer"} | sys.stdlib_module_names
    assert all(name.startswith("explorer.core") for name in ours(module))


def test_the_app_runs_without_ray():
    """The page and its engine are imported, and not a byte of Ray."""
    program = (
        "import sys; sys.modules['ray'] = None; import app; from explorer.serving.cluster import NoCluster, connect"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)


def test_the_version_of_the_code_is_that_of_all_that_computes():
    """Whatever a replica is made of is in what page and replicas compare."""
    both = {f"explorer.{name}" for name in ("serving.cluster.replica", "serving.cluster.client", "lab.cluster.client")}
    made_of = set().union(both, *(reachable(name) for name in both))
    compared = {path for pattern in DECIDING for path in (ROOT / "explorer").glob(pattern)}
    assert {MODULES[name] for name in made_of} <= compared


def test_no_cycles():
    """No module is reached from itself."""
    assert [name for name in MODULES if name in reachable(name)] == []


def test_the_command_line_starts_without_torch_heavy_work():
    """--help and a mistyped option import no engine, commands or page (imports inside functions do not count here)."""
    tree = ast.parse(MODULES["explorer.cli.main"].read_text(encoding="utf-8"))
    top = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    heavy = {"cli.sample_train", "cli.pretrain", "cli.bench_engine", "serving.engine", "page.build"}
    assert {f"explorer.{name}" for name in heavy} <= set(MODULES) and not top & {f"explorer.{name}" for name in heavy}


def test_no_file_is_longer_than_one_can_hold_in_the_head():
    """eslint watches the JavaScript's in the same way."""
    long = {path.relative_to(ROOT).as_posix(): lines(path) for path in [*FILES, *(ROOT / "tests").rglob("*.py")]}
    assert {name: length for name, length in long.items() if length > MOST_LINES} == {}


def lines(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text(encoding="utf-8").splitlines())
