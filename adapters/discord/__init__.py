"""The room for Discord (discord.py). Nothing lives here yet: Discord is not connected in this version."""
