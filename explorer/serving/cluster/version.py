"""Whether two machines run the same code."""

from __future__ import annotations

import hashlib
from pathlib import Path

from explorer.serving.model_store import PRETRAINED_FILE, TAUGHT_FILE, UNTAUGHT_FILE, WEIGHTS

FOLDER = Path(__file__).parents[2]  # explorer/
# what decides how a film or a training goes, and how it travels
DECIDING = (
    "core/*.py",
    "data/*.py",
    "data/*.npz",
    "serving/*.py",
    "serving/cluster/*.py",
    "lab/*.py",
    "lab/cluster/*.py",
    "validation.py",
)
FILES = (PRETRAINED_FILE, TAUGHT_FILE, UNTAUGHT_FILE, WEIGHTS / "digit-reader.safetensors")


def code_version() -> str:
    """The same on two machines whose code and weights make the same films and trainings."""
    digest = hashlib.sha256()
    for path in [*(path for pattern in DECIDING for path in sorted(FOLDER.glob(pattern))), *FILES]:
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
