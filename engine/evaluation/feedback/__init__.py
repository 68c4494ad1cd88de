"""Feedback: what people's ratings in a feedback export say.

ratings.py       feedback records as columns, from which everything else here counts
arms.py          how the arms of a study did
winners.py       which arm wins by whose agreement counts
topics.py        agreement by topic of the question bank
functions.py     welfare functions compared
divisiveness.py  how divided groups are, before and after
opinion_groups.py how groups that were predicted took the statement, and where they stand
rounds.py        what a second round changed
reliability.py   how far raters of a statement agree with each other
prediction.py    how well ratings were predicted

Above: `report`, which shows it; `corpus`, for correlation and reliability. Below: `accuracy`, and
`engine.evaluation.intervals`. No files.
"""
