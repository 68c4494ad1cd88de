"""Causal: a language model of any size with a scalar head, as reward model.

model.py     the reward model
prefixes.py  texts read in two steps: what they share once, then each one's ending
decoder.py   the same for models of the Llama and Qwen shape, layer by layer
packed.py    linear layers laid out for the CPU

Above: `engine.reward`, which loads it; training, which makes it. Below: `texts`, `slot` and `model_info`.
Knows no other family.
"""
