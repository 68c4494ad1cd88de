"""Slack as a chat platform: what Accord says there, and what it asks Slack about a channel.

Reads:  cards and notes, from workers; where earlier messages stand, from notes.
Gives:  messages. Posting is repeatable: each message carries its key as metadata, a note is made before it is
sent, and whoever finds such a note without the message looks in the channel for it before posting another.
What is done where a message was deleted, `bot.chat.card_messages` decides.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from adapters.slack.clients import Clients
from adapters.slack.errors import ChannelClosedError, MessageGoneError, SlackError
from adapters.slack.people import People
from adapters.slack.pictures import Pictures
from adapters.slack.views import names
from adapters.slack.views.cards import (
    Uploaded,
    card_message,
    note_message,
    notice_over,
    result_reply,
    said,
    statement_notice,
)
from adapters.slack.views.modals import as_message
from bot.chat.card_messages import CardMessages
from bot.chat.notes import HOUR_S, KEPT_S, Notes
from bot.chat.posted_messages import Whereabouts
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import PlatformError, UnreadableVotesError
from bot.domain.ratings import Level
from bot.pictures.results import picture_of
from bot.service.ports.platform import SeenReactions
from bot.wording import troubles
from bot.wording.cards import (
    BallotCard,
    Card,
    Note,
    ResultCard,
    ResultLink,
    no_page,
)
from bot.wording.language import Sentence, _, composed, reading

log = logging.getLogger(__name__)

T = TypeVar("T")

# A lost message stands where it was sent, so far as a call may take and our clock may differ from Slack's.
# Apps that are distributed outside Slack's Marketplace may read 15 messages a minute: it has to be near.
SENDING_S = 60.0
CLOCKS_DIFFER_S = 30.0
PAGE = 100
# Slack's words for "it is there already" and "it is gone already".
HARMLESS = frozenset({"already_reacted", "no_reaction"})


class SlackPlatform:
    """`ChatPlatform`, `CollectsRatings`, `KnowsAccess`, `StoresPictures`, `PutsCards`: for each workspace."""

    def __init__(
        self, clients: Clients, notes: Notes, people: People, result_link: ResultLink = no_page
    ) -> None:
        self._clients = clients
        self._notes = notes
        self._where = Whereabouts(notes)
        self._cards = CardMessages(self._where, self)
        self._people = people
        self.pictures = Pictures(clients, notes)
        self.result_link = result_link

    # -- posting ---------------------------------------------------------------------------------

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """Post a card, once for each key."""
        return await self._cards.post(channel, card, key=key)

    async def put(self, channel: str, card: Card, *, key: str) -> str:
        """The same, with the scale's reactions on a ballot; gives the message's id."""
        d = card.deliberation
        ts = await self._drawn(
            card, lambda picture: self._posted_once(d, channel, self._rendered(card, picture), key)
        )
        if isinstance(card, BallotCard) and not card.closed:
            await self._put_up_scale(d, channel, ts)
        return ts

    async def _posted_once(
        self, d: Deliberation, channel: str, message: dict[str, Any], key: str, thread: str | None = None
    ) -> str:
        async def send() -> str:
            await self._notes.put(_sent(d.team, channel, key), str(time.time()), for_s=KEPT_S)
            metadata = {"event_type": names.CARD_EVENT, "event_payload": {"key": key}}
            posted = await self._clients.call(
                d.team,
                "chat_postMessage",
                lane=channel,
                channel=channel,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **message,
                **({"thread_ts": thread} if thread else {}),
            )
            return str(posted["ts"])

        return await self._where.posted_once(
            d.team, channel, key, send, lambda: self._find_again(d, channel, key, thread)
        )

    async def _find_again(self, d: Deliberation, channel: str, key: str, thread: str | None) -> str | None:
        """A message of ours that carries this key; None also where we may not read the channel."""
        sent_at = await self._notes.get(_sent(d.team, channel, key))
        if sent_at is None:
            return None  # whoever noted that they would send it did not come so far
        try:
            return await self._found_near(d.team, channel, key, float(sent_at), thread)
        except SlackError as exc:
            if exc.code != "missing_scope":
                raise
            log.warning("a lost message cannot be looked for: the app may not read this channel")
            return None

    async def _found_near(
        self, team: str, channel: str, key: str, sent_at: float, thread: str | None
    ) -> str | None:
        """Page by page, and where Slack asks to wait the next try goes on at the page that was reached."""
        method = "conversations_replies" if thread else "conversations_history"
        reached = f"looked for {team} {channel} {key}"
        cursor = await self._notes.get(reached) or ""
        while True:
            page = await self._clients.call(
                team,
                method,
                lane=channel,
                channel=channel,
                include_all_metadata=True,
                oldest=f"{sent_at - CLOCKS_DIFFER_S:.6f}",
                latest=f"{sent_at + SENDING_S + CLOCKS_DIFFER_S:.6f}",
                limit=PAGE,
                cursor=cursor,
                **({"ts": thread} if thread else {}),
            )
            found = next((m for m in page.get("messages", []) if _key_of(m) == key), None)
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if found is not None or not cursor:
                await self._notes.remove(reached)
                return None if found is None else str(found["ts"])
            await self._notes.put(reached, cursor, for_s=HOUR_S)

    async def _put_up_scale(self, d: Deliberation, channel: str, ts: str) -> None:
        """The scale's reactions, lowest first; those that are there already are no harm."""
        gone: list[Level] = []
        for level in d.terms.levels:
            try:
                await self._clients.call(
                    d.team, "reactions_add", lane=channel, channel=channel, timestamp=ts, name=level.name
                )
            except SlackError as exc:
                if exc.code == "invalid_name":
                    gone.append(level)
                elif exc.code not in HARMLESS:
                    raise
        if gone:
            await self._where.tell_once(
                d, "emoji", lambda: troubles.workspace_emoji_gone(d.question, map(_step, gone)), self.write
            )

    # -- updating --------------------------------------------------------------------------------

    async def update(self, message: MessageRef, card: Card) -> None:
        """Show this card in place of the last one; a message that is gone is posted again."""
        await self._cards.update(message, card)

    async def put_instead(self, channel: str, id_: str, card: Card) -> None:
        """Show a card in the place of what this message shows. Raises MessageGoneError."""
        team = card.deliberation.team
        await self._drawn(card, lambda picture: self._edit(team, channel, id_, self._rendered(card, picture)))

    async def _edit(self, team: str, channel: str, ts: str, message: dict[str, Any]) -> None:
        """Its metadata stays as it was posted. Raises MessageGoneError."""
        await self._clients.call(team, "chat_update", lane=channel, channel=channel, ts=ts, **message)

    async def tell_result(self, message: MessageRef, card: ResultCard, *, key: str) -> None:
        """In the card's thread."""
        d, thread = card.deliberation, await self._where.stands_at(message)
        link = await self.link(d)
        with reading(d.terms.language):
            reply = result_reply(link)
        await self._posted_once(d, message.channel, reply, key, thread)

    async def tell_statement(self, channel: str, deliberation: Deliberation, *, key: str) -> None:
        """As a message of its own."""
        link = await self.link(deliberation)
        with reading(deliberation.terms.language):
            notice = statement_notice(deliberation, link)
        await self._posted_once(deliberation, channel, notice, key)

    async def tell_over(self, notice: MessageRef, deliberation: Deliberation) -> None:
        """In place of what the notice said."""
        link = await self.link(deliberation)
        with reading(deliberation.terms.language):
            over = notice_over(deliberation, link)
        await self._edit(deliberation.team, notice.channel, notice.message, over)

    async def link(self, d: Deliberation) -> str:
        """The address of a deliberation's message; empty when there is none, or Slack does not say."""
        if d.message is None:
            return ""
        try:
            ts = await self._where.stands_at(d.message)
            found = await self._clients.call(
                d.team, "chat_getPermalink", channel=d.message.channel, message_ts=ts
            )
        except PlatformError:
            return ""
        link = str(found.get("permalink", ""))
        return link if link.startswith(("https://", "http://")) and not set(link) & set("<>| ") else ""

    async def _drawn(self, card: Card, show: Callable[[Uploaded | None], Awaitable[T]]) -> T:
        """Show a card with its picture, where it has one and Slack takes it."""
        if not isinstance(card, ResultCard):
            return await show(None)
        with reading(card.deliberation.terms.language):
            picture = await picture_of(card)
        return await self.pictures.shown(card.deliberation, picture, show)

    def _rendered(self, card: Card, picture: Uploaded | None) -> dict[str, Any]:
        with reading(card.deliberation.terms.language):
            return card_message(card, self.result_link(card.deliberation), picture)

    async def drop_pictures(self, deliberation: Deliberation) -> None:
        """Delete the files with its result: a message keeps its words."""
        await self.pictures.drop(deliberation)

    # -- people ----------------------------------------------------------------------------------

    async def members(self, team: str, channel: str) -> Sequence[str]:
        """User ids of the people in a channel, bots and those who left taken out."""
        present = await self._people.in_channel(team, channel, fresh=True)
        found = [await self._people.person(team, user) for user in sorted(present)]
        return [person.user for person in found if not (person.bot or person.gone)]

    async def may_see(self, team: str, channel: str, user: str) -> bool:
        """Whether somebody is in a channel, as far as Slack lets us see into it."""
        try:
            return await self._people.is_member(team, channel, user)
        except ChannelClosedError:
            return False

    async def member(self, deliberation: Deliberation, user: str) -> Actor:
        """A member of the channel, and whether they are a guest."""
        return await self._people.actor(deliberation.team, user)

    async def direct_message(self, team: str, user: str, note: Note) -> None:
        """Write to one person."""
        link = await self.link(note.deliberation)
        with reading(await self._people.language(team, user)):
            message = note_message(note, link)
        await self._write(team, user, message)

    async def write(self, team: str, user: str, sentence: Sentence) -> None:
        """One of our own sentences to one person."""
        with reading(await self._people.language(team, user)):
            message = said(composed(sentence))
        await self._write(team, user, message)

    async def write_notice(self, team: str, user: str, view: dict[str, Any]) -> None:
        """What a window would have said, to somebody who has closed it."""
        await self._write(team, user, as_message(view))

    async def _write(self, team: str, user: str, message: dict[str, Any]) -> None:
        opened = await self._clients.call(team, "conversations_open", lane=user, users=user)
        channel = opened["channel"]["id"]
        await self._clients.call(
            team, "chat_postMessage", lane=channel, channel=channel, unfurl_links=False, **message
        )

    # -- reactions -------------------------------------------------------------------------------

    async def reactions(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """Everybody's reactions on the ballot, our own and other apps' left out.

        Raises UnreadableVotesError where it was deleted; it is posted again then, for whoever votes later.
        """
        ballot = deliberation.ballot
        if ballot is None:
            return ()
        ts = await self._where.stands_at(ballot)
        try:
            found = await self._clients.call(
                deliberation.team,
                "reactions_get",
                lane=ballot.channel,
                channel=ballot.channel,
                timestamp=ts,
                full=True,
            )
        except MessageGoneError:
            await self._restore(deliberation, ballot, gone=ts)
            raise UnreadableVotesError(troubles.VOTES_GONE) from None
        ours = (await self._clients.bot(deliberation.team)).user
        shown: dict[str, list[str]] = {}
        for reaction in found.get("message", {}).get("reactions", []):
            for user in reaction.get("users", []):
                if user != ours:
                    shown.setdefault(user, []).append(reaction["name"])
        return [
            SeenReactions(await self._people.participant(deliberation, user), tuple(emoji))
            for user, emoji in shown.items()
        ]

    async def stands_since(self, deliberation: Deliberation) -> datetime | None:
        """When the ballot was posted in place of one that was deleted."""
        return await self._cards.stands_since(deliberation)

    def posted_at(self, id_: str) -> datetime:
        """When a message was posted, as its id tells."""
        return datetime.fromtimestamp(float(id_), UTC)

    async def _restore(self, d: Deliberation, ballot: MessageRef, gone: str) -> None:
        """Best effort: what was read is unreadable in any case."""
        try:
            await self._cards.post_anew(ballot, BallotCard(d, d.statement or ""), gone=gone)
        except PlatformError:
            log.warning("a deleted ballot could not be posted again", exc_info=True)


def _step(level: Level) -> str:
    return f"{level.emoji} ({_(level.label).lower()})"


def _sent(team: str, channel: str, key: str) -> str:
    """The note of when a message was sent."""
    return f"sent {team} {channel} {key}"


def _key_of(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != names.CARD_EVENT:
        return ""
    return str((metadata.get("event_payload") or {}).get("key", ""))
