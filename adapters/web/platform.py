"""The web channel as a chat platform.

Reads:  cards.
Gives:  nothing outward: every page is rendered from the store when somebody looks, so the page itself is the
message, and saving a change already tells open pages (`PhaseChanged`, `Drafting`). That makes every call here
safe to repeat.
"""

from collections.abc import Sequence

from bot.domain.deliberation import MessageRef
from bot.domain.errors import UnreachableError
from bot.wording import page_lines
from bot.wording.cards import Card, Note


class WebPlatform:
    """ChatPlatform for pages in the browser."""

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """The page under /d/KEY is the message; it is there as soon as the deliberation is."""
        return MessageRef(channel=channel, message=key)

    async def update(self, message: MessageRef, card: Card) -> None:
        """Nothing to do: the page shows what is saved."""

    async def members(self, team: str, channel: str) -> Sequence[str]:
        """Nobody: visitors come by link and leave no address."""
        return ()

    async def direct_message(self, team: str, user: str, note: Note) -> None:
        """Raises UnreachableError: a message that silently went nowhere would look like one that was read."""
        raise UnreachableError(page_lines.NO_ADDRESS)
