"""What people wrote in Slack, as the text that they saw.

Reads:  Slack's markup, in which people, channels, groups, dates and links are references in angle brackets;
        Slack, for the names of those that bring none.
Gives:  plain text. Angle brackets that are no reference stay: somebody typed them.
A private channel is named to whoever is in it, and to nobody else.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from adapters.slack.clients import Clients
from adapters.slack.payloads import Who
from adapters.slack.people import People
from bot.domain.errors import PlatformError
from bot.wording import texts

REFERENCE = re.compile(
    r"<([@#!])((?<=@)[UW][A-Z0-9]+|(?<=#)[CDG][A-Z0-9]+|(?<=!)(?:here|channel|everyone|group|subteam|date)"
    r"(?:\^[^<>|]*)?)(?:\|([^<>]*))?>"
)
LINK = re.compile(r"<([a-z][a-z0-9+.-]*:[^<>|\s]+)(?:\|([^<>]*))?>", re.IGNORECASE)
# Slack writes these three as entities, and nothing else.
ENTITY = re.compile(r"&(amp|lt|gt);")
CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}
SCHEME = re.compile(r"^(https?://|mailto:|tel:)", re.IGNORECASE)
# What stands for those whose names nobody tells us.
UNNAMED = {"@": "somebody", "#": "a channel"}
SOME_GROUP = "a group"
# So many names are looked up at most; a text that mentions more people says "somebody" of the others.
NAMES_LIMIT = 50

Names = Mapping[str, str]


def readable(text: str, names: Names | None = None) -> str:
    """A text in Slack's markup as people saw it. names: of people and channels, by id."""
    known = names or {}
    text = REFERENCE.sub(lambda found: _referred(found[1], found[2], found[3] or "", known), text)
    text = LINK.sub(lambda found: _linked(found[1], found[2] or ""), text)
    return ENTITY.sub(lambda found: CHARACTERS[found[1]], text).strip()


def _referred(sign: str, what: str, label: str, names: Names) -> str:
    if sign != "!":
        name = label or _marked(names.get(what, ""))
        return sign + name.removeprefix(sign) if name else UNNAMED[sign]
    kind, _, rest = what.partition("^")
    if kind == "date":
        return label or _date(rest)
    if kind == "subteam" and not label:
        return SOME_GROUP
    return f"@{(label or kind).removeprefix('@')}"


def _date(rest: str) -> str:
    """A date whose sender gave no words for those who cannot see it."""
    try:
        return texts.utc(datetime.fromtimestamp(int(rest.partition("^")[0]), UTC))
    except (ValueError, OverflowError, OSError):
        return ""


def _linked(address: str, label: str) -> str:
    """An address that Slack made a link of, or words with the address that they led to."""
    bare = SCHEME.sub("", address)
    shown = address if address.casefold().startswith("http") else bare
    if not label or label.rstrip("/") in (address.rstrip("/"), bare.rstrip("/")):
        return shown
    return f"{label} ({shown})"


def _marked(name: str) -> str:
    """A name as Slack would have written it."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class IncomingText:
    """Reads texts with the names that they lack. One for a process."""

    def __init__(self, clients: Clients, people: People) -> None:
        self._clients = clients
        self._people = people

    async def read(self, who: Who, *written: str) -> list[str]:
        """These texts as this person sees them."""
        names = await self._names(who, written)
        return [readable(text, names) for text in written]

    async def _names(self, who: Who, written: Iterable[str]) -> Names:
        """Of people and channels that are mentioned without a name, by id; "" where Slack does not say it."""
        found = (each for text in written for each in REFERENCE.finditer(text))
        lacking = dict.fromkeys((each[1], each[2]) for each in found if each[1] != "!" and not each[3])
        asked = list(lacking)[:NAMES_LIMIT]
        names = await asyncio.gather(*(self._name(who, sign, id_) for sign, id_ in asked))
        return {id_: name for (_, id_), name in zip(asked, names, strict=True)}

    async def _name(self, who: Who, sign: str, id_: str) -> str:
        if sign == "@":
            return (await self._people.person(who.team, id_)).name
        try:
            found = await self._clients.call(who.team, "conversations_info", channel=id_)
            about = found.get("channel") or {}
            if about.get("is_private") and not await self._people.is_member(who.team, id_, who.user):
                return ""
        except PlatformError:
            return ""
        return str(about.get("name") or "")
