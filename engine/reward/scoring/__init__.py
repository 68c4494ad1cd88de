"""Scoring: all scores of a round, from a reward model that may fail, with what was read before.

scorer.py    one complete, checked matrix of rewards
stored.py    opinions' vectors as bytes, made when an opinion is given
stand_in.py  a second model for the rounds that the first one does not score

Above: `engine.mediator`, the worker; the judge, which asks about as many candidates at once. Any model behind
the port `RewardModel` will do: imports no family, and no torch.
"""
