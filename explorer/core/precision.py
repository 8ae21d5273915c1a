"""Which kind of number to compute with, so that a step is fast on every processor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

from explorer.core.devices import CPU

_exact = ContextVar("exact", default=False)


@contextmanager
def exact() -> Iterator[None]:
    """Within it, everything is computed in float32."""
    before = _exact.set(True)
    try:
        yield
    finally:
        _exact.reset(before)


def best_dtype(device: torch.device = CPU) -> torch.dtype:
    """bfloat16 where this device multiplies it natively, else float32: emulated, it makes a step of training several
    times as long. A processor that torch may use as one with AVX2 only (ATEN_CPU_CAPABILITY) counts as such. Apple's
    graphics cards differ in what they can; they get float32.
    """
    if _exact.get():
        return torch.float32
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if native else torch.float32
    if device.type != "cpu":
        return torch.float32
    native = (
        torch.backends.mkldnn.is_available()
        and torch.backends.cpu.get_cpu_capability() != "AVX2"
        and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    )
    return torch.bfloat16 if native else torch.float32


def mixed_precision(device: torch.device = CPU) -> torch.autocast:
    """Within it, matrix products and convolutions are computed in `best_dtype`; the weights, and what the caller sums,
    stay float32.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=best_dtype(device) == torch.bfloat16)
