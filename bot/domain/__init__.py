"""What a deliberation is. Pure: no I/O, no clock, no randomness; time comes in as an argument.

deliberation.py, terms.py   a question and every phase change; how it is asked, closed, rated and kept
decision.py                 what was decided after the vote, by whom and until when
clean_text.py               what people write, as it may be kept
ratings.py, study.py        what people give to a statement; several statements side by side
points.py                   sentences that everybody votes on while opinions are open
rounds.py                   two rounds beside each other: what members prefer, how ratings moved
juries.py                   what members say about themselves, and who sits on a jury
actors.py, likeness.py      who acts and what they may do; whether two names look alike
team.py, library.py         a team's settings; its templates, bank and schedules
events.py, webhooks.py      what other software is told of; whom, how often it is tried, signatures
api_tokens.py, api_scopes.py tokens for other software, and what they may be for
commands.py, errors.py      what can be asked for; what can go wrong
model_notice.py             which AI models read what members write
kept_mediation.py           a round's mediation, with the models that made it
"""
