"""Making ratings agree with what members see on the platform: for when the gateway missed something.

Reads:  everybody's reactions or poll votes on a deliberation's ballot, as they stand now.
Gives:  ratings: missed ones added, those that are gone taken back.
An event that came in meanwhile is newer and stays: whatever is written here carries a time before the
platform was looked at. Running it twice, or in several processes at once, changes nothing more.
What was counted on a ballot that somebody deleted stands; votes on the one in its place are read from there.
A vote of somebody who asked to be forgotten, and left it standing, is not counted again.
Of several reactions of one person the one that counted goes on counting; when nobody saw the last, none does,
and that person is asked once. Who takes off the one that counted, and has left one other, is counted by that.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.actors import takes_part
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import BotError, PlatformError, TransitionError
from bot.domain.ratings import Rating
from bot.ops import metrics
from bot.service.access import may_be_told
from bot.service.ports import Ports
from bot.service.ports.platform import CollectsBaselines, CollectsRatings, SeenReactions
from bot.service.transitions import tell_counts
from bot.wording.cards import UnclearNote

log = logging.getLogger(__name__)

# Platforms' clocks and ours differ by less. An act within this time of our looking is left to its own event.
CLOCKS_DIFFER = timedelta(seconds=2)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Reconciled:
    """How many ratings were added or changed, and taken back; whose reactions do not say what they mean."""

    added: int = 0
    withdrawn: int = 0
    unclear: tuple[str, ...] = ()


async def reconcile(
    deliberation: Deliberation, ports: Ports, *, after: Mapping[str, datetime] | None = None
) -> Reconciled:
    """Compare and mend one deliberation. Raises PlatformError or StoreError.

    after: when participants last took a reaction off, as far as that is known: what they have left standing
        counts from then on.
    """
    platform = ports.platforms[deliberation.platform]
    if not (_is_rated_there(deliberation) and isinstance(platform, CollectsRatings)):
        return Reconciled()
    try:
        done = await _reconcile(deliberation, platform, ports, after or {})
    except BotError:
        metrics.RECONCILED.labels(deliberation.platform, "failed").inc()
        raise
    _count(deliberation.platform, done)
    return done


def _count(platform: str, done: Reconciled) -> None:
    metrics.RECONCILED.labels(platform, "done").inc()
    metrics.RECONCILED_RATINGS.labels(platform, "added").inc(done.added)
    metrics.RECONCILED_RATINGS.labels(platform, "withdrawn").inc(done.withdrawn)


async def _reconcile(
    deliberation: Deliberation, platform: CollectsRatings, ports: Ports, after: Mapping[str, datetime]
) -> Reconciled:
    at = ports.clock.now() - CLOCKS_DIFFER
    seen = await platform.reactions(deliberation)
    # Asked for afterwards: a ballot that is put up again meanwhile takes nothing back then.
    since = await platform.stands_since(deliberation)
    kept = {r.participant: r for r in await ports.contributions.ratings(deliberation.id, deliberation.round)}
    plan = _compare(deliberation, seen, kept, since, ports)
    plan = await _without_forgotten(deliberation, plan, kept, ports)
    try:
        done = await _mend(deliberation, plan, kept, at, after, ports)
    except TransitionError:
        log.info("the vote closed while it was reconciled")
        return Reconciled()
    await _ask_again(deliberation, plan.unclear, ports)
    return done


async def look_again(
    deliberation_id: str, ports: Ports, *, after: Mapping[str, datetime] | None = None
) -> None:
    """Read what stands on the platform now: events may not have told all. Raises on cancellation alone.

    after: as for `reconcile`.
    """
    try:
        await reconcile(await ports.deliberations.load(deliberation_id), ports, after=after)
    except BotError:
        log.warning("the votes could not be read; it is done again at the end", exc_info=True)


async def collect_baselines(deliberation: Deliberation, ports: Ports) -> int:
    """Keep what members voted in the platform's own poll on the position statement; how many these are.

    Once opinions are closed: nobody can vote any more then. Raises PlatformError or StoreError.
    """
    platform = ports.platforms[deliberation.platform]
    if deliberation.terms.position_statement is None or not isinstance(platform, CollectsBaselines):
        return 0
    at = deliberation.closes_at or ports.clock.now()
    given = [
        Rating(
            participant=ports.pseudonyms.of(deliberation, one.actor.user),
            value=int(one.shown[0]),
            # Whoever voted before a poll ended by itself may have said otherwise since.
            given_at=min(at, one.until or at),
        )
        for one in await platform.baselines(deliberation)
        # A poll takes one vote of each; whoever has several all the same is not counted.
        if len(one.shown) == 1 and takes_part(one.actor, deliberation)
    ]
    try:
        for rating in given:
            if await ports.deliberations.is_marked(deliberation.id, forgotten(rating.participant)):
                continue
            await ports.contributions.put_baseline(deliberation.id, rating, collected=True)
    except TransitionError:
        log.info("somebody moved the question on while its poll was read")
    return len(given)


async def reconcile_team(team: str, platform: str, ports: Ports) -> None:
    """Every running vote of a team, on gateway start and after a reconnect; one that fails hides no other."""
    async for deliberation in ports.deliberations.each_of_team(team):
        if deliberation.platform != platform or deliberation.phase is not Phase.RATING:
            continue
        try:
            await reconcile(deliberation, ports)
        except BotError:
            log.warning("a vote could not be reconciled; it is done again before it settles", exc_info=True)


def _is_rated_there(deliberation: Deliberation) -> bool:
    return (
        deliberation.phase is Phase.RATING
        and deliberation.terms.rated_in_public
        and deliberation.ballot is not None
    )


@dataclass
class _Plan:
    """What is to be done: values by participant, ratings that are gone, users whose reactions are unclear."""

    give: dict[str, int] = field(default_factory=dict)
    take_back: list[Rating] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def _compare(
    deliberation: Deliberation,
    seen: Sequence[SeenReactions],
    kept: dict[str, Rating],
    since: datetime | None,
    ports: Ports,
) -> _Plan:
    plan = _Plan()
    standing = set()
    for one in seen:
        if not takes_part(one.actor, deliberation):
            continue
        participant = ports.pseudonyms.of(deliberation, one.actor.user)
        values = _values(one, deliberation)
        counts = kept.get(participant)
        if counts is not None and counts.value in values:
            standing.add(participant)
        elif len(values) == 1:
            standing.add(participant)
            plan.give[participant] = values.pop()
        elif values:
            plan.unclear.append(one.actor.user)
    gone = [rating for participant, rating in kept.items() if participant not in standing]
    plan.take_back = [rating for rating in gone if _was_given_here(rating, since)]
    return plan


def _was_given_here(rating: Rating, since: datetime | None) -> bool:
    """Whether it would still be seen; what was given on a ballot that was deleted stands."""
    return since is None or rating.given_at > since + CLOCKS_DIFFER


def forgotten(participant: str) -> str:
    """The marker of somebody who asked to be forgotten while their vote stood on the platform."""
    return f"forgotten:{participant}"


async def _without_forgotten(
    deliberation: Deliberation, plan: _Plan, kept: dict[str, Rating], ports: Ports
) -> _Plan:
    """A vote that still stands is not counted anew; one that was given since, and heard of, is."""
    is_marked, id_ = ports.deliberations.is_marked, deliberation.id
    for participant in [each for each in plan.give if each not in kept]:
        if await is_marked(id_, forgotten(participant)):
            del plan.give[participant]
    of = {user: ports.pseudonyms.of(deliberation, user) for user in plan.unclear}
    plan.unclear = [user for user in plan.unclear if not await is_marked(id_, forgotten(of[user]))]
    return plan


def _values(one: SeenReactions, deliberation: Deliberation) -> set[int]:
    value_of = deliberation.terms.value_of
    return {value for shown in one.shown if (value := value_of(shown)) is not None}


async def _mend(
    deliberation: Deliberation,
    plan: _Plan,
    kept: dict[str, Rating],
    at: datetime,
    after: Mapping[str, datetime],
    ports: Ports,
) -> Reconciled:
    id_, round_ = deliberation.id, deliberation.round
    for rating in plan.take_back:
        await ports.contributions.remove_rating(id_, round_, rating.participant, at, value=rating.value)
    for participant, value in plan.give.items():
        before = kept.get(participant)
        quality = before.quality if before else None
        # Hardly later than what was taken off, which would keep out anything of the same time.
        since = max(at, after[participant] + MOMENT) if participant in after else at
        rating = Rating(participant=participant, value=value, given_at=since, quality=quality)
        await ports.contributions.put_rating(id_, round_, rating)
    if plan.take_back or plan.give:
        await tell_counts(deliberation, ports)
    return Reconciled(len(plan.give), len(plan.take_back), tuple(plan.unclear))


async def _ask_again(deliberation: Deliberation, users: Sequence[str], ports: Ports) -> None:
    """Ask each of them once; one who cannot be written to keeps nobody else from being asked."""
    platform = ports.platforms[deliberation.platform]
    for user in users:
        participant = ports.pseudonyms.of(deliberation, user)
        try:
            if not await may_be_told(user, deliberation, ports):
                continue
            if not await ports.deliberations.mark(
                deliberation.id, f"unclear:{deliberation.round}:{participant}"
            ):
                continue
            await platform.direct_message(deliberation.team, user, UnclearNote(deliberation))
        except PlatformError:
            log.warning("somebody could not be asked which reaction counts", exc_info=True)
