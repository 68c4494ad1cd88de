"""The HTTP API: other software asks, takes part and reads results, by the same rules as people do on pages.

table      every endpoint; routes, reading and description stem from it
endpoints  what an endpoint is, and what its handler gets
models     what goes in and out
gate       in front of all of them: tokens, limits, what was sent
problems   what goes wrong, as problem+json
openapi    the description, made of the table and the models
routes     the routes, and the page about them
questions, taking_part, results, library   the handlers
shown      what they show
"""
