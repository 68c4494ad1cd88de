"""How Discord is reached and what this app needs there. Plain data; imports nothing heavy."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.ratings import RatingBy
from bot.domain.terms import Terms
from bot.wording import troubles
from bot.wording.language import listed
from bot.wording.permissions import ON_DISCORD

API_URL = "https://discord.com/api/v10"
PLATFORM = "discord"
COMMAND = "/accord"
PORTAL = "discord.com/developers/applications"

NEEDED = ("view_channel", "send_messages", "embed_links", "read_message_history")
NEEDED_FOR: dict[RatingBy, tuple[str, ...]] = {
    RatingBy.REACTIONS: ("add_reactions",),
    RatingBy.POLL: ("send_polls",),
    RatingBy.BUTTONS: (),
}
# Their bits, from which the address is made that invites the app with all of them.
BITS = {
    "view_channel": 10,
    "send_messages": 11,
    "embed_links": 14,
    "attach_files": 15,
    "read_message_history": 16,
    "add_reactions": 6,
    "send_polls": 49,
    "create_public_threads": 35,
    "send_messages_in_threads": 38,
}


@dataclass(frozen=True)
class DiscordConfig:
    """Settings of the Discord channel.

    api_url: another server instead of Discord's own. secrets: what ids are sealed with, the newest first.
    """

    token: str = ""
    api_url: str = API_URL
    secrets: tuple[str, ...] = ()

    @property
    def configured(self) -> bool:
        """Whether there is anything of Discord at all."""
        return bool(self.token)

    def problem(self) -> str | None:
        """What cannot be right, in one sentence; None when all is well or nothing is set."""
        if self.token and (self.token != self.token.strip() or " " in self.token or self.token.isdigit()):
            return f"DISCORD_TOKEN is no bot token: copy it under Bot, Reset Token, on {PORTAL}."
        return None


def invite_url(application: int | str) -> str:
    """Where a server's admins click to add the app with everything that it needs."""
    bits = sum(1 << bit for bit in BITS.values())
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}&permissions={bits}"
        "&scope=bot+applications.commands"
    )


def needed_for(terms: Terms, *, thread: bool = False, in_thread: bool = False) -> tuple[str, ...]:
    """The permissions without which a question with these terms cannot be run in a channel."""
    needed = [*NEEDED, *NEEDED_FOR[terms.rating_by]]
    if thread and not in_thread:
        needed += ["create_public_threads", "send_messages_in_threads"]
    if in_thread:
        needed[needed.index("send_messages")] = "send_messages_in_threads"
    return tuple(needed)


def prevented(names: Iterable[str]) -> str:
    """These permissions, each with what is prevented where it is missing."""
    return listed(f"{called} ({purpose})" for called, purpose in map(ON_DISCORD.__getitem__, names))


def lacking(names: Iterable[str]) -> str:
    """What is missing and what it prevents, in one sentence; empty when nothing is."""
    told = prevented(names)
    if not told:
        return ""
    return troubles.lacking_here(told)
