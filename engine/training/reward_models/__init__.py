"""Reward models in training: one loop for every family, and what they are judged by while they learn.

loop.py                         the loop
learner.py                      the port between the loop and what is trained
towers.py, joint.py, pairs.py   a learner for each family
losses.py                       what is to be lowered, for one round
distillation.py                 learning from a larger reward model, or from a judge's answers
corpus_exam.py, team_exam.py    what a run is judged by while it trains
soup.py                         one model from several runs

Above: `engine.training.__main__`. Below: `data` and `runs`. Knows no drafters.
"""
