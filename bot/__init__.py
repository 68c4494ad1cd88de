"""The application: what a deliberation is, what people may do with it, and when.

It knows no chat SDK, no Redis and no model library; `bot.bootstrap` alone wires those in.
"""
