"""Tiny random models with a scalar head, saved as transformers saves them: no download, no GPU."""

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    LlamaConfig,
    LlamaForSequenceClassification,
    ModernBertConfig,
    ModernBertForSequenceClassification,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForSequenceClassification,
    Qwen3Config,
    Qwen3ForSequenceClassification,
)

from tests.engine.tiny import tiny_tokenizer

SIZES = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4}
WINDOW = {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1}
CAUSAL = {
    "llama": (LlamaConfig, LlamaForSequenceClassification, {"num_key_value_heads": 2}),
    "qwen2": (Qwen2Config, Qwen2ForSequenceClassification, {"num_key_value_heads": 2}),
    "qwen2-windows": (Qwen2Config, Qwen2ForSequenceClassification, {"num_key_value_heads": 2, **WINDOW}),
    "qwen3": (Qwen3Config, Qwen3ForSequenceClassification, {"num_key_value_heads": 1, "head_dim": 8}),
}
ENCODERS = {
    "bert": (BertConfig, BertForSequenceClassification),
    "modernbert": (ModernBertConfig, ModernBertForSequenceClassification),
}


def tokenizer(*, starts: bool = False) -> PreTrainedTokenizerFast:
    """Words and letters; `starts`: a mark before each text, as Llama's tokenizer has it."""
    from tokenizers.processors import TemplateProcessing

    words = tiny_tokenizer()
    if starts:
        words.post_processor = TemplateProcessing(
            single="[CLS] $A", special_tokens=[("[CLS]", words.token_to_id("[CLS]"))]
        )
    return PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]", pad_token="[PAD]")


def causal(kind="llama", *, labels=1, seed=0):
    """A classifier in fp32, its scores far enough apart to compare."""
    torch.manual_seed(seed)
    config, classifier, more = CAUSAL[kind]
    words = tiny_tokenizer().get_vocab_size()
    model = classifier(
        config(
            **SIZES, **more, vocab_size=words, pad_token_id=0, num_labels=labels, max_position_embeddings=512
        )
    )
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(4)
    return model.eval()


def save_causal(folder, kind="llama", **more):
    """A folder as `save_pretrained` writes it."""
    causal(kind, **more).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def save_encoder(folder, kind="bert", *, labels=1):
    """A cross-encoder's folder, with a tokenizer that makes pairs."""
    from tokenizers.processors import TemplateProcessing

    torch.manual_seed(0)
    config, classifier = ENCODERS[kind]
    words = tiny_tokenizer()
    marks = {name: words.token_to_id(name) for name in ("[PAD]", "[CLS]", "[SEP]")}
    words.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1" if kind == "bert" else "[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(name, marks[name]) for name in ("[CLS]", "[SEP]")],
    )
    model = classifier(
        config(
            **SIZES, vocab_size=words.get_vocab_size(), num_labels=labels, max_position_embeddings=128,
            pad_token_id=marks["[PAD]"], cls_token_id=marks["[CLS]"], sep_token_id=marks["[SEP]"],
            bos_token_id=None, eos_token_id=None,
        )
    )  # fmt: skip
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=128,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def assert_one_sentence(error):
    """What a person reads: one line, of a bearable length, with its full stop."""
    said = str(error)
    assert "\n" not in said
    assert said.endswith(".")
    assert len(said) < 450
