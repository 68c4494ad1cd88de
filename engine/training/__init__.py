"""Training: the room where reward models and drafters are learnt, and where the better one is promoted.

Reads:  debate questions and Polis conversations, or a team's feedback and a model to go on from.
Gives:  a run's folder with a manifest, its history, and checkpoints that `engine.reward` loads.
The application never imports it: `accord train` and `accord promote` start `python -m engine.training` as a
process of its own.

promotion.py   a candidate takes the place of the model in use, if it is better
reward_models  one loop for every family of reward models
drafters       fine-tuning, and optimising against predicted welfare
data           rounds to learn from
runs           settings, bases, precision, processes: what every run has
*.yaml         recipes: settings to copy and change
corpus         deliberations to learn from and be judged by, with their card
"""
