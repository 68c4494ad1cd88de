"""Lexical: the baseline that matches words. Nothing is trained, and no torch is needed.

model.py     the reward model
polarity.py  whether a sentence affirms or denies

Above: `engine.reward`. Imports nothing else of reward.
"""
