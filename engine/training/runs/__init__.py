"""Runs: what every run has, whatever it trains.

config.py     settings, read from a file and written with the manifest before the first step
base.py       the pre-trained model that training starts from
adapters.py   a few weights beside it, trained in its place
precision.py  which numbers a run computes in
processes.py  one process, or several that train one model together
progress.py   how far a run has come

Above: every other room of training. Imports none of them.
"""
