"""Where a command writes its result: tried before the work, and kept somewhere whatever happens."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def writable(out: Path) -> Path:
    """The file to write, once it is sure that it can be written; missing folders are made.

    Raises ValueError, with the reason, for a folder, a device or a pipe, and for a place where nothing can be written.
    """
    try:
        if out.is_dir():
            raise ValueError(f"{out} is a folder: name the file to write")
        if out.exists() and not out.is_file():
            raise ValueError(f"{out} is a device or a pipe: name the file to write")
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out.parent):
            pass
        if out.exists():
            with out.open("ab"):
                pass
    except OSError as error:
        raise ValueError(f"{out} cannot be written: {error.strerror}") from error
    return out


def keep(out: Path, write: Callable[[Path], object]) -> Path:
    """Write the result to `out`; where that fails now, to the temporary folder, and say so. Returns where it lies.

    write: writes the result to the path that it is given, by replacing what lies there once the new file is whole; an
    earlier result therefore stays if it fails. Raises ValueError where there is no place at all.
    """
    try:
        write(out)
        return out
    except OSError as error:
        reason = error.strerror or str(error)
        out.with_name(out.name + ".part").unlink(missing_ok=True)
    try:
        elsewhere = Path(tempfile.mkdtemp(prefix="ddpm-explorer-")) / out.name
        write(elsewhere)
    except OSError as error:
        raise ValueError(f"{out} cannot be written ({reason}), nor can the temporary folder") from error
    print(f"{out} cannot be written any more ({reason}): the result is kept in {elsewhere}", file=sys.stderr)
    return elsewhere
