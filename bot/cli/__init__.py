"""The `accord` command: parse, call, print.

main.py                                 the commands that most people use
questions.py, study.py, data.py, model.py, webhook.py, api_tokens.py  groups of commands
moving.py                               backups, and putting them back
signals.py                              Ctrl-C as people expect it

Imports inside commands, so that `accord --help` is there at once.
"""
