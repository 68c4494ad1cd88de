"""Accuracy: how often a reward model ranks two statements as the person did who rated both.

suites.py      what a reward model is judged on
*.yaml         rounds of our own writing, for the suites
agreement.py   the accuracy within a person, and its interval
baselines.py   what a reward model has to beat
comparison.py  two models on the same ratings

Above: `feedback`, `corpus`; training, which judges its runs by it. Below: `engine.evaluation.intervals`. Any
model with raw scores can be judged: no torch.
"""
