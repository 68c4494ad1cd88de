"""Evaluation: the room for measuring reward models against what people rated, and drafters later.

Reads:  rounds with known ratings (of our own writing, and the corpus), held-out questions and conversations;
        a team's feedback.
Gives:  accuracy within a person, with intervals by person, and what a model picks, with intervals by round,
        beside baselines that know less; a report on feedback.
The application never imports it: `accord evaluate` starts `python -m engine.evaluation` as a process of its
own.

evaluate.py   `accord evaluate`
judged.py     the language model as judge before an exam, with a bar
report        the report: all results, its sections, its pictures, its page
corpus        the corpus of deliberations, and what a reward model is judged by on it
feedback      what people's ratings in a feedback export say, one subject a module
accuracy      how often a reward model ranks two statements as a person did
intervals.py  bootstrap intervals, for every room
"""
