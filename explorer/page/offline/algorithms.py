"""Runs of the two algorithms that the page as one file carries. A device does not take gradient steps of the pretrained
network; what torch has computed is the same wherever it is looked at.
"""

from __future__ import annotations

import json
from typing import TypedDict

from explorer.core.sentences import Sentence
from explorer.page.payloads.texts import told
from explorer.page.tabs.algorithms import FIRST_SEED, run_values
from explorer.serving.model_store import ModelStore
from explorer.widgets.algorithm import AlgorithmValue
from explorer.widgets.base import Told

FILE = "algorithms.json"
RUNS = 3  # 43 kB each
SEEN = Sentence("This file carries {0} runs of both, and you have seen them all: this is the first one again.", RUNS)


class AlgorithmRuns(TypedDict):
    """runs: training and generation of each seed from FIRST_SEED on; told: what is said when they begin anew."""

    runs: list[tuple[AlgorithmValue, AlgorithmValue]]
    told: Told


def algorithms_file(models: ModelStore) -> bytes:
    """Both algorithms with the pretrained model, RUNS times, as JSON."""
    runs: AlgorithmRuns = {
        "runs": [run_values(models, seed) for seed in range(FIRST_SEED, FIRST_SEED + RUNS)],
        "told": told(SEEN),
    }
    return json.dumps(runs, ensure_ascii=False, separators=(",", ":")).encode()
