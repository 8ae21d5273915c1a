"""The network as it is run for viewers: a frozen copy, laid out for speed."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from explorer.core.unet import UNet


class FrozenNetwork:
    """A `Network` for sampling: (x_t, t, label) -> eps_hat, float32 in and out, without gradients.

    On processors with bf16 arithmetic the weights are bf16, which halves the time of a large batch and changes no picture
    visibly; the combination of x_t and the last layer's output stays in float32. The given network is not touched.
    """

    def __init__(self, network: UNet, dtype: torch.dtype | None = None) -> None:
        self.dtype = dtype or best_dtype()
        frozen = copy.deepcopy(network).eval().requires_grad_(False)
        for parameter in frozen.parameters():  # not the buffers: they hold the schedule
            parameter.data = parameter.data.to(self.dtype)
        self._network = frozen.to(memory_format=torch.channels_last)

    def __call__(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        with torch.inference_mode():
            return self._network(x_t, t, label)


def best_dtype() -> torch.dtype:
    """bfloat16 where this processor multiplies it natively, else float32."""
    native = torch.backends.mkldnn.is_available() and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return torch.bfloat16 if native else torch.float32
