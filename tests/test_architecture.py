"""Who may import whom, read from the source: arrows point one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.serving.cluster.version import DECIDING

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "explorer").rglob("*.py"), ROOT / "app.py"])
SCREEN = {"gradio", "plotly", "PIL", "matplotlib"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def imports(module: str) -> set[str]:
    """The modules that this one imports anywhere in its text, also inside functions; names of ours resolved to modules."""
    path, found = MODULES[module], set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return found - {"__future__"}


def tops(module: str) -> set[str]:
    return {name.split(".")[0] for name in imports(module)}


def ours(module: str) -> set[str]:
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


def under(folder: str) -> list[str]:
    return [name for name in MODULES if name == folder or name.startswith(folder + ".")]


CORE, TABS, WIDGETS = under("explorer.core"), under("explorer.page.tabs"), under("explorer.widgets")
BUILDERS = {"app", "explorer.app", "explorer.page.build"}


def test_the_modules_were_found():
    """The rules below range over something."""
    assert len(CORE) >= 6 and len(TABS) >= 3 and len(WIDGETS) >= 3 and "explorer.serving.engine" in MODULES


@pytest.mark.parametrize("module", CORE)
def test_core_imports_torch_and_itself_only(module):
    """The core: torch, safetensors, the standard library, and the core. No numpy, no screen, nothing else of ours."""
    assert tops(module) <= {"torch", "safetensors", "explorer"} | sys.stdlib_module_names
    assert all(name in CORE for name in ours(module))


@pytest.mark.parametrize(
    "module",
    [
        name
        for name in MODULES
        if name
        not in {
            *TABS,
            *WIDGETS,
            *BUILDERS,
            "explorer.page.picture_chooser",
            "explorer.page.endpoints",
            "explorer.page.experiment_form",
            "explorer.page.hardening",
            "explorer.page.tab_link",
            "explorer.page.payloads.films",
            "explorer.cli.bench_engine",
        }
    ],
)
def test_only_the_screen_knows_the_screen(module):
    """gradio, plotly and PIL occur in tabs, their chooser, endpoints and links, widgets, the page's builder and render
    only; the engine does not even pull them in.

    drawing reads picture files, and has PIL for that.
    """
    assert not tops(module) & (SCREEN - {"PIL"} if module == "explorer.data.mnist_style" else SCREEN)
    if module == "explorer.serving.engine":
        assert not {name for other in reachable(module) for name in tops(other)} & SCREEN


@pytest.mark.parametrize("module", TABS)
def test_tabs_do_no_mathematics_and_know_no_other_tab(module):
    """A tab imports neither torch nor numpy nor the core, and no other tab; only what the layout allows it."""
    assert not tops(module) & {"torch", "torchvision", "numpy", "safetensors"}
    allowed = {
        f"explorer.{name}"
        for name in (
            "engine",
            "render",
            "digits",
            "state",
            "trainings",
            "render_training",
            "experiments",
            "experiment_form",
            "models",
            "forward",
            "pictures",
            "chooser",
            "guess",
        )
    } | set(WIDGETS)
    extra = {name for name in ours(module) if name not in allowed}
    assert not {name for name in extra if name in TABS}, "a tab imports another tab"
    assert not {name for name in extra if name in CORE or name in BUILDERS}


@pytest.mark.parametrize("module", WIDGETS)
def test_widgets_know_widgets_only(module):
    """A widget shows what it is given: no tab, engine, core or state."""
    assert all(name in WIDGETS for name in ours(module))
    assert "torch" not in tops(module)


@pytest.mark.parametrize("module", [name for name in MODULES if name not in BUILDERS])
def test_nobody_imports_the_page(module):
    """Tabs are imported by the builder of the page alone, and the builder by app alone."""
    assert not ours(module) & (BUILDERS | (set(TABS) - {module}))


@pytest.mark.parametrize("module", [name for name in MODULES if name not in under("explorer.serving.cluster")])
def test_only_the_cluster_knows_ray(module):
    assert "ray" not in tops(module)


def test_the_app_runs_without_ray():
    """The page and its engine are imported, and not a byte of Ray."""
    program = (
        "import sys; sys.modules['ray'] = None; import app; from explorer.serving.cluster import NoCluster, connect"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)


def test_the_version_of_the_code_is_that_of_all_that_makes_films():
    """Whatever a replica's engine is made of is in what page and replicas compare."""
    made_of = (
        reachable("explorer.serving.cluster.replica")
        | reachable("explorer.serving.cluster.client")
        | {"explorer.serving.cluster.replica", "explorer.serving.cluster.client"}
    )
    compared = {path for pattern in DECIDING for path in (ROOT / "explorer").glob(pattern)}
    assert {MODULES[name] for name in made_of} <= compared


def test_no_cycles():
    """No module is reached from itself."""
    assert [name for name in MODULES if name in reachable(name)] == []


def test_the_command_line_starts_without_torch_heavy_work():
    """--help and a mistyped option import no engine, commands or page (imports inside functions do not count here)."""
    tree = ast.parse(MODULES["explorer.cli.main"].read_text(encoding="utf-8"))
    top = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not top & {
        "explorer.cli.sample_train",
        "explorer.cli.pretrain",
        "explorer.cli.bench_engine",
        "explorer.serving.engine",
        "explorer.page.build",
    }
