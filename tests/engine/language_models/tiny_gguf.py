"""A GGUF file for tests: a Llama of two layers with random weights over single characters."""

import string

import numpy as np

CHAT = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant:"
RATES_CHAT = (
    "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"
    "{% if 'Rating (one digit' in messages[-1].content %}#{% else %}assistant:{% endif %}"
)
"""For a model that drafts and rates (`rates_after="#"`): what it writes, its last character decides."""
WIDTH, HEADS, LAYERS, INNER = 32, 2, 2, 64
SPECIAL = ["<unk>", "<s>", "</s>"]
PLAIN = [character for character in string.printable if character not in " \t\r\x0b\x0c"]
SPACED = 0.9
"""By how much a space is preferred to a letter: what the model writes has words, and enough of them."""
ENDED = 0.35
"""By how much a letter is preferred to the end."""
RATED = 3.0
"""By how much, after the character that asks for a rating, digits are preferred and the others are not."""
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6


def save_tiny_gguf(path, *, chat_template=CHAT, window=8_192, seed=1, rates_after=None):
    """Write a model that reads any text and writes printable ASCII; a text ends after a hundred or so.

    rates_after: a character after which it writes a digit from 1 to 7, each about as likely.
    """
    from gguf import GGUFWriter

    words = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *PLAIN]
    kinds = [UNKNOWN, CONTROL, CONTROL, *[BYTE] * 256, *[NORMAL] * (1 + len(PLAIN))]
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(window)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(words)
    writer.add_token_scores([0.0] * len(words))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    if chat_template:
        writer.add_chat_template(chat_template)
    for name, weights in _weights(words, kinds, np.random.default_rng(seed), rates_after):
        writer.add_tensor(name, weights.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _weights(tokens, kinds, random, rates_after):
    words = len(tokens)
    out = random.normal(0, 1.0 / WIDTH**0.5, (words, WIDTH))
    # The norm before makes hidden values of size 1, and the first of them is made large by its own weight:
    # a row's first value is then what the word is preferred by. Bytes and the unknown are never written.
    read = np.concatenate([np.ones((words, 1)) * 4, random.normal(0, 1, (words, WIDTH - 1))], 1)
    if rates_after:
        read[:, 1] = [12.0 if token == rates_after else 0.0 for token in tokens]
        out[:, 1] = [RATED if token in "1234567" else -RATED for token in tokens]
    yield "token_embd.weight", read
    for layer in range(LAYERS):
        yield f"blk.{layer}.attn_norm.weight", np.ones(WIDTH)
        yield f"blk.{layer}.ffn_norm.weight", np.ones(WIDTH)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"blk.{layer}.{part}.weight", random.normal(0, 0.05, (WIDTH, WIDTH))
        yield f"blk.{layer}.ffn_gate.weight", random.normal(0, 0.05, (INNER, WIDTH))
        yield f"blk.{layer}.ffn_up.weight", random.normal(0, 0.05, (INNER, WIDTH))
        yield f"blk.{layer}.ffn_down.weight", random.normal(0, 0.05, (WIDTH, INNER))
    yield "output_norm.weight", np.ones(WIDTH)
    out[:, 0] = [6.0 if kind in (NORMAL, CONTROL) else -6.0 for kind in kinds]
    out[1, 0] = -6.0  # a text begins once
    out[2, 0] -= ENDED
    out[-len(PLAIN) - 1, 0] += SPACED
    out[[-len(PLAIN) + at for at, one in enumerate(PLAIN) if not one.isalpha()], 0] = -6.0
    yield "output.weight", out
