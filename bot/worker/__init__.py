"""What time does: every step of a deliberation that nobody has to click for, safe to run twice.

steps.py                       close, mediate, publish, settle, purge
reminding.py                   who is reminded of answering or rating, once
outcome_follow_up.py           who is asked how it went, once, on the day by which it was to be done
progress.py, model_silence.py  who is shown how far drafting is, and who is told that nothing comes
points.py                      opinions split into points to vote on, and a map of the votes
engine.py                      the engine in use: taken up anew when a model is promoted
revising.py                    a further round, from what members say of the statement
study_arms.py                  a study's statements, arm by arm
feedback.py                    what a settled question leaves to learn from
refreshing.py                  a question's message again: somebody was forgotten, its deadline moved
rehearsing.py                  questions tried out with simulated members
schedules.py                   questions that post themselves
webhooks.py                    sending to webhooks, and what did not arrive; next to the steps

Refrains from deciding: the rules are `bot.domain`'s.
"""
