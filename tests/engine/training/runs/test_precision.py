"""A run computes in bf16 only where that is asked for, or is fast."""

import pytest
import torch

from engine.training.runs import precision


@pytest.fixture(autouse=True)
def asked_anew():
    precision._is_fast_here.cache_clear()
    yield
    precision._is_fast_here.cache_clear()


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ({"avx2": True, "avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"bf16": True}, True),
        ({}, False),
    ],
    ids=["avx2", "avx512", "amx", "arm", "unknown"],
)
def test_by_itself_it_is_bf16_where_the_processor_has_instructions_for_it(monkeypatch, has, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)

    assert precision.in_bf16("auto") is expected


def test_what_is_asked_for_is_done():
    assert precision.in_bf16("bf16")
    assert not precision.in_bf16("fp32")
