"""Which emoji a server has beside the standard ones, for scales with emoji of its own.

Reads:  the server's emoji, when somebody has written one.
Gives:  `EmojiHere`, with what is said of an emoji that cannot be used here; what a reaction's emoji goes by.
"""

from collections.abc import Mapping

import discord

from adapters.discord.rest import Rest
from bot.domain.errors import PlatformError
from bot.domain.ratings import OwnEmoji
from bot.wording import troubles
from bot.wording.emoji import OF_DISCORD, EmojiHere


async def emoji_here(rest: Rest, team: str, typed: Mapping[str, str]) -> EmojiHere:
    """What a scale can be made of in this server; Discord is asked only where one of a server was written."""
    if not OF_DISCORD.search(typed.get("emoji", "")):
        return EmojiHere(unknown=troubles.NOT_OF_SERVER, of_discord=troubles.OF_ANOTHER_SERVER)
    try:
        # The SDK's own guild has none without an intent that is needed for nothing else.
        found = await rest.call(lambda client: client.http.get_all_custom_emojis(int(team)))
    except PlatformError:
        return EmojiHere(unknown=troubles.NOT_OF_SERVER, of_discord=troubles.SERVER_EMOJI_UNKNOWN)
    own = [discord.PartialEmoji.from_dict(each) for each in found if each.get("available", True)]
    return EmojiHere(
        {str(each): _own(each) for each in own}, troubles.NOT_OF_SERVER, troubles.OF_ANOTHER_SERVER
    )


def _own(emoji: discord.PartialEmoji) -> OwnEmoji:
    return OwnEmoji(shown=str(emoji), names=(str(emoji.id),))


def known_by(emoji: discord.PartialEmoji | discord.Emoji | str) -> str:
    """An emoji itself; of a server's own one its number, which stays the same when it is renamed."""
    number = None if isinstance(emoji, str) else emoji.id
    return str(number or emoji)
