"""Tiny random transformers models, as a hub's folders hold them before they are trained to score."""

import torch
from tokenizers.processors import BertProcessing
from transformers import BertConfig, BertForMaskedLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tests.engine.tiny import tiny_encoder, tiny_tokenizer


def save_tiny_encoder(folder):
    """An encoder that fills gaps, with a tokenizer for pairs of texts."""
    words = tiny_tokenizer()
    marks = [(mark, words.token_to_id(mark)) for mark in ("[SEP]", "[CLS]")]
    words.post_processor = BertProcessing(*marks)
    _save_words(words, folder)
    torch.manual_seed(0)
    BertForMaskedLM(BertConfig(**(tiny_encoder() | {"max_position_embeddings": 64}))).save_pretrained(folder)
    return folder


def save_tiny_causal(folder):
    """A language model of Llama's shape."""
    words = tiny_tokenizer()
    _save_words(words, folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=words.get_vocab_size(), hidden_size=16, intermediate_size=32, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=64, pad_token_id=0, bos_token_id=None, eos_token_id=3,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def _save_words(words, folder):
    marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    names = ["input_ids", "token_type_ids", "attention_mask"]
    PreTrainedTokenizerFast(tokenizer_object=words, model_input_names=names, **marks).save_pretrained(folder)
