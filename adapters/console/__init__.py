"""The console: a deliberation from a file, in a terminal.

Reads:  question and opinions from YAML, JSON, JSON Lines or CSV, and what the bot posts.
Gives:  a `MediationRequest` to the engine, and tables, bars and panels to the terminal.
Decides nothing: the mediator and the handlers are passed in.
"""
