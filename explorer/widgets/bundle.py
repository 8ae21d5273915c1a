"""Several modules as one: a browser then asks once, where it would ask for each of them.

Our modules import each other by plain names and export declarations (`export function f`), nothing else; this reads no
other JavaScript. Each becomes a function that is called once, in an order in which whatever it imports was called
before it, and that returns what it exports.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
NOTHING = re.compile(r"^export \{\};$", re.MULTILINE)  # of a module that only tells types
NO_LETTER = re.compile(r"\W")
NOT_READ = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """A module's text without its imports and the word `export`; imports: what it takes, by the name of the module."""

    text: str
    imports: tuple[tuple[str, str], ...]
    exports: tuple[str, ...]


def bundle(sources: Mapping[str, str], entries: Iterable[str]) -> str:
    """One module with everything that these need. It exports `modules`: what each of them exports, by its name.

    sources: the modules' texts, by their names; entries: names among them. `import.meta.url` is the bundle's own, so
    it has to lie where the modules lie that use it. Raises KeyError for a module that there is not, and ValueError for
    one that is written otherwise, or for a circle of imports.
    """
    read: dict[str, Module] = {}
    asked = list(entries)
    for name in asked:
        _collect(name, sources, read, ())
    variables = {name: "module_" + NO_LETTER.sub("_", name) for name in read}
    parts = [_called(name, module, variables) for name, module in read.items()]
    told = ", ".join(f'"{name}": {variables[name]}' for name in dict.fromkeys(asked))
    return "\n".join([*parts, f"export const modules = {{ {told} }};\n"])


def _collect(name: str, sources: Mapping[str, str], read: dict[str, Module], way: tuple[str, ...]) -> None:
    """Read this module after those that it imports."""
    if name in way:
        raise ValueError(f"a circle of imports: {' -> '.join((*way, name))}")
    if name in read:
        return
    module = _read(name, sources[name])
    for needed, _ in module.imports:
        _collect(needed, sources, read, (*way, name))
    read[name] = module


def _read(name: str, text: str) -> Module:
    folder = posixpath.dirname(name)
    imports = [
        (posixpath.normpath(posixpath.join(folder, where)), taken.replace(" as ", ": "))
        for taken, where in IMPORT.findall(text)
    ]
    exports = EXPORT.findall(text)
    plain = NOTHING.sub("", EXPORT.sub("", IMPORT.sub("", text)))
    if left := NOT_READ.search(plain):
        raise ValueError(f"{name}: this is not read here: {left.group()}")
    return Module(plain.strip(), tuple(imports), tuple(exports))


def _called(name: str, module: Module, variables: Mapping[str, str]) -> str:
    """The module as a function that is called at once. Not indented: a text over several lines stays as it is."""
    taken = [f"const {{{names}}} = {variables[needed]};" for needed, names in module.imports]
    lines = [f"// {name}", f"const {variables[name]} = (() => {{", *taken, module.text]
    return "\n".join([*lines, f"return {{ {', '.join(module.exports)} }};", "})();\n"])
