"""Which numbers a run computes in: bf16 where the machine has instructions for it, else fp32.

Reads:  what the settings ask for, and what torch finds on this machine.
Gives:  whether to compute in bf16.
Without such instructions bf16 is emulated, and many times slower than fp32.
"""

from functools import cache

import torch

from engine.training.runs.config import Precision


def in_bf16(asked: Precision) -> bool:
    """Whether to compute in bf16; "auto" asks the machine."""
    return asked == "bf16" or (asked == "auto" and _is_fast_here())


@cache
def _is_fast_here() -> bool:
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return any(has for name, has in torch.cpu.get_capabilities().items() if name.endswith("bf16"))
