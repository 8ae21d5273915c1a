"""The network as it is run for viewers: a frozen copy, laid out for speed."""

from __future__ import annotations

import copy
import warnings

import torch
from torch import Tensor, nn

from explorer.core.sampling import IMAGE_SHAPE
from explorer.core.unet import UNet

# Batches are padded to one of these sizes: for each size that it meets, the CPU's convolution library builds and keeps
# its own machine code (about 6 ms and 4 MB a size).
BATCH_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128)


class FrozenNetwork:
    """A `Network` for sampling: (x_t, t, label) -> eps_hat, float32 in and out, without gradients.

    On processors with bf16 arithmetic the weights are bf16, which halves the time of a large batch and changes no picture
    visibly; the combination of x_t and the last layer's output stays in float32. The given network is not touched.
    trace: also record the operations once and replay them without Python (0.1 s, then a quarter less time a step).
    """

    def __init__(self, network: UNet, dtype: torch.dtype | None = None, trace: bool = True) -> None:
        self.dtype = dtype or best_dtype()
        frozen = copy.deepcopy(network).eval().requires_grad_(False)
        for parameter in frozen.parameters():  # not the buffers: they hold the schedule
            parameter.data = parameter.data.to(self.dtype)
        frozen = frozen.to(memory_format=torch.channels_last)
        self._network = recorded(frozen) if trace else frozen

    def __call__(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        rows = len(x_t)
        padding = next((size for size in BATCH_SIZES if size >= rows), rows) - rows
        with torch.inference_mode():
            if padding:
                x_t, t, label = (torch.cat([tensor, tensor[:1].expand(padding, *tensor.shape[1:])]) for tensor in (x_t, t, label))
            return self._network(x_t, t, label)[:rows]


def recorded(network: UNet) -> nn.Module:
    """The same function without its Python: the operations are the same ones, so the numbers are too.

    torch.jit is deprecated in favour of torch.compile, which needs a C++ compiler and half a minute at the start.
    """
    example = (torch.zeros(2, *IMAGE_SHAPE), torch.ones(2, dtype=torch.int64), torch.zeros(2, dtype=torch.int64))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the deprecation, and notes on sizes that are fixed here on purpose
        return torch.jit.freeze(torch.jit.trace(network, example, check_trace=False))


def best_dtype() -> torch.dtype:
    """bfloat16 where this processor multiplies it natively, else float32."""
    native = torch.backends.mkldnn.is_available() and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return torch.bfloat16 if native else torch.float32
