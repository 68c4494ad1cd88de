"""What a GGUF file says of its model, read from files that the package `gguf` wrote."""

from importlib.util import find_spec

import pytest

from engine.language_models.gguf_header import NotGgufError, read_header
from tests.engine.language_models.tiny_gguf import HEADS, LAYERS, WIDTH, save_tiny_gguf

pytestmark = pytest.mark.skipif(find_spec("gguf") is None, reason="needs the package gguf")


def test_the_head_tells_window_template_and_memory(tmp_path):
    header = read_header(save_tiny_gguf(tmp_path / "tiny.gguf", window=4_096))

    assert (header.architecture, header.window, header.chats, header.parts) == ("llama", 4_096, True, 1)
    assert header.bytes_per_token == LAYERS * HEADS * (2 * WIDTH // HEADS) * 2


def test_a_model_without_a_template_does_not_chat(tmp_path):
    assert not read_header(save_tiny_gguf(tmp_path / "tiny.gguf", chat_template=None)).chats


def test_values_of_all_kinds_and_long_lists_are_passed_over(tmp_path):
    from gguf import GGUFWriter

    writer = GGUFWriter(tmp_path / "x.gguf", "other")
    writer.add_uint8("a", 1)
    writer.add_float64("b", 0.5)
    writer.add_bool("c", True)
    writer.add_array("d", list(range(10_000)))
    writer.add_array("e", ["word"] * 10_000)
    writer.add_array("other.attention.head_count_kv", [1, 0, 3])
    writer.add_head_count(4)
    writer.add_embedding_length(32)
    writer.add_uint16("split.count", 3)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()

    header = read_header(tmp_path / "x.gguf")

    assert header.bytes_per_token == (1 + 0 + 3) * (8 + 8) * 2
    assert (header.window, header.parts) == (0, 3)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_a_head_that_is_cut_off_is_one_sentence(tmp_path, share):
    whole = save_tiny_gguf(tmp_path / "tiny.gguf").read_bytes()
    head = whole[: whole.index(b"assistant:") + 10]
    (tmp_path / "cut.gguf").write_bytes(head[: int(len(head) * share)])

    with pytest.raises(NotGgufError, match="is damaged"):
        read_header(tmp_path / "cut.gguf")


@pytest.mark.parametrize("content", [b"", b"GGU", b"<!doctype html>", b"PK\x03\x04"])
def test_what_is_no_such_file_is_one_sentence(tmp_path, content):
    (tmp_path / "x.gguf").write_bytes(content)

    with pytest.raises(NotGgufError, match="is no GGUF file"):
        read_header(tmp_path / "x.gguf")
