"""The room for Discord: events in, commands out; cards in, embeds and buttons out (discord.py)."""
