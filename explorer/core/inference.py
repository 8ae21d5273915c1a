"""The network as it is run for viewers: a frozen copy, laid out for speed."""

from __future__ import annotations

import copy
import warnings

import torch
from torch import Tensor, nn

from explorer.core.devices import CPU, on_device
from explorer.core.precision import best_dtype
from explorer.core.sampling import IMAGE_SHAPE
from explorer.core.unet import UNet

# Batches are padded to one of these sizes: for each size that it meets, the CPU's convolution library builds and keeps
# its own machine code (about 6 ms and 4 MB a size).
BATCH_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128)


class FrozenNetwork:
    """A `Network` for sampling: (x_t, t, label) -> eps_hat, float32 in and out, without gradients.

    On processors with bf16 arithmetic the weights are bf16, which halves the time of a large batch and changes no
    picture visibly; the combination of x_t and the last layer's output stays in float32. There the weights also lie in
    memory as the convolution library wants them. Everywhere the embedding of t is a table. The given network is not
    touched.

    trace: also record the operations once and replay them without Python (0.1 s, then a quarter less time a step).
    torch never frees a recording (3 MB for a network of the Train tab), so this is for a network that stays.

    device: where it computes; what comes in and goes out stays where the caller has it.
    """

    def __init__(
        self, network: UNet, dtype: torch.dtype | None = None, *, trace: bool = True, device: torch.device = CPU
    ) -> None:
        self.dtype = dtype or best_dtype(device)
        frozen = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
        for parameter in frozen.parameters():  # not the buffers: they hold the schedule
            parameter.data = parameter.data.to(self.dtype)
        frozen = prepared(frozen.to(device, memory_format=torch.channels_last))  # type: ignore[call-overload]
        self._network = on_device(recorded(frozen) if trace else frozen, device)

    def __call__(self, x_t: Tensor, t: Tensor, label: Tensor) -> Tensor:
        """x_t: (B, 1, 28, 28); t, label: (B,) int64. Returns eps_hat, like x_t."""
        rows = len(x_t)
        padding = next((size for size in BATCH_SIZES if size >= rows), rows) - rows
        with torch.inference_mode():
            if padding:
                x_t, t, label = (
                    torch.cat([tensor, tensor[:1].expand(padding, *tensor.shape[1:])]) for tensor in (x_t, t, label)
                )
            eps_hat: Tensor = self._network(x_t, t, label)
            return eps_hat[:rows]


def prepared(network: UNet) -> UNet:
    """The same network with its constant work done once: every embedding of t, and the order of the weights
    in memory.
    """
    weight, dtype = network.first.weight, network.first.weight.dtype
    with torch.no_grad():
        network.time = TimeTable(network.time.float()(torch.arange(network.T + 1, device=weight.device)).to(dtype))
        if weight.device == CPU and packing_pays(dtype):
            for module in list(network.modules()):
                for name, layer in module.named_children():
                    if isinstance(layer, nn.Conv2d):
                        setattr(module, name, PackedConv2d(layer))
    return network


def packing_pays(dtype: torch.dtype) -> bool:
    """Whether weights in the convolution library's own order are faster: in native bf16 they are; float32 with AVX2
    alone gets up to seven times slower by them.
    """
    return dtype == torch.bfloat16 == best_dtype()


class TimeTable(nn.Module):
    """t (B,) int64 -> (B, embedding), looked up."""

    table: Tensor  # (T + 1, embedding)

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.register_buffer("table", table)

    def forward(self, t: Tensor) -> Tensor:
        """t: (B,) int64 in 0..T."""
        return self.table[t]


# As TorchScript, so that `recorded` can record the call: a plain Python call of this operation cannot be.
_packed = torch.jit.CompilationUnit("""
def conv2d(
    x: Tensor, weight: Tensor, bias: Tensor, padding: List[int], stride: List[int], dilation: List[int], groups: int
):
    scalars = torch.jit.annotate(List[Optional[number]], [])
    return torch.ops.mkldnn._convolution_pointwise(
        x, weight, bias, padding, stride, dilation, groups, "none", scalars, ""
    )
""")


class PackedConv2d(nn.Module):
    """A convolution whose weights are already in the convolution library's own order, instead of being put into it at
    every call.

    The operation is one that torch.compile uses; torch does not document it.
    """

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.geometry = (list(layer.padding), list(layer.stride), list(layer.dilation), layer.groups)
        self.bias = layer.bias
        weight = torch._C._nn.mkldnn_reorder_conv2d_weight(layer.weight.detach().to_mkldnn(), *self.geometry)
        self.register_buffer("weight", weight)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, in, H, W) -> (B, out, H', W')."""
        y: Tensor = _packed.conv2d(x, self.weight, self.bias, *self.geometry)
        return y


def recorded(network: UNet) -> nn.Module:
    """The same function without its Python: the operations are the same ones, so the numbers are too.

    torch.jit is deprecated in favour of torch.compile, which needs a C++ compiler and half a minute at the start.
    """
    label = torch.zeros(2, dtype=torch.int64, device=network.first.weight.device)
    example = (torch.zeros(2, *IMAGE_SHAPE, device=label.device), label + 1, label)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the deprecation, and notes on sizes that are fixed here on purpose
        replayed: nn.Module = torch.jit.trace(network, example, check_trace=False)
        return replayed
