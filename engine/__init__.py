"""The engine: a question and opinions in, a mediation out.

A library that knows no chat, no Redis and no settings; it runs alone on a GPU machine.
The main path is `engine.mediator`; everything else is a part that it calls.
"""
