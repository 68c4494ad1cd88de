"""What can be done and seen, and everything that it needs from outside.

ports/                       what the application needs, one small protocol each
dispatch.py                  command -> handler -> reply
handlers.py, team_handlers.py, point_handlers.py,
webhook_handlers.py          one short function a command: load, change, save
giving.py                    what handlers of what members give have in common
transitions.py               save by compare-and-set, tell, enqueue
events.py, webhook_messages.py  what happened, on its way to webhooks; what they are told
current_card.py              what belongs on a question's message now
queries.py, exports.py       what people may see, as data and as files
rights.py, health.py         who is an admin; what is alive and what waits
access.py                    who may see a question
api_tokens.py                tokens for other software; paging.py: a list, page by page
reply.py, ids.py             what came of a command; ids that a repeated one finds again
quotes.py                    people's words taken out of statements when they ask to be forgotten
points.py                    the point to vote on next, what the votes say, what is hidden
seats.py                     which draft juries with other seats would have chosen
turnout.py, participation.py  how many have rated; who has taken part, for those who run a question
reconciling.py               reactions that were given while nobody listened
rounds.py                    two rounds beside each other, for members
studies.py, question_import.py  many questions at once

Refrains from deciding what a deliberation may do (`bot.domain`) and from SDKs.
"""
