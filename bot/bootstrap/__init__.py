"""Wires everything: settings in, running processes out. The only room that knows all others.

models.py     who drafts and who scores
state.py      where state is kept, and the ports over it
platforms.py  which chat platforms are switched on
processes.py  the gateway and the worker
demo.py, errands.py, doctor.py   what the other commands do

Imports only what is switched on: `accord deliberate` loads no Redis, the gateway loads no model library.
"""
