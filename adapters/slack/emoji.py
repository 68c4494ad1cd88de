"""Which emoji a workspace has beside the standard ones, for scales with emoji of its own.

Reads:  Slack's list of the workspace's own emoji and their other names, when somebody has written one.
Gives:  `EmojiHere`, with what is said of an emoji that cannot be used here.
"""

from collections.abc import Mapping

from adapters.slack.clients import Clients
from adapters.slack.errors import SlackError
from bot.domain.errors import PlatformError
from bot.domain.ratings import OwnEmoji
from bot.wording import troubles
from bot.wording.choices import OWN_SCALE
from bot.wording.emoji import EmojiHere, standard

ALIAS = "alias:"


async def emoji_here(clients: Clients, team: str, typed: Mapping[str, str]) -> EmojiHere:
    """What a scale can be made of in this workspace; Slack is asked only where names were written."""
    if typed.get("scale") != OWN_SCALE or ":" not in typed.get("emoji", ""):
        return EmojiHere(unknown=troubles.NOT_OF_WORKSPACE)
    try:
        found = await clients.call(team, "emoji_list")
    except PlatformError as exc:
        missing = isinstance(exc, SlackError) and exc.code == "missing_scope"
        return EmojiHere(unknown=troubles.EMOJI_NOT_ALLOWED if missing else troubles.WORKSPACE_EMOJI_UNKNOWN)
    return EmojiHere(
        _own({str(name): str(told) for name, told in found.get("emoji", {}).items()}),
        troubles.NOT_OF_WORKSPACE,
    )


def _own(listed: Mapping[str, str]) -> dict[str, OwnEmoji]:
    """Every emoji of the workspace as it is written; one that has several names is one emoji."""
    together: dict[str, list[str]] = {}
    for name, told in listed.items():
        together.setdefault(told.removeprefix(ALIAS) if told.startswith(ALIAS) else name, []).append(name)
    own: dict[str, OwnEmoji] = {}
    for name, names in together.items():
        usual = standard(name)
        if name in listed or usual is None:
            found = OwnEmoji(shown=f":{name}:", names=tuple(dict.fromkeys([name, *names])))
        else:
            found = usual.model_copy(update={"names": (*usual.names, *names)})
        own |= {f":{each}:": found for each in names}
    return own
