"""Model info: what is said of a reward model beside its weights.

source.py       where a model is, and its manifest
families.py     the families that there are
calibration.py  from a raw score to the rating it stands for
limits.py       languages and kinds of question that it has not learnt

Above: every other room of reward; training; the application's settings. Imports none of them. Only `source`
needs the hub's client and transformers.
"""
