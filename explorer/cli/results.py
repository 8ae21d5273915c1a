"""Where a command writes its result: tried before the work, and kept somewhere whatever happens."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # on Linux a folder in memory, which a full disk does not fill


def writable(out: Path) -> Path:
    """The file to write, once it is sure that it can be written; missing folders are made, links are followed.

    Raises ValueError, with the reason, for a folder, a device or a pipe, and a place where nothing can be written.
    """
    try:
        place = out.resolve()
        if place.is_dir():
            raise ValueError(f"{out} is a folder: name the file to write")
        if place.exists() and not place.is_file():
            raise ValueError(f"{out} is a device or a pipe: name the file to write")
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            with place.open("ab"):
                pass
        scratch = _scratch(place)  # tried under its own name, which may be too long where the result's is not
        was_there = scratch.exists()
        with scratch.open("ab"):
            pass
        if not was_there:
            scratch.unlink()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise ValueError(f"{out} cannot be written: {getattr(error, 'strerror', None) or error}") from error
    return place


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` at the end. If anything fails, `path` is as it was, and no
    part of the new file is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = _scratch(path)
    try:
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def keep(out: Path, write: Callable[[Path], object]) -> Path:
    """Write the result to `out`; where that fails now, to the first other place that takes it, and say so. Returns
    where it lies.

    write: writes the whole result to the path that it is given, or leaves what was there. Raises ValueError where there
    is no place at all.
    """
    try:
        write(out)
        return out
    except OSError as error:
        _scratch(out).unlink(missing_ok=True)
        reason = error.strerror or str(error)
    for folder in other_places():
        own = None
        try:
            own = Path(tempfile.mkdtemp(prefix="ddpm-explorer-", dir=folder))
            write(own / out.name)
        except OSError:
            if own is not None:
                shutil.rmtree(own, ignore_errors=True)
            continue
        print(f"{out} cannot be written any more ({reason}): the result is kept in {own / out.name}", file=sys.stderr)
        return own / out.name
    raise ValueError(f"{out} cannot be written ({reason}), nor can the temporary folder, the home folder or this one")


def other_places() -> list[Path]:
    """The folders that may take a result which its own place does not, the first choice first."""
    places = [Path(tempfile.gettempdir()), Path.cwd()]
    with suppress(RuntimeError):  # a user without a home
        places.append(Path.home())
    return [*places, MEMORY]


def _scratch(path: Path) -> Path:
    """Where a file is written until it is whole; explorer.core.checkpoint.save does the same."""
    return path.with_name(path.name + ".part")
