"""Training: the room where reward models are learnt; drafters come later.

Reads:  debate questions and Polis conversations, or a checkpoint to go on from.
Gives:  a run's folder with a manifest, its history, and checkpoints that `engine.reward` loads.
The application never imports it: `accord train` starts `python -m engine.training` as a process of its own.
"""
