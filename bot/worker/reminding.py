"""Reminding members of answering before a question closes, of rating before its vote does.

It is done once by itself, and whenever those who run the question ask for it.

Reads:  the deliberation as it is saved, who is in its channel now, who of them wants reminders.
Gives:  a message to each who has not done it yet; for those who cannot be written to, a note in the channel,
        in an anonymous question not for one or two: who they are may be known.
Each reminder is marked before it is sent: run twice, or after a crash, it reminds nobody twice. What is asked
for by hand tells the channel of an anonymous question nothing of those who cannot be written to: done twice,
it would tell whether one of them has answered meanwhile.
"""

import asyncio
import logging
from collections.abc import Sequence

from bot.domain.actors import takes_part
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import PlatformError, RateLimitedError, UnreachableError
from bot.service.access import may_be_told
from bot.service.handlers import has_rated
from bot.service.ports import Ports
from bot.service.ports.platform import KnowsMembers, KnowsSome
from bot.service.reconciling import reconcile
from bot.service.transitions import save
from bot.service.turnout import raters
from bot.wording.cards import NudgeCard, ReminderNote

log = logging.getLogger(__name__)

# Begins what tells the reminders of one occasion from those of another, where somebody asked for them.
BY_HAND = "by-hand"
# A platform that asks for a longer pause between two reminders does not get that one sent.
LONGEST_WAIT_S = 60.0
# About ten minutes: what is missing longer, such as a permission, is not there before the deadline either.
REMINDING_TRIES = 8


async def remind(deliberation: Deliberation, ports: Ports) -> None:
    """Write once to each member who has not answered, or in a vote to each who answered and has not rated."""
    if _is_in_time(deliberation, ports):
        await _remind_if_possible(deliberation, ports, f"{deliberation.open_until}")
    await save(deliberation.was_reminded(), ports, was=deliberation)


async def remind_by_hand(deliberation: Deliberation, ports: Ports) -> None:
    """The same because somebody asked for it, whether or not there is a deadline."""
    if deliberation.open_until is None or _is_in_time(deliberation, ports):
        occasion = f"{BY_HAND} {deliberation.asked_to_remind}"
        await _remind_if_possible(deliberation, ports, occasion)
    await save(deliberation.was_reminded_by_hand(), ports, was=deliberation)


def _is_in_time(deliberation: Deliberation, ports: Ports) -> bool:
    """A worker that was down over the deadline has nobody left to remind."""
    return deliberation.open_until is not None and ports.clock.now() < deliberation.open_until


async def _remind_if_possible(deliberation: Deliberation, ports: Ports, occasion: str) -> None:
    """A platform that does not answer is asked again a while; one that asks to wait, until the deadline."""
    try:
        await _remind_each(deliberation, ports, occasion)
    except PlatformError as exc:
        if deliberation.setbacks < REMINDING_TRIES or isinstance(exc, RateLimitedError):
            raise
        log.warning("not everybody could be reminded", exc_info=True)


async def _remind_each(deliberation: Deliberation, ports: Ports, occasion: str) -> None:
    if not (await ports.teams.team(deliberation.team)).reminders:
        return
    if deliberation.phase is Phase.RATING:
        await _look_at_votes(deliberation, ports)
    present = await ports.platforms[deliberation.platform].members(deliberation.team, deliberation.channel)
    users = await _to_be_reminded(present, deliberation, ports)
    anyway, unreachable = await _unknown(present, deliberation, ports)
    known_as = {ports.pseudonyms.of(deliberation, user): user for user in users}
    # In the order of their codes: markers are kept in the order in which they are set, and in that of a
    # channel's members they would tell whose each code is.
    for participant, user in sorted(known_as.items()):
        if not await _is_missing(participant, deliberation, ports):
            continue
        if not await may_be_told(user, deliberation, ports):
            continue
        if await ports.deliberations.mark(deliberation.id, _marker(deliberation, participant, occasion)):
            unreachable += not await _write_to(user, deliberation, ports)
    may_tell = not (deliberation.terms.anonymous and occasion.startswith(BY_HAND))
    if anyway or (may_tell and unreachable >= _fewest_unreachable(deliberation)):
        await _nudge(deliberation, ports, occasion)


