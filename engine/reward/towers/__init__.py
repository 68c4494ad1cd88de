"""Towers: the two-tower model, which reads opinions and candidates apart, and the joint one, which reads them
together in small groups.

two_tower.py   the two-tower model
joint.py       the joint model, built on it
networks.py    both as torch modules
checkpoint.py  both on disk: what a training run writes and a scorer reads
encoders.py    how token ids go through the encoder
flat_bert.py   the fast way on the CPU: texts laid end to end

Above: `engine.reward`, which loads them; training, which makes them. Below: `texts`, `slot` and `model_info`.
Knows no other family.
"""
