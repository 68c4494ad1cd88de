"""A language model for tests: two layers of random weights over single characters, saved to a folder."""

import json
import string

CHAT = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant:"


def save_tiny_llama(folder, *, chat_template=CHAT, window=4_096):
    """Write model and tokenizer into `folder`; only characters of ASCII are known to it."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {character: at for at, character in enumerate(["</s>", "<unk>", *string.printable])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.decoder = decoders.Fuse()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", unk_token="<unk>")
    fast.chat_template = chat_template
    fast.save_pretrained(folder)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = LlamaConfig(
        vocab_size=len(vocabulary), max_position_embeddings=window, eos_token_id=0, pad_token_id=0, **sizes
    )
    torch.manual_seed(0)  # whatever was computed in this process before
    LlamaForCausalLM(config).save_pretrained(folder)
    (folder / "generation_config.json").write_text(json.dumps({"do_sample": True, "eos_token_id": 0}))
    return folder
