"""Load balancing: which of several equal servers writes the next text, how many at once, and for how long.

pool.py   whom to ask, and how often
slots.py  how many texts a server writes at once for us
turns.py  which prompts it may begin to read, so that it reads none twice where that is dear
pace.py   how fast it writes, and how long we therefore wait

Above: `servers`, `local`; the judge in `engine.reward`. Below: `http`, for what can go wrong. No request is
made here: whoever asks brings it.
"""