def _fewest_unreachable(deliberation: Deliberation) -> int:
    """From how many the channel is reminded.

    Of one who is known to take no messages, a note would tell whether they have answered, and so would none.
    """
    return deliberation.terms.fewest_ratings if deliberation.terms.anonymous else 1


async def _is_missing(participant: str, deliberation: Deliberation, ports: Ports) -> bool:
    """Whether they have not answered; in a vote, whether they answered and have not rated.

    Looked at for each just before they are written to: until the last has been, many may have answered.
    """
    has_answered = await ports.contributions.opinion(deliberation.id, participant) is not None
    if deliberation.phase is not Phase.RATING:
        return not has_answered
    return has_answered and not await has_rated(participant, deliberation, ports)


async def _look_at_votes(deliberation: Deliberation, ports: Ports) -> None:
    """Nobody is to be reminded whose reaction a gateway missed."""
    try:
        await reconcile(deliberation, ports)
    except PlatformError:
        log.warning("a reminder to rate goes by the votes that were heard of", exc_info=True)


def _marker(deliberation: Deliberation, participant: str, occasion: str) -> str:
    what = "reminded"
    if deliberation.phase is Phase.RATING:
        what = f"reminded-to-rate:{deliberation.round}"
    return f"{what}:{participant}:{occasion}"


async def _to_be_reminded(present: Sequence[str], deliberation: Deliberation, ports: Ports) -> Sequence[str]:
    """The channel's members who take part, but for those who do not want it."""
    users, platform = present, ports.platforms[deliberation.platform]
    if isinstance(platform, KnowsMembers):
        people = [await platform.member(deliberation, user) for user in present]
        users = [person.user for person in people if takes_part(person, deliberation)]
    members = [ports.pseudonyms.of_member(deliberation.team, user) for user in users]
    wanted = await ports.teams.wants_reminders(deliberation.team, members)
    return [user for user, wants in zip(users, wanted, strict=True) if wants]


async def _unknown(present: Sequence[str], deliberation: Deliberation, ports: Ports) -> tuple[bool, int]:
    """Whether not everybody who may answer is known to the platform; in a vote, how many it does not know."""
    platform = ports.platforms[deliberation.platform]
    if not isinstance(platform, KnowsSome):
        return False, 0
    if await platform.knows_all(deliberation.team, deliberation.channel):
        return False, 0
    if deliberation.phase is not Phase.RATING:
        return True, 0
    # Whoever has answered was known once, but perhaps not to the platform's app of today.
    known = {ports.pseudonyms.of(deliberation, user) for user in present}
    unknown = await ports.contributions.answerers(deliberation.id) - known
    return False, len(unknown - await raters(deliberation, ports))


async def _write_to(user: str, deliberation: Deliberation, ports: Ports) -> bool:
    """False for somebody who takes no messages."""
    write = ports.platforms[deliberation.platform].direct_message
    note = ReminderNote(deliberation)
    try:
        try:
            await write(deliberation.team, user, note)
        except RateLimitedError as exc:
            if exc.retry_after_s > LONGEST_WAIT_S:
                raise
            await asyncio.sleep(exc.retry_after_s)
            await write(deliberation.team, user, note)
    except UnreachableError:
        return False
    except PlatformError:
        # One member who cannot be reached must not keep the others from being reminded.
        log.warning("a reminder could not be sent", exc_info=True)
    return True


async def _nudge(deliberation: Deliberation, ports: Ports, occasion: str) -> None:
    """Say it in the channel, mentioning nobody, once for each occasion."""
    what = f"nudge-to-rate:{deliberation.round}" if deliberation.phase is Phase.RATING else "nudge"
    key = f"{deliberation.id}:{what}:{occasion}"
    try:
        platform = ports.platforms[deliberation.platform]
        await platform.post(deliberation.channel, NudgeCard(deliberation), key=key)
    except PlatformError:
        log.warning("the channel could not be reminded", exc_info=True)
