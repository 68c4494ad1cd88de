"""Evaluation: the room for measuring reward models against what people rated, and drafters later.

Reads:  rounds with known ratings (`natural.yaml`, of our own writing, and `corpus`), held-out questions and
        conversations.
Gives:  accuracy within a person, with intervals by person, and what a model picks, with intervals by round,
        beside baselines that know less.
The application never imports it.
"""
