"""Writes down for JavaScript what the widgets' values are: every TypedDict beside a widget, as a JSDoc typedef.

    python -m tests.payload_types

writes explorer/widgets/payload_types.js anew. `tsc --checkJs` then fails where the JavaScript takes a value for
something else than Python makes it.
"""

from __future__ import annotations

import importlib
import pkgutil
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NotRequired, Union, get_args, get_origin

from explorer import widgets

OUT = Path(__file__).parent.parent / "explorer" / "widgets" / "payload_types.js"
HEAD = "// Written by `python -m tests.payload_types` from the TypedDicts beside the widgets: change those.\n"
NAMES = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", Any: "any"}


def payloads() -> list[type]:
    """Every TypedDict that is defined in explorer/widgets, by module and then as they stand there."""
    modules = [
        importlib.import_module(f"{widgets.__name__}.{found.name}")
        for found in sorted(pkgutil.iter_modules(widgets.__path__), key=lambda found: found.name)
    ]
    return [
        kind
        for module in modules
        for kind in vars(module).values()
        if typing.is_typeddict(kind) and kind.__module__ == module.__name__
    ]


def type_name(hint: Any) -> str:
    """A type of Python's as JSDoc writes it. Raises TypeError for one that no payload has had yet."""
    if hint in NAMES:
        return NAMES[hint]
    if typing.is_typeddict(hint):
        return hint.__name__
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(
            str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"') for value in arguments
        )
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(type_name(argument) for argument in arguments))
    if origin is list:
        inner = type_name(arguments[0])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if origin is dict and arguments[0] is str:
        return f"Record<string, {type_name(arguments[1])}>"
    raise TypeError(f"no JSDoc is known for {hint}")


def typedef(kind: type) -> str:
    """One TypedDict as a typedef."""
    hints = typing.get_type_hints(kind, include_extras=True)
    lines = ["/**", f" * @typedef {{object}} {kind.__name__}"]
    for name, hint in hints.items():
        # a module with annotations from __future__ tells of NotRequired in its hints alone
        optional = name not in kind.__required_keys__ or get_origin(hint) is NotRequired  # type: ignore[attr-defined] # a TypedDict has it
        hint = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        lines.append(f" * @property {{{type_name(hint)}}} {f'[{name}]' if optional else name}")
    return "\n".join([*lines, " */\n"])


def written(kinds: Iterable[type]) -> str:
    """The whole file."""
    return "\n".join([HEAD, *(typedef(kind) for kind in kinds), "export {};\n"])


if __name__ == "__main__":
    OUT.write_text(written(payloads()), encoding="utf-8")
