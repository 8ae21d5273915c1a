"""Several modules as one: what it answers is what the modules answer by themselves."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

from explorer.widgets.bundle import bundle
from explorer.widgets.modules import FILES, PAGE, PARTS, TEXTS, WORKERS

NODE = shutil.which("node")

SOURCES = {
    "counter.js": "let n = 0;\nexport const next = () => ++n;\n",
    "one.js": 'import { next } from "./counter.js";\nexport const first = next();\n',
    "deep/two.js": 'import { next as another } from "../counter.js";\nimport {\n  first,\n} from "../one.js";\n'
    "export function second() {\n  return [first, another()];\n}\nexport async function* many() {}\n"
    "export class Kind {}\n",
    "types.js": "/** @typedef {number} Whole */\nexport {};\n",
    "unused.js": "throw new Error('nobody asked for it');\n",
}


@pytest.mark.skipif(NODE is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Node on this machine")
def test_modules_share_what_they_import_and_run_once(tmp_path):
    (tmp_path / "all.mjs").write_text(bundle(SOURCES, ["deep/two.js", "types.js"]))
    script = 'import("./all.mjs").then(({ modules: m }) => console.log(JSON.stringify([m["deep/two.js"].second(), m])))'
    done = subprocess.run(["node", "-e", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)[0] == [1, 2]  # one counter for both
    assert set(json.loads(done.stdout)[1]) == {"deep/two.js", "types.js"}


@pytest.mark.parametrize(
    "text",
    [
        "export default 3;\n",
        "export { next };\n",
        'export * from "./one.js";\n',
        'import all from "./one.js";\n',
        'import "./one.js";\n',
        "export let n = 3;\n",
    ],
)
def test_what_it_does_not_read_is_refused(text):
    with pytest.raises(ValueError, match=r"odd\.js: this is not read here"):
        bundle(SOURCES | {"odd.js": text}, ["odd.js"])


def test_a_circle_and_a_missing_module_are_mistakes():
    circle = {"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}
    with pytest.raises(ValueError, match=r"a\.js -> b\.js -> a\.js"):
        bundle(circle, ["a.js"])
    with pytest.raises(KeyError):
        bundle({"a.js": circle["a.js"]}, ["a.js"])


def test_the_page_gets_every_module_that_anything_imports():
    """Each once; the workers' own are in the workers' files, and what is in offline/ is not the server's page's."""
    served = {name for file in (PAGE, *WORKERS) for name in re.findall(r"^// (.+\.js)$", FILES[file].decode(), re.M)}
    texts = "\n".join(text for name, text in TEXTS.items() if not name.startswith("offline/"))
    imported = {name.rpartition("/")[2] for name in re.findall(r'^.* from "([^"]+)";$', texts, re.M)}
    assert imported <= {name.rpartition("/")[2] for name in served}
    assert {*PARTS, *WORKERS} <= served
