"""Training: the room where reward models and drafters are learnt, and where the better one is promoted.

Reads:  debate questions and Polis conversations, or a team's feedback and a model to go on from.
Gives:  a run's folder with a manifest, its history, and checkpoints that `engine.reward` loads.
The application never imports it: `accord train` and `accord promote` start `python -m engine.training` as a
process of its own.
"""
