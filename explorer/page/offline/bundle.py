"""The widgets' modules joined to one script: in a page that is a file, and in a worker made of a text, nothing can be
imported by its name.

Each module becomes a function; what it imports it asks for by its name there. Only the few forms of import and export
that our modules use are known, and another one is an error, so that none is left out unseen.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping

# Addresses that a module makes from its own lead into the file, see widgets/offline/inside.js.
ROOT = "https://inside.invalid/"
IMPORT = re.compile(r'^import (?:(\{[^}]*\}|\* as \w+) from )?"([^"]+)";\n', re.MULTILINE)
DECLARED = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+|\{[^}]*\})", re.MULTILINE)
LISTED = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)
LEFT = re.compile(r"^(?:export|import)\b.*", re.MULTILINE)

# `need(name)`: what the module of this name exports; each is run once, when it is first needed.
LINKER = """const held = {};
function need(name) {
  if (!held[name]) modules[name](held[name] = {}, `${ROOT}${name}`);
  return held[name];
}
"""


def bundle(sources: Mapping[str, str], first: str) -> str:
    """A script that runs the module `first`, with all that it needs.

    sources: the modules' texts by their names, which are paths from one folder. Raises KeyError for a module that is
    imported and not there, and ValueError for a form of import or export that is not known here.
    """
    wanted, todo = {}, [first]
    while todo:
        name = todo.pop()
        if name not in wanted:
            text, imported = as_function(name, sources[name])
            wanted[name] = text
            todo += imported
    parts = [f"{json.dumps(name)}: {text}" for name, text in sorted(wanted.items())]
    root = f"const ROOT = {json.dumps(ROOT + 'explorer-modules/offline/')};\n"
    joined = ",\n".join(parts)
    body = f"{root}const modules = {{\n{joined}\n}};\n{LINKER}need({json.dumps(first)});"
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


def as_function(name: str, text: str) -> tuple[str, list[str]]:
    """A module as a function of what it exports and of its own address; and the names of what it imports."""
    imported, exported = [], dict[str, str]()

    def asked(found: re.Match[str]) -> str:
        other = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))
        imported.append(other)
        if found[1] is None:
            return f"need({json.dumps(other)});\n"
        to = found[1].removeprefix("* as ") if found[1].startswith("*") else found[1].replace(" as ", ": ")
        return f"const {to} = need({json.dumps(other)});\n"

    def declared(found: re.Match[str]) -> str:
        for each in found[2].strip("{}").split(","):
            own = each.partition(":")[2].strip() or each.strip()
            if own:
                exported[own] = own
        return f"{found[1]} {found[2]}"

    def listed(found: re.Match[str]) -> str:
        for each in filter(None, (each.strip() for each in found[1].split(","))):
            own, _, told = each.partition(" as ")
            exported[told or own] = own
        return ""

    text = LISTED.sub(listed, DECLARED.sub(declared, IMPORT.sub(asked, text)))
    if left := LEFT.search(text):
        raise ValueError(f"{name}: a form of import or export that the bundle does not know: {left[0][:60]}")
    text = text.replace("import.meta.url", "address")
    outward = ", ".join(f"{told}: {own}" if told != own else own for told, own in exported.items())
    return f"(exports, address) => {{\n{text}Object.assign(exports, {{ {outward} }});\n}}", imported
