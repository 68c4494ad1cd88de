"""Discord as a chat platform: what Accord says there, and what it asks Discord about a channel.

Reads:  cards and notes, from workers; where earlier messages stand, from notes.
Gives:  messages. Posting is repeatable: a message carries a nonce made of its key, which Discord itself
honours for some minutes, and a mark in its small print by which it is found in the channel later. What is
done where a message was deleted, `bot.chat.card_messages` decides.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeGuard, TypeVar

import discord

from adapters.discord.emoji import known_by
from adapters.discord.errors import (
    EMOJI_UNKNOWN,
    INVALID,
    NO_FILES,
    POLL_ENDED,
    THREAD_EXISTS,
    ChannelClosedError,
    DiscordError,
    MessageGoneError,
    NoRepliesError,
    ThreadArchivedError,
)
from adapters.discord.people import People
from adapters.discord.rest import Rest
from adapters.discord.views import text
from adapters.discord.views.cards import (
    LONGEST_POLL,
    ballot_poll,
    by_poll,
    card_message,
    discussion_opener,
    note_message,
    notice_over,
    poll_lasts,
    position_poll,
    position_poll_lasts,
    result_reply,
    statement_notice,
)
from adapters.discord.views.drawn import Drawn, said
from bot.chat.card_messages import CardMessages, in_place_of
from bot.chat.notes import KEPT_S, Notes
from bot.chat.posted_messages import Whereabouts
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, MessageRef, Phase
from bot.domain.errors import PlatformError, UnreadableVotesError
from bot.domain.ratings import RatingBy
from bot.domain.team import AUTO
from bot.pictures.results import picture_of
from bot.service.ids import named
from bot.service.ports.platform import SeenReactions
from bot.wording import troubles
from bot.wording.cards import (
    BallotCard,
    CancelledCard,
    Card,
    Note,
    QuestionCard,
    ResultCard,
    ResultLink,
    no_page,
)
from bot.wording.language import Sentence, _, composed, reading

log = logging.getLogger(__name__)

# How far back a lost message is looked for: it was posted at most a few minutes ago.
LOOKED_THROUGH = 200
NONCE = 25

T = TypeVar("T")


class DiscordPlatform:
    """`ChatPlatform`, `CollectsRatings`, `KnowsAccess`, `KnowsSome`, `PutsCards`: one for all servers."""

    def __init__(self, rest: Rest, notes: Notes, people: People, result_link: ResultLink = no_page) -> None:
        self._rest = rest
        self._notes = notes
        self._where = Whereabouts(notes)
        self._cards = CardMessages(self._where, self)
        self._people = people
        self.result_link = result_link

    # -- posting ---------------------------------------------------------------------------------

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """Post a card, once for each key; below a question its poll, and its thread."""
        d = card.deliberation
        with reading(await self._language_of(d)):
            posted = await self._cards.post(channel, card, key=key)
            if isinstance(card, QuestionCard):
                await self._ask_position(d, channel, posted.message)
                await self._open_thread(d, channel, posted.message)
        return posted

    async def put(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card, with the scale's reactions on a ballot, once for each key; gives the message's id.

        A poll is a message of its own under the statement, for it cannot be edited; the id is the poll's.
        """
        d = card.deliberation
        if _is_poll(card):
            above = await self._statement_above(d, channel, card)
            return await self._posted_once(d, channel, ballot_poll(d), key, reply_to=above)
        id_ = await self._posted_once(d, channel, await self._drawn(card), key)
        if isinstance(card, BallotCard) and not card.closed:
            await self._put_up_scale(d, channel, id_)
        return id_

    async def _posted_once(
        self, d: Deliberation, channel: str, drawn: Drawn, key: str, *, reply_to: str = ""
    ) -> str:
        nonce = named(channel, key)[:NONCE]

        async def send() -> str:
            return await _whole_or_plain(_marked(drawn, nonce), one)

        async def one(shown: Drawn) -> str:
            given = {"nonce": nonce, **shown.new()}
            if not reply_to:
                return await self._send(channel, given)
            try:
                return await self._send(channel, {**given, "reference": _reference(channel, reply_to)})
            except NoRepliesError:
                # A permission that was taken away since the question was asked.
                return await self._send(channel, given)

        return await self._where.posted_once(
            d.team, channel, key, send, lambda: self._find_again(channel, nonce, reply_to)
        )

    async def _send(self, channel: str, given: Mapping[str, Any]) -> str:
        sent = await self._rest.call(lambda client: _place(client, channel).send(**given))
        return str(sent.id)

    async def _find_again(self, channel: str, nonce: str, reply_to: str) -> str | None:
        """A message of ours with this mark; None also where we may not read the channel's history."""
        ours = await self._rest.user()

        async def look(client: discord.Client) -> str | None:
            async for message in _place(client, channel).history(limit=LOOKED_THROUGH):
                if str(message.author.id) == ours and _carries(message, nonce, reply_to):
                    return str(message.id)
            return None

        try:
            return await self._rest.call(look)
        except ChannelClosedError:
            log.warning("a lost message cannot be looked for: the app may not read this channel")
            return None

    async def _put_up_scale(self, d: Deliberation, channel: str, id_: str) -> None:
        """The scale's reactions, lowest first; those that are there already are no harm."""
        gone = []
        for level in d.terms.levels:
            emoji = discord.PartialEmoji.from_str(level.emoji)
            try:
                await self._rest.call(
                    lambda client, emoji=emoji: _message(client, channel, id_).add_reaction(emoji)  # type: ignore[misc]
                )
            except DiscordError as exc:
                if exc.code != EMOJI_UNKNOWN:
                    raise
                gone.append(level.label)
        if gone:
            await self._where.tell_once(
                d,
                "emoji",
                lambda: troubles.server_emoji_gone(d.question, [_(step).lower() for step in gone]),
                self.write,
            )

    # -- the position statement ------------------------------------------------------------------

    async def _ask_position(self, d: Deliberation, channel: str, card: str) -> None:
        """In a poll below the question; where it cannot be put up, the opinion's window asks instead."""
        if not by_poll(d):
            return
        try:
            lasts = position_poll_lasts(d, discord.utils.utcnow())
            poll = position_poll(d, lasts)
            id_ = await self._posted_once(d, channel, poll, _position(d), reply_to=card)
            await self._notes.put(f"position {channel} {id_}", d.id, for_s=KEPT_S)
            # Noted by whoever posted it: whoever finds it again later may know another deadline.
            await self._notes.first(f"lasts {id_}", str(lasts.total_seconds()), for_s=KEPT_S)
        except ChannelClosedError as exc:
            log.warning("a poll on a position statement could not be put up", exc_info=True)
            await self._cards.tell_asker(d, exc)

    async def asks_position_itself(self, d: Deliberation) -> bool:
        """Whether a poll asks how far members agree with the position statement, and still takes votes."""
        id_ = await self._where.posted(d.team, d.channel, _position(d)) if by_poll(d) else None
        return bool(id_) and discord.utils.utcnow() < await self._position_until(str(id_))

    async def _position_until(self, id_: str) -> datetime:
        """When such a poll ends: by itself, or as it was noted when opinions closed."""
        noted = await self._notes.get(f"lasts {id_}")
        lasts = LONGEST_POLL if noted is None else timedelta(seconds=float(noted))
        return discord.utils.snowflake_time(int(id_)) + lasts

    async def _note_position_over(self, id_: str) -> None:
        """Ended early, it takes no votes any more, also where opinions are collected again."""
        now = discord.utils.utcnow()
        if now < await self._position_until(id_):
            lasted = now - discord.utils.snowflake_time(int(id_))
            await self._notes.put(f"lasts {id_}", str(lasted.total_seconds()), for_s=KEPT_S)

    async def position_poll_gone(self, channel: str, message: str) -> str:
        """The question of which somebody deleted the poll; empty for any other message."""
        return await self._notes.take(f"position {channel} {message}") or ""

    async def drop_position_poll(self, d: Deliberation) -> None:
        """It was deleted: from now on the opinion's window asks."""
        await self._where.lost(d.team, d.channel, _position(d))

    async def baselines(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """End the poll on the position statement, and give every vote in it."""
        d = deliberation
        shown: dict[str, list[str]] = {}
        id_ = await self._end_position_poll(d)
        if id_ is None:
            return ()

        async def look(client: discord.Client) -> None:
            message = await _message(client, d.channel, id_).fetch()
            async for user, answer in _voters(message):
                shown.setdefault(user, []).append(str(answer))

        try:
            await self._rest.call(look)
        except MessageGoneError:
            log.info("a poll on a position statement was deleted; its votes are gone with it")
            return ()
        until = await self._position_until(id_)
        return [
            SeenReactions(await self._people.voter(user, d), tuple(given), until=until)
            for user, given in shown.items()
        ]

    async def _end_position_poll(self, d: Deliberation) -> str | None:
        """The poll on the position statement, which takes no votes any more; None where there is none."""
        id_ = await self._where.posted(d.team, d.channel, _position(d)) if by_poll(d) else None
        if id_ is None:
            return None
        try:
            await self._end_poll(d.channel, id_)
        except MessageGoneError:
            log.info("a poll on a position statement was deleted before it ended")
            return None
        await self._note_position_over(id_)
        return id_

    async def _end_poll(self, channel: str, id_: str) -> None:
        """Harmless where it has ended already. Raises MessageGoneError."""
        try:
            await self._rest.call(lambda client: client.http.end_poll(int(channel), int(id_)))
        except DiscordError as exc:
            if exc.code != POLL_ENDED:
                raise

    async def want_thread(self, deliberation_id: str) -> None:
        """This question gets a thread for discussion as soon as it is posted."""
        await self._notes.put(f"thread {deliberation_id}", "wanted", for_s=KEPT_S)

    async def _open_thread(self, d: Deliberation, channel: str, id_: str) -> None:
        """A courtesy: a question without its thread is a question all the same."""
        if not await self._notes.get(f"thread {d.id}"):
            return
        name = text.plain(d.question, text.THREAD_NAME)
        try:
            await self._rest.call(
                lambda client: client.http.start_thread_with_message(
                    int(channel), int(id_), name=name, auto_archive_duration=10_080
                )
            )
            # A thread has the id of the message that it hangs on.
            await self._posted_once(d, id_, discussion_opener(d), f"{d.id}:thread")
        except PlatformError as exc:
            if getattr(exc, "code", 0) != THREAD_EXISTS:
                log.warning("a thread for discussion could not be opened", exc_info=True)
                await self._cards.tell_asker(d, exc)

    # -- updating --------------------------------------------------------------------------------

    async def update(self, message: MessageRef, card: Card) -> None:
        """Show this card in place of the last one; a message that is gone is posted again."""
        unended = await self._poll_unended(card) if isinstance(card, CancelledCard) else None
        with reading(await self._language_of(card.deliberation)):
            await self._cards.update(message, card)
        if unended is not None:
            raise unended

    async def _poll_unended(self, card: CancelledCard) -> PlatformError | None:
        """What hinders the end of a cancelled question's poll; the card says then all the same what holds.

        The poll ends first: a card that cannot be shown, now or ever, leaves none open.
        """
        try:
            await self._end_position_poll(card.deliberation)
        except PlatformError as exc:
            return exc
        return None

    async def put_instead(self, channel: str, id_: str, card: Card) -> None:
        """Show a card in the place of what this message shows. Raises MessageGoneError."""
        if _is_poll(card):
            await self._update_poll(channel, id_, card)
        else:
            await self._edit(channel, id_, await self._drawn(card))

    async def _edit(self, channel: str, id_: str, drawn: Drawn) -> None:
        async def edit(shown: Drawn) -> None:
            given = shown.instead()
            await self._rest.call(lambda client: _message(client, channel, id_).edit(**given))

        try:
            await _whole_or_plain(drawn, edit)
        except ThreadArchivedError as exc:
            # Discord archives a thread in which nobody wrote for some days.
            if not await self._reopened(channel):
                raise exc from None
            await _whole_or_plain(drawn, edit)

    async def _reopened(self, thread: str) -> bool:
        """Whether a thread could be opened again; one that is locked cannot."""
        try:
            await self._rest.call(lambda client: client.http.edit_channel(int(thread), archived=False))
        except ChannelClosedError:
            return False
        return True

    async def _statement_above(self, d: Deliberation, channel: str, card: BallotCard) -> str:
        """Where the statement stands to which a poll belongs; posted where it is not there, or is gone."""
        known = await self._where.posted(d.team, channel, _above(d))
        first = known or await self._posted_once(d, channel, await self._drawn(card), _above(d))
        ref = MessageRef(channel=channel, message=first)
        stands_at = await self._where.stands_at(ref)
        if known and not await self._is_there(channel, stands_at):
            stands_at = await self._posted_once(
                d, channel, await self._drawn(card), in_place_of(d, stands_at)
            )
            await self._where.moved(ref, stands_at)
        return stands_at

    async def _update_poll(self, channel: str, id_: str, card: BallotCard) -> None:
        """End the poll, early if need be, and say so above it. Raises MessageGoneError before that."""
        d = card.deliberation
        if not card.closed:
            await self._fetch(channel, id_)
        above = await self._where.posted(d.team, channel, _above(d))
        if above:
            stands_at = await self._where.stands_at(MessageRef(channel=channel, message=above))
            with suppress(MessageGoneError):
                await self._edit(channel, stands_at, await self._drawn(card))
        if not card.closed:
            return
        try:
            await self._end_poll(channel, id_)
        except MessageGoneError:
            log.info("a poll was deleted before it ended")

    async def poll_ends_at(self, ballot: MessageRef, d: Deliberation) -> datetime:
        """When Discord ends a question's poll by itself, which cannot be moved."""
        id_ = await self._where.stands_at(ballot)
        return discord.utils.snowflake_time(int(id_)) + poll_lasts(d)

    async def tell_result(self, message: MessageRef, card: ResultCard, *, key: str) -> None:
        """As a reply to the card."""
        d, stands_at = card.deliberation, await self._where.stands_at(message)
        link = await self.link(d)
        with reading(await self._language_of(d)):
            reply = result_reply(link)
            await self._posted_once(d, message.channel, reply, key, reply_to=stands_at)

    async def tell_statement(self, channel: str, deliberation: Deliberation, *, key: str) -> None:
        """As a message of its own."""
        link = await self.link(deliberation)
        with reading(await self._language_of(deliberation)):
            notice = statement_notice(deliberation, link)
            await self._posted_once(deliberation, channel, notice, key)

    async def tell_over(self, notice: MessageRef, deliberation: Deliberation) -> None:
        """In place of what the notice said."""
        link = await self.link(deliberation)
        with reading(await self._language_of(deliberation)):
            await self._edit(notice.channel, notice.message, notice_over(deliberation, link))

    async def link(self, d: Deliberation) -> str:
        """The address of a deliberation's message; empty when there is none yet."""
        if d.message is None:
            return ""
        return text.link(d.team, d.message.channel, await self._where.stands_at(d.message))

    async def gone(self, d: Deliberation) -> list[MessageRef]:
        """Those of a running question's messages that somebody deleted, each where it stood last."""
        known = [message for message in (d.message, d.ballot) if message is not None]
        standing = [
            MessageRef(channel=each.channel, message=await self._where.stands_at(each)) for each in known
        ]
        asked = await self._where.posted(d.team, d.channel, _position(d))
        if asked and d.phase is Phase.OPINIONS:
            standing.append(MessageRef(channel=d.channel, message=asked))
        return [message for message in standing if not await self._is_there(message.channel, message.message)]

    async def _is_there(self, channel: str, id_: str) -> bool:
        try:
            await self._fetch(channel, id_)
        except MessageGoneError:
            return False
        return True

    async def _fetch(self, channel: str, id_: str) -> None:
        """Raises MessageGoneError where this message is not there."""
        await self._rest.call(lambda client: _message(client, channel, id_).fetch())

    async def came_from(self, message: MessageRef) -> MessageRef:
        """The message that this one was posted in place of, which the rest of Accord knows."""
        return await self._where.came_from(message)

    async def _language_of(self, d: Deliberation) -> str:
        """In which everybody in the channel reads: as the team has chosen, else the server's own."""
        return str(await self._people.language(d.team)) if d.terms.language == AUTO else d.terms.language

    async def _drawn(self, card: Card) -> Drawn:
        drawn = card_message(card, self.result_link(card.deliberation))
        return replace(drawn, picture=await picture_of(card))

    # -- people ----------------------------------------------------------------------------------

    async def members(self, team: str, channel: str) -> Sequence[str]:
        """User ids of the people in a channel, bots left out, as far as Discord lets us know them."""
        return await self._people.members(team, channel)

    async def may_see(self, team: str, channel: str, user: str) -> bool:
        """Whether somebody sees a channel, or is in a private thread."""
        return await self._people.sees(team, channel, user)

    async def member(self, deliberation: Deliberation, user: str) -> Actor:
        """A member of the channel, with their roles where those matter."""
        return await self._people.voter(user, deliberation)

    async def knows_all(self, team: str, channel: str) -> bool:
        """Whether `members` gives everybody."""
        return await self._people.knows_all(team)

    async def direct_message(self, team: str, user: str, note: Note) -> None:
        """Write to one person."""
        link, locale = await self.link(note.deliberation), await self._people.reads(team, user)
        with reading(str(locale)):
            await self._write(user, note_message(note, link))

    async def write(self, team: str, user: str, sentence: Sentence) -> None:
        """One of our own sentences to one person."""
        with reading(str(await self._people.reads(team, user))):
            await self._write(user, said(composed(sentence)))

    async def _write(self, user: str, drawn: Drawn) -> None:
        async def send(client: discord.Client) -> None:
            # Not by `create_dm`, which remembers whom it wrote to, also those who asked to be forgotten.
            opened = await client.http.start_private_message(int(user))
            await _place(client, str(opened["id"])).send(**drawn.new())

        await self._rest.call(send)

    # -- votes -----------------------------------------------------------------------------------

    async def reactions(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """Everybody's reactions or poll votes on the ballot, our own left out."""
        d, ballot = deliberation, deliberation.ballot
        if ballot is None:
            return ()
        id_ = await self._where.stands_at(ballot)
        ours = await self._rest.user()
        read = _poll_votes if d.terms.rating_by is RatingBy.POLL else _reactions
        shown: dict[str, list[str]] = {}

        async def look(client: discord.Client) -> None:
            message = await _message(client, ballot.channel, id_).fetch()
            async for user, emoji in read(message, d):
                if user != ours:
                    shown.setdefault(user, []).append(emoji)

        try:
            await self._rest.call(look)
        except MessageGoneError:
            raise UnreadableVotesError(troubles.VOTES_GONE) from None
        return [
            SeenReactions(await self._people.voter(user, d), tuple(emoji)) for user, emoji in shown.items()
        ]

    async def stands_since(self, deliberation: Deliberation) -> datetime | None:
        """When the ballot was posted in place of one that was deleted."""
        return await self._cards.stands_since(deliberation)

    def posted_at(self, id_: str) -> datetime:
        """When a message was posted, as its id tells."""
        return discord.utils.snowflake_time(int(id_))


async def _reactions(message: discord.Message, d: Deliberation) -> AsyncIterator[tuple[str, str]]:
    """Who reacted with what on the scale, in either of the two ways that Discord has."""
    for reaction in message.reactions:
        emoji = known_by(reaction.emoji)
        if d.terms.value_of(emoji) is None:
            continue
        kinds = [discord.ReactionType.normal]
        if reaction.burst_count:
            kinds.append(discord.ReactionType.burst)
        for kind in kinds:
            async for user in reaction.users(type=kind):
                if not user.bot:
                    yield str(user.id), emoji


async def _poll_votes(message: discord.Message, d: Deliberation) -> AsyncIterator[tuple[str, str]]:
    """Who voted for which level; answers are in the scale's order."""
    async for user, answer in _voters(message):
        if emoji := level_of_answer(d, answer):
            yield user, emoji


async def _voters(message: discord.Message) -> AsyncIterator[tuple[str, int]]:
    """Who voted for which answer of a poll."""
    for answer in message.poll.answers if message.poll else ():
        # The count that came with the message may lag behind; asking for nobody costs one call.
        async for user in answer.voters(limit=max(answer.vote_count, 100)):
            yield str(user.id), answer.id


def level_of_answer(d: Deliberation, answer_id: int) -> str | None:
    """The emoji of the level that a poll's answer stands for; Discord numbers answers from 1."""
    levels = d.terms.levels
    return levels[answer_id - 1].emoji if 1 <= answer_id <= len(levels) else None


async def _whole_or_plain(drawn: Drawn, show: Callable[[Drawn], Awaitable[T]]) -> T:
    """Show it; without what Discord refuses of it, where the words say the same."""
    try:
        return await show(drawn)
    except DiscordError as exc:
        plain = _without_refused(drawn, exc)
        if plain is None:
            raise
    return await show(plain)


def _without_refused(drawn: Drawn, exc: DiscordError) -> Drawn | None:
    """Without its picture where we may send none; without a server's own emoji where one was deleted."""
    if drawn.picture is not None and exc.code in NO_FILES:
        log.warning("a result is shown without its picture: Discord takes no files here")
        return replace(drawn, picture=None)
    if drawn.own_emoji and exc.code in (INVALID, EMOJI_UNKNOWN):
        return drawn.without_own_emoji()
    return None


def _place(client: discord.Client, channel: str) -> discord.PartialMessageable:
    return client.get_partial_messageable(int(channel))


def _message(client: discord.Client, channel: str, id_: str) -> discord.PartialMessage:
    return _place(client, channel).get_partial_message(int(id_))


def _reference(channel: str, id_: str) -> discord.MessageReference:
    return discord.MessageReference(message_id=int(id_), channel_id=int(channel), fail_if_not_exists=False)


def _is_poll(card: Card) -> TypeGuard[BallotCard]:
    """Whether it is a ballot on which members vote in a poll."""
    return isinstance(card, BallotCard) and card.deliberation.terms.rating_by is RatingBy.POLL


def _position(d: Deliberation) -> str:
    return f"{d.id}:position"


def _above(d: Deliberation) -> str:
    return f"{d.id}:ballot:{d.round}:above"


def _marked(drawn: Drawn, nonce: str) -> Drawn:
    """With the mark by which it is found again, in the last embed's small print."""
    if not drawn.embeds:
        return drawn
    last = drawn.embeds[-1].copy().set_footer(text=f"Accord · {nonce}")
    return replace(drawn, embeds=(*drawn.embeds[:-1], last))


def _carries(message: discord.Message, nonce: str, reply_to: str) -> bool:
    """Whether it has the mark; a poll has no small print, but it answers the statement above it."""
    if message.poll is not None:
        answered = message.reference and message.reference.message_id
        return bool(reply_to) and str(answered) == reply_to
    return any(nonce in (each.footer.text or "") for each in message.embeds)
