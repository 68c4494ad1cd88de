"""Parsing: from a reply as a model wrote it to a statement that may stand for election.

statements.py      what is left once everything around the statement is taken away
reasoning.py       thoughts in front of it
special_tokens.py  tokens of the model's own format
marks.py           what tags and tokens have in common, in any family
small_talk.py      "Sure, here is …", and remarks behind
screening.py       which drafts are dropped, and why
declining.py       how models say that they will not write something
open_points.py     what may be shown of what a model says that a statement leaves open

Above: `servers` and `local`, `engine.mediator`, the judge in `engine.reward`. Pure: texts in,
texts out. Takes words away and changes none.
"""
