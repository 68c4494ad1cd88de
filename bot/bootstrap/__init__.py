"""Wires everything: settings in, running processes out. The only room that knows all others.

models.py     who drafts and who scores
judge.py, arms.py   the language model as judge; who drafts the arms of a study
points.py     the engine as workers ask it about points to vote on
model_notice.py     what members are told of the models
watching_drafts.py  counts and traces what model servers are asked for
state.py      where state is kept, and the ports over it
platforms.py  which chat platforms are switched on
processes.py  the gateway and the worker
demo.py, demo_in_terminal.py, offline_commands.py, doctor.py, language_models.py,
webhooks.py   what the other commands do
moving.py     backups, and putting them back
settings.py, secret_keys.py   what the environment says; the keys in use, and where one is kept
terminal_progress.py   what a person at the terminal is told while they wait
made_up_members.py   members of demos, who take part through real commands
simulated_members.py, simulated_channel.py   members whom a language model plays, to try questions out

Imports only what is switched on: `accord deliberate` loads no Redis, the gateway loads no model library.
"""
