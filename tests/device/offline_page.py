"""The modules of the page as one file in node, with what lies in the file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from explorer.page.offline.write import inside

MODULES = Path(__file__).parents[2] / "explorer" / "widgets" / "offline"
# what the modules meet in node; `load` gets one of them, `asked` is what the script is asked
PAGE = """
let text = "";
for await (const part of process.stdin) text += part;
const { modules, files, known, asked } = JSON.parse(text);
globalThis.window = globalThis;
globalThis.CSS = { escape: (name) => name };
globalThis.document = {
  querySelector(selector) {
    const found = files[/data-file="(.*)"/.exec(selector)?.[1]];
    if (!found) return null;
    const [, bytes, textContent] = /data-bytes="(.*?)">(.*)</s.exec(found);
    return { textContent, dataset: { bytes } };
  },
  documentElement: {},
};
const load = (name) => import(`${modules}/${name}.js`);
const { facts } = await load("facts");
Object.assign(facts, known);
"""


def answered(script: str, files: dict[str, bytes], known: dict[str, Any], asked: object) -> Any:  # noqa: ANN401 # JSON
    """What the script prints as JSON."""
    packed = {name: inside(name, content) for name, content in files.items()}
    told = {"modules": MODULES.as_uri(), "files": packed, "known": known, "asked": asked}
    run = ["node", "--input-type=module", "-e", PAGE + script]
    done = subprocess.run(run, input=json.dumps(told), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
