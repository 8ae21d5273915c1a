"""Any exported graph in node, called from Python."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from explorer.device.packing import packed
from explorer.device.plan import plan
from explorer.device.trace import Traced
from explorer.device.walk import lowered
from tests.device.node import HERE


@dataclass
class Graph:
    """A graph for the device, its inputs by name, and how often it is run."""

    traced: Traced
    inputs: dict[str, Tensor]
    runs: int = 1


def outputs_of(folder: Path, graphs: list[Graph]) -> list[dict[str, Tensor]]:
    """What each graph's outputs are in the end, by name, one-dimensional."""
    jobs = []
    for number, graph in enumerate(graphs):
        steps, place = lowered(graph.traced), folder / str(number)
        place.mkdir()
        (place / "graph").write_bytes(packed(steps, frozenset(), plan(steps), rows=1, T=1, dtype="f32"))
        for name, tensor in graph.inputs.items():
            (place / name).write_bytes(tensor.detach().float().contiguous().numpy().tobytes())
        assert set(graph.inputs) == set(graph.traced.inputs)
        outputs = {n: {"file": str(place / f"out {n}"), "count": b.floats} for n, b in steps.outputs.items()}
        inputs = {name: str(place / name) for name in graph.inputs}
        jobs.append({"graph": str(place / "graph"), "inputs": inputs, "outputs": outputs, "runs": graph.runs})
    (folder / "jobs.json").write_text(json.dumps(jobs))
    command = ["node", str(HERE / "run_machine.js"), str(folder / "jobs.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    read = lambda file: torch.from_numpy(np.fromfile(file, dtype=np.float32))  # noqa: E731
    return [{name: read(out["file"]) for name, out in job["outputs"].items()} for job in jobs]
