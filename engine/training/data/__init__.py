"""Data: what is learnt from, as rounds of a question, opinions, statements, and who agrees with what.

rounds.py          a round, and those made of debate questions and Polis
lessons.py         which rounds a step learns from, where the data is general
argkp.py           arguments and key points as rounds
team.py            a team's own ratings as rounds
judge_answers.py   a language model's answers on rounds, kept in a file
unrated_rounds.py  rounds that nobody has rated, with those answers for ratings

Above: `reward_models`, `drafters` and `promotion`. Below: `runs`, for the settings. Neither tensors nor
losses. The corpus of deliberations itself is in `engine/training/corpus`.
"""
