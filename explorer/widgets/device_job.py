"""What a viewer's device is given to compute."""

from __future__ import annotations

from typing import Any, TypedDict


class DeviceJob(TypedDict):
    """A film, as widgets/device/worker.js is given it. All numbers come from the core: the device knows no formula."""

    model: str  # address of the exported network, from the page's root on
    strips: list[str]  # what its frames show, of STRIPS
    n: int  # pictures
    table: dict[str, Any]  # of its steps: a SamplerTable, see explorer/device/tables.py
    seeds: list[int]  # of the trajectories; one where the film is of futures
    labels: list[int]  # as many
    x_0: str  # the pictures to start from, base64 of uint8 (seeds, 28, 28); "" where it starts from noise
    fork_seeds: list[int]  # of the futures, which part at the step `first`; none where it is not of futures
    first: int  # number of the step that is the first frame
    stride: int  # every stride-th step from there on is a frame
    total: int  # frames
    again: dict[str, Any]  # what the server is asked by the event take_over, if the device cannot go on
