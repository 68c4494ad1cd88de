"""Drafters in training: fine-tuned on statements that people liked, or optimised against predicted welfare.

sft.py                supervised fine-tuning
policy.py             policy optimisation
shared.py             what both have in common: the model, its checkpoints, deliberations to draft for
predicted_welfare.py  drafters judged by the welfare that reward models predict for what they write
curve.py              the curve of over-optimisation

Above: `promotion`, which judges drafters in the same way. Below: `data`, for a team's ratings, and `runs`.
Knows no reward model in training.
"""
