"""Everything that is imported is declared, in the file of whoever installs it."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path

import pytest

from tests.test_architecture import MODULES, tops

ROOT = Path(__file__).parent.parent
OURS = {"explorer", "tests", "app"}
INSTALLED = importlib.metadata.packages_distributions()


def declared(*files: str) -> set[str]:
    """The distributions that these requirement files pin, by their normal names."""
    lines = [line for file in files for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    return {normal(re.split(r"[\[=<>~ ]", line)[0]) for line in lines if line and not line.startswith(("-", "#"))}


def normal(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


APP = declared("requirements.txt")
CLUSTER = APP | declared("explorer/serving/cluster/requirements.txt")
TESTS = CLUSTER | declared("tests/requirements.txt")


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_the_app_imports_is_declared(module):
    """bench and evaluate say themselves that they want the tests' requirements; offline leaves out how soon its file
    stands where there is no Playwright, which drives a browser.
    """
    known = CLUSTER if module.startswith("explorer.serving.cluster") else APP
    known = TESTS if module.startswith(("explorer.cli", "explorer.device.browser")) else known
    for name in tops(module) - OURS - set(sys.stdlib_module_names):
        assert {normal(dist) for dist in INSTALLED[name]} & known, f"{module} imports {name}"


def test_what_the_tests_import_is_declared():
    files = [path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts]
    names = {
        match
        for path in files
        for match in re.findall(r"^(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.M)
    }
    assert len(names) > 20
    for name in names - OURS - set(sys.stdlib_module_names):
        assert {normal(dist) for dist in INSTALLED.get(name, [name])} & TESTS, name


def test_every_pin_is_exact():
    lines = [
        line for file in ("requirements.txt", "tests/requirements.txt") for line in (ROOT / file).read_text().split()
    ]
    assert all("==" in line for line in lines if not line.startswith(("-", ".")))
