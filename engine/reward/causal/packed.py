"""Linear layers laid out for the CPU: the same numbers, up to twice as fast.

Reads:  a module in fp32 on the CPU.
Gives:  the module, its linear layers replaced by ones whose weights oneDNN has put in the order in which its
        kernels read. PyTorch's own go through MKL, which leaves half of some processors' vectors unused.
Refrains from precision: products and sums are in fp32 as before. A layer that cannot be packed, or that then
        answers differently, stays as it is; a packed model cannot be trained or saved.
"""

import torch
from torch import Tensor, nn

CLOSE = 1e-4
"""How far a packed layer's answer to one row may be from the layer's own, relative to its largest number."""


class PackedLinear(nn.Module):
    """A linear layer as oneDNN keeps it; the two operations are those that torch.compile would use."""

    def __init__(self, layer: nn.Linear) -> None:
        """Raises RuntimeError or AttributeError where this torch has no oneDNN."""
        super().__init__()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), None)
        self._bias = None if layer.bias is None else layer.bias.detach()

    def forward(self, rows: Tensor) -> Tensor:
        """Shape (…, numbers out)."""
        out: Tensor = torch.ops.mkldnn._linear_pointwise(rows, self._weight, self._bias, "none", [], "")
        return out


@torch.no_grad()
def pack(module: nn.Module) -> None:
    """Replace the linear layers inside `module`; those on another device or in another precision stay."""
    for parent in list(module.modules()):
        for name, layer in list(parent.named_children()):
            if type(layer) is nn.Linear and (quick := _packed(layer)):
                setattr(parent, name, quick)


def _packed(layer: nn.Linear) -> PackedLinear | None:
    if layer.weight.device.type != "cpu" or layer.weight.dtype != torch.float32:
        return None
    row = torch.linspace(-1, 1, layer.in_features)[None]
    try:
        packed = PackedLinear(layer)
        answer = packed(row)
    except (RuntimeError, AttributeError):
        return None
    right = layer(row)
    return packed if bool(((answer - right).abs() <= CLOSE * right.abs().max()).all()) else None
