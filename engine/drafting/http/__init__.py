"""HTTP: one request to a server that writes text, and what comes back.

wire.py      the connection, and what every failure of it means to us
streams.py   server-sent events, as they come
replies.py   from an answer, in whichever form, to the texts in it
refusals.py  what a server refuses, in the words of each
troubles.py  what can go wrong, and the one sentence that people read of it

Above: `load_balancing`, `servers`, `local`; the judge in `engine.reward`. Knows neither prompts nor briefs,
and passes on nothing that a server said: it may repeat opinions.
"""
