"""Whether a file has arrived here whole: weights and digits come by git, by copying and by downloads that are cut."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from safetensors import SafetensorError, safe_open

LFS_POINTER = b"version https://git-lfs"


class NotArrived(ValueError):
    """A file is missing, cut, or another one; the message is one sentence with its path, the cause and the cure."""


def check_arrived(file: Path) -> None:
    """Raises NotArrived unless the file can be read and is, by its structure, whole.

    Of .safetensors the header and the length are read, and of .npz each part's checksum; of others the first bytes.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(len(LFS_POINTER))
        size = file.stat().st_size
        if start == LFS_POINTER:
            raise NotArrived(
                f"{file} is a pointer to Git's large file storage and not the file itself: run git lfs pull, or "
                "download the file"
            )
        if not size or (file.suffix in STRUCTURE and not STRUCTURE[file.suffix](file)):
            raise NotArrived(f"{file} ({size:,} bytes) is cut, or another file: copy it here again")
    except FileNotFoundError as error:
        raise NotArrived(f"{file} is missing: copy it here again") from error
    except PermissionError as error:
        raise NotArrived(f"{file} cannot be read ({error.strerror}): let this user read it") from error
    except OSError as error:
        raise NotArrived(f"{file} cannot be read ({error.strerror}): copy it here again") from error


def _whole_safetensors(file: Path) -> bool:
    try:
        with safe_open(file, "numpy"):
            return True
    except SafetensorError:
        return False


def _whole_npz(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, zlib.error):
        return False


STRUCTURE = {".safetensors": _whole_safetensors, ".npz": _whole_npz}
