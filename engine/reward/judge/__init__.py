"""The language model as a judge: a server that reads one opinion and says how far its author would agree.

Modules: `prompts` says what is asked, `answers` reads what comes back, `routes` knows the routes of servers,
`asking` who is asked and how often, `cost` which way of asking is cheaper, `model` is the reward model,
`environment` makes it for programs that know no settings.
"""
