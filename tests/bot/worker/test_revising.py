"""A further round: it begins when the vote ends, once, and what is no better is not posted."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import MOVED_ON_JUST_NOW, NOT_NOW, VOTE_OVER, Phase, Step
from bot.domain.errors import PlatformError
from bot.domain.ratings import RatingBy
from bot.service.dispatch import dispatch
from bot.service.ports.platform import SeenReactions
from bot.wording import texts
from bot.wording.cards import BallotCard, FailedCard, ResultCard, StatementCard
from bot.worker import revising
from engine.errors import PromptRejectedError
from engine.types import ParticipantOpinion, Revision
from tests.quoting import quoting

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FAY = Actor("T1", "fay")
PUBLIC = {"anonymous": False, "rating_by": RatingBy.REACTIONS}


async def say_why(room, user, text, *, consent=True):
    now = room.clock.now()
    await room.say(commands.GiveReason(Actor("T1", user), room.deliberation_id, text, now, consent=consent))


async def revise(room, round_=1):
    return await dispatch(commands.Revise(FAY, room.deliberation_id, round_), room.ports)


async def voted(room, ratings=(("ann", 2), ("bob", 2), ("cem", 6)), **terms):
    """A first statement that three have rated, and two of them, and somebody without opinion, said why."""
    await room.voting(answers=("ann", "bob", "cem"), **terms)
    for user, value in ratings:
        await room.rate(user, value)
    await say_why(room, "ann", "It forgets the shops.")
    await say_why(room, "bob", "It names no date.")
    await say_why(room, "dee", "It is too short.", consent=False)


def shown(room):
    return room.platform.now_showing(room.deliberation_id)


async def test_a_round_is_drafted_from_opinions_the_statement_and_what_members_say_of_it(room):
    await voted(room)
    assert (await revise(room)).text == texts.REVISING
    await room.all_due()

    deliberation = await room.now()
    assert (deliberation.phase, deliberation.round) == (Phase.RATING, 2)
    assert deliberation.statement == shown(room).statement == "Statement 2."
    assert deliberation.rating_closes_at == room.clock.now() + deliberation.terms.rating_period
    asked = room.drafter.requests[-1]
    said = {ParticipantOpinion(room.key("ann"), "It forgets the shops.")}
    said.add(ParticipantOpinion(room.key("bob"), "It names no date."))
    said.add(ParticipantOpinion(room.key("dee"), "It is too short."))
    assert asked.revision == Revision("Statement 1.", asked.revision.critiques)
    assert set(asked.revision.critiques) == said
    assert len(asked.opinions) == 3

    await room.rate("ann", 7)
    await room.later(DAY)
    settled = await room.now()
    assert (settled.phase, settled.round, settled.statement) == (Phase.SETTLED, 2, "Statement 2.")
    assert shown(room).tally.total == 1


async def test_what_was_asked_for_twice_begins_once(room):
    await voted(room)
    first = await asyncio.gather(revise(room), revise(room))
    assert [reply.text for reply in first] == [texts.REVISING] * 2
    await room.all_due()
    late = await revise(room)
    assert not late.ok
    assert "newer statement" in late.text
    assert ((await room.now()).round, len(room.drafter.requests)) == (2, 2)


@pytest.mark.parametrize(
    ("terms", "reasons", "who", "why"),
    [
        ({"anonymous": False}, 0, "fay", "Nobody has said"),
        ({}, 2, "fay", "at least 3 members"),
        ({"most_rounds": 1}, 3, "fay", "as many rounds"),
        ({}, 3, "ann", ""),
    ],
    ids=["no reasons", "too few reasons", "no rounds left", "somebody else"],
)
async def test_a_round_that_may_not_begin_leaves_the_vote_open(room, terms, reasons, who, why):
    await room.voting(**terms)
    for user in ("ann", "bob", "cem")[:reasons]:
        await say_why(room, user, "It forgets the shops.")
    before = await room.now()
    reply = await dispatch(commands.Revise(Actor("T1", who), room.deliberation_id, 1), room.ports)
    assert not reply.ok
    assert why in reply.text
    assert await room.now() == before


@pytest.mark.parametrize(
    ("below", "ratings", "reasons", "rounds"),
    [
        (50, (2, 2, 6), 3, 2),
        (30, (2, 2, 6), 3, 1),
        (None, (2, 2, 6), 3, 1),
        (50, (2, 2, 6), 0, 1),
        (50, (2, 2, 6), 2, 1),
        (50, (2, 2), 3, 1),  # of so few nothing is shown, so nothing is done by them
    ],
)
async def test_by_the_terms_the_end_of_the_vote_begins_a_round(room, below, ratings, reasons, rounds):
    await room.voting(answers=("ann", "bob", "cem"), revise_below=below)
    for user, value in zip(("ann", "bob", "cem"), ratings, strict=False):
        await room.rate(user, value)
    for user in ("ann", "bob", "cem")[:reasons]:
        await say_why(room, user, "It forgets the shops.")
    await room.later(DAY)
    deliberation = await room.now()
    assert deliberation.round == rounds
    assert deliberation.phase is (Phase.RATING if rounds == 2 else Phase.SETTLED)


async def test_by_the_terms_no_more_rounds_begin_than_they_say(room):
    await voted(room, revise_below=100, most_rounds=3)
    for round_ in (2, 3):
        await room.later(DAY)
        assert ((await room.now()).round, (await room.now()).phase) == (round_, Phase.RATING)
        for user in ("ann", "bob", "cem"):
            await room.rate(user, 1)
            await say_why(room, user, "Still not.")
    await room.later(DAY)
    assert ((await room.now()).round, (await room.now()).phase) == (3, Phase.SETTLED)


async def test_a_revision_that_is_no_better_is_not_posted_and_it_is_said(room):
    await voted(room)
    room.drafter.stays = True
    await revise(room)
    await room.all_due()

    settled = await room.now()
    assert (settled.phase, settled.round, settled.statement) == (Phase.SETTLED, 1, "Statement 1.")
    result = shown(room)
    assert isinstance(result, ResultCard)
    assert (result.statement, result.tally.total) == ("Statement 1.", 3)
    assert texts.STATEMENT_STAYS in result.made
    cards = room.platform.shown[settled.message]
    assert {card.statement for card in cards if isinstance(card, StatementCard)} == {"Statement 1."}
    assert room.platform.direct_messages == [("fay", texts.it_stays(settled))]
    assert {record.round for record in await room.feedback()} == {1}


@pytest.mark.parametrize("way", [commands.KeepStatement, commands.RetryMediation])
async def test_a_round_that_cannot_be_drafted_is_tried_again_or_given_up(room, way):
    await voted(room)
    room.drafter.errors = [PromptRejectedError("No.")]
    await revise(room)
    await room.all_due()
    assert isinstance(shown(room), FailedCard)
    ((to, note),) = room.platform.direct_messages
    assert (to, "keep the statement" in note) == ("fay", True)

    for _ in range(2):
        await room.say(way(FAY, room.deliberation_id))
    await room.all_due()
    now = await room.now()
    if way is commands.KeepStatement:
        assert (now.phase, now.round, now.statement) == (Phase.SETTLED, 1, "Statement 1.")
        assert texts.STATEMENT_STAYS not in shown(room).made
        assert shown(room).tally.total == 3
    else:
        assert (now.phase, now.round, now.statement) == (Phase.RATING, 2, "Statement 3.")


async def with_a_failed_round(room, **terms):
    """A second round that could not be drafted."""
    await voted(room, **terms)
    room.drafter.errors = [PromptRejectedError("No.")]
    await revise(room)
    await room.all_due()


async def test_a_failed_round_that_nobody_takes_up_ends_with_the_vote_before_and_is_kept_no_longer(room):
    await with_a_failed_round(room)
    failed = await room.now()
    await room.later(failed.terms.retention_days / 2 * DAY)
    kept = await room.now()
    assert (kept.phase, kept.round, kept.statement) == (Phase.SETTLED, 1, "Statement 1.")
    assert (kept.recorded, kept.outcome.total) == (True, 3)
    assert isinstance(shown(room), ResultCard)
    assert kept.deleted_at() == failed.deleted_at()


async def test_whoever_rates_an_old_statement_hears_whether_there_is_another_to_rate(room):
    await with_a_failed_round(room)
    rating = commands.CastRating(Actor("T1", "ann"), room.deliberation_id, 6, room.clock.now(), round=1)
    assert "is being revised" in await told_by(room, rating)
    await room.say(commands.RetryMediation(FAY, room.deliberation_id))
    await room.all_due()
    assert "newer statement" in await told_by(room, rating)
    await room.later(DAY)
    assert await told_by(room, rating) == str(VOTE_OVER)


async def told_by(room, command):
    return (await dispatch(command, room.ports)).text


async def test_an_old_button_that_keeps_the_statement_ends_no_round_that_can_be_voted_on(room):
    await with_a_failed_round(room)
    id_ = room.deliberation_id
    # One of a round that had failed before, or of none.
    assert await told_by(room, commands.KeepStatement(FAY, id_, 3)) == str(MOVED_ON_JUST_NOW)
    await room.say(commands.RetryMediation(FAY, id_))
    for round_ in (2, None):
        assert await told_by(room, commands.KeepStatement(FAY, id_, round_)) == str(NOT_NOW[Phase.MEDIATING])
    await room.all_due()
    second = await room.now()
    assert (second.phase, second.round) == (Phase.RATING, 2)
    for round_ in (2, None):
        assert await told_by(room, commands.KeepStatement(FAY, id_, round_)) == str(NOT_NOW[Phase.RATING])
    assert await room.now() == second


async def test_closing_the_vote_gives_up_no_further_round(room):
    await with_a_failed_round(room)
    failed, id_ = await room.now(), room.deliberation_id
    for round_ in (1, 2, None):
        assert not (await dispatch(commands.CloseRating(FAY, id_, round_), room.ports)).ok
    assert await room.now() == failed
    await room.say(commands.RetryMediation(FAY, id_))
    await room.all_due()
    second = await room.now()
    # A copy of what closed, or was to close, the first vote.
    assert "newer statement" in await told_by(room, commands.CloseRating(FAY, id_, 1))
    assert await room.now() == second
    assert await told_by(room, commands.CloseRating(FAY, id_, 2)) == texts.SETTLED


@pytest.mark.parametrize("terms", [{}, PUBLIC], ids=["private", "public"])
async def test_a_vote_that_somebody_closes_is_not_revised_by_the_terms(room, terms):
    await voted(room, () if terms else (("ann", 2), ("bob", 2), ("cem", 6)), revise_below=100, **terms)
    first, close = await room.now(), commands.CloseRating(FAY, room.deliberation_id)
    if terms:
        room.platform.reacted[first.ballot] = [SeenReactions(Actor("T1", "ann"), ("😡",))]
    for _ in range(2):
        assert await told_by(room, close) == texts.SETTLED
    assert not (await revise(room)).ok
    await room.all_due()
    assert await told_by(room, close) == texts.SETTLED
    settled = await room.now()
    assert (settled.phase, settled.round, settled.rounds_begun) == (Phase.SETTLED, 1, 1)


@pytest.mark.parametrize("terms", [{}, PUBLIC], ids=["private", "public"])
async def test_a_revision_that_was_asked_for_is_not_undone_by_closing(room, terms):
    await voted(room, () if terms else (("ann", 2),), **terms)
    await revise(room)
    assert await told_by(room, commands.CloseRating(FAY, room.deliberation_id, 1)) == texts.REVISING
    await room.all_due()
    assert ((await room.now()).phase, (await room.now()).round) == (Phase.RATING, 2)


async def test_a_vote_that_was_closed_and_then_given_more_time_is_revised_by_the_terms(room):
    await voted(room, (), revise_below=100, **PUBLIC)
    first = await room.now()
    room.platform.reacted[first.ballot] = [SeenReactions(Actor("T1", "ann"), ("😡",))]
    await room.say(commands.CloseRating(FAY, first.id))
    await room.say(commands.Extend(FAY, first.id, room.clock.now() + DAY))
    await room.later(DAY)
    assert ((await room.now()).phase, (await room.now()).round) == (Phase.RATING, 2)


async def test_a_failed_round_is_kept_as_long_as_one_that_has_just_ended(room):
    team = await room.ports.teams.team("T1")
    await room.ports.teams.save_team(team.model_copy(update={"retention_days": 1}))
    await voted(room, rating_period=3 * DAY)
    room.clock.advance(2 * DAY)
    room.drafter.errors = [PromptRejectedError("No.")]
    await revise(room)
    await room.all_due()
    assert (await room.now()).deleted_at() == room.clock.now() + DAY


@pytest.mark.parametrize(
    ("anonymous", "forgotten", "ends"),
    [
        (True, ("dee",), (Phase.SETTLED, 1)),
        (False, ("dee", "bob"), (Phase.RATING, 2)),
        (False, ("dee", "bob", "ann"), (Phase.SETTLED, 1)),
    ],
    ids=["two left of anonymous ones", "one left of named ones", "none left"],
)
async def test_with_too_few_reasons_left_the_statement_stays(room, anonymous, forgotten, ends):
    await voted(room, anonymous=anonymous)

    async def forget():
        room.drafter.meanwhile = None
        for user in forgotten:
            await room.forget(user)

    room.drafter.meanwhile = forget
    await revise(room)
    await room.all_due()
    assert ((await room.now()).phase, (await room.now()).round) == ends


async def test_whoever_is_forgotten_while_a_round_is_drafted_is_not_read(room):
    await voted(room)
    await say_why(room, "cem", "It is fine.")

    async def forget():
        room.drafter.meanwhile = None
        await room.forget("dee")

    room.drafter.meanwhile = forget
    await revise(room)
    await room.all_due()
    assert (await room.now()).statement == "Statement 3."
    read = {each.text for each in room.drafter.requests[-1].revision.critiques}
    assert read == {"It forgets the shops.", "It names no date.", "It is fine."}


async def test_each_round_has_its_ballot_and_the_old_one_is_closed(room):
    await voted(room, ratings=(), **PUBLIC)
    await revise(room)
    await room.all_due()
    last = [cards[-1] for cards in room.platform.shown.values()]
    ballots = [(card.statement, card.closed) for card in last if isinstance(card, BallotCard)]
    assert ballots == [("Statement 1.", True), ("Statement 2.", False)]
    assert set((await room.now()).ballots) == {1, 2}


@pytest.mark.parametrize(
    ("left", "dies", "second"),
    [
        (("dee",), False, ("Statement 3.", False)),
        (("dee",), True, ("Statement 3.", False)),
        (("ann", "bob", "dee"), False, ("Statement 1.", True)),
    ],
    ids=["drafted anew", "not noted", "given up"],
)
async def test_a_ballot_that_was_posted_as_somebody_left_quotes_them_no_more(
    room, left, dies, second, monkeypatch
):
    await voted(room, ratings=(), **PUBLIC)
    post = room.platform.post

    async def posts(channel, card, *, key):
        message = await post(channel, card, key=key)
        if isinstance(card, BallotCard) and not card.closed:
            monkeypatch.setattr(room.platform, "post", post)
            for user in left:
                await room.forget(user)
            if dies:
                raise PlatformError("Its answer was lost.")
        return message

    monkeypatch.setattr(room.platform, "post", posts)
    await revise(room)
    await room.all_due()
    await room.later(HOUR)
    last = [cards[-1] for cards in room.platform.shown.values()]
    ballots = [(card.statement, card.closed) for card in last if isinstance(card, BallotCard)]
    assert ballots == [("Statement 1.", True), second]


async def test_every_round_leaves_its_records_once_with_what_was_said_of_its_statement(room):
    await room.voting(answers=("ann", "bob", "cem"))
    for user in ("ann", "bob", "cem"):
        await room.rate(user, 2)
        await say_why(room, user, f"It forgets the shops of {user}.")
    await revise(room)
    await room.all_due()
    for user in ("ann", "bob", "cem"):
        await room.rate(user, 6)
    await room.later(DAY)
    records = await room.feedback()
    assert {(each.round, each.statement, each.agreement) for each in records} == {
        (1, "Statement 1.", 2),
        (2, "Statement 2.", 6),
    }
    told = {(each.round, each.participant): each.critique for each in records}
    for user in ("ann", "bob", "cem"):
        assert told.pop((1, room.key(user))) == f"It forgets the shops of {user}."
    assert len(told) == len(records) - 3 == 3
    assert not any(told.values())


async def test_a_ballot_that_a_worker_posted_and_never_noted_is_closed_with_its_round(room, monkeypatch):
    await voted(room, ratings=(), **PUBLIC)
    await revise(room)
    there = room.platform.post

    async def dies_after(channel, card, *, key):
        await there(channel, card, key=key)
        if isinstance(card, BallotCard):
            raise asyncio.CancelledError

    monkeypatch.setattr(room.platform, "post", dies_after)
    with pytest.raises(asyncio.CancelledError):
        await room.all_due()
    monkeypatch.setattr(room.platform, "post", there)
    for user in ("ann", "bob", "dee"):
        await room.forget(user)
    await room.later(HOUR)
    assert ((await room.now()).phase, (await room.now()).round) == (Phase.SETTLED, 1)
    last = [cards[-1] for cards in room.platform.shown.values()]
    assert [card.closed for card in last if isinstance(card, BallotCard)] == [True, True]


@pytest.mark.parametrize(("only_later", "rounds"), [(0, {1, 2}), (2, {1})], ids=["hidden", "given away"])
async def test_what_is_learnt_never_tells_how_the_rating_of_one_or_two_others_moved(room, only_later, rounds):
    """Each round leaves three others, who hide each other; of those who rated both one or three are left."""
    yes, no = ("ann", "bob", "cem"), [f"no{number}" for number in range(3 + only_later)]
    await room.asked(answers=yes)
    for user in no:
        await room.answer(user, consent=False)
    await room.close()
    await room.all_due()
    for user in (*yes, *no[:3]):
        await room.rate(user, 2)
        await say_why(room, user, "It forgets the shops.")
    await revise(room)
    await room.all_due()
    for user in (*yes, *no[only_later:]):
        await room.rate(user, 6)
    await room.later(DAY)
    assert (await room.now()).change.movement.more == 6 - only_later
    assert {each.round for each in await room.feedback()} == rounds


@pytest.mark.parametrize(("raters", "moved"), [(2, None), (3, 3)])
async def test_how_public_votes_moved_is_shown_from_as_many_on_as_any_figure(room, raters, moved):
    async def react(level):
        now = await room.now()
        seen = [SeenReactions(Actor("T1", user), (now.terms.levels[level].emoji,)) for user in people]
        room.platform.reacted[now.ballot] = seen

    people = ("ann", "bob", "cem")[:raters]
    await voted(room, ratings=(), **PUBLIC)
    await react(0)
    await revise(room)
    await room.all_due()
    await react(-1)
    await room.later(DAY)
    movement = (await room.now()).change.movement
    assert (movement and movement.more) == moved


SAID = {
    "ann": "Paper bags tear in the rain, so I keep mine of cloth at hand.",
    "bob": "My shop sells four hundred plastic bags a week and lives on it.",
    "cem": "Let every store take a deposit for each bag.",
}


async def test_a_revision_that_quotes_a_reason_loses_it_when_its_author_is_forgotten(room):
    room = replace(room, drafter=quoting())
    await room.asked(quorum=3, candidates=2, anonymous=False)
    for user, text in SAID.items():
        await room.answer(user, text)
    await room.all_due()
    why = "The harbour market would close within a year without cheap bags."
    await say_why(room, "dee", why)
    await revise(room)
    await room.all_due()
    assert (await room.now()).round == 2
    assert why in (await room.now()).statement

    await room.forget("dee")
    await room.all_due()
    second = await room.ports.mediations.mediation(room.deliberation_id, 2)
    assert why not in f"{await room.now()} {second} {shown(room)!r}"


async def test_a_statement_that_stays_is_kept_without_a_quote_that_was_taken_out_meanwhile(room, monkeypatch):
    await voted(room)
    await revise(room)
    await room.run(Step.SETTLE)
    for user in ("ann", "bob", "dee"):
        await room.forget(user)  # so that there is nothing to revise it by
    read, mediations = revising.kept_mediation, room.ports.mediations

    async def reads(*asked):
        found = await read(*asked)
        monkeypatch.setattr(revising, "kept_mediation", read)
        # As for somebody who is forgotten at this moment, and who finds no statement with the question.
        assert await mediations.reword(room.deliberation_id, 1, found.statement, "Statement […].")
        return found

    monkeypatch.setattr(revising, "kept_mediation", reads)
    await room.all_due()
    settled = await room.now()
    assert (settled.phase, settled.round, settled.statement) == (Phase.SETTLED, 1, "Statement […].")


class DiesAt:
    """A port at one of whose calls a worker dies, before or after it is done."""

    def __init__(self, port, counter):
        self._port, self._counter = port, counter

    def __getattr__(self, name):
        method = getattr(self._port, name)
        if not asyncio.iscoroutinefunction(method):
            return method

        async def called(*args, **kwargs):
            self._counter.left -= 1
            if self._counter.left == 0:
                raise asyncio.CancelledError
            done = await method(*args, **kwargs)
            self._counter.left -= 1
            if self._counter.left == 0:
                raise asyncio.CancelledError
            return done

        return called


class Counter:
    def __init__(self, left):
        self.left = left


@pytest.mark.parametrize(
    ("stays", "terms"),
    [(False, {}), (True, {}), (False, PUBLIC)],
    ids=["better", "no better", "by reactions"],
)
async def test_a_worker_may_die_before_and_after_each_thing_it_does(new_room, stays, terms):
    at, died = 0, True
    while died:
        at += 1
        room = new_room()
        await voted(room, ratings=(("ann", 2), ("bob", 2), ("cem", 2)), **terms)
        room.drafter.stays = stays
        await revise(room)
        counter = Counter(at)
        died = await dies(room, counter)
        await room.all_due()
        for user in ("ann", "bob", "cem") if not stays else ():
            await room.rate(user, 6)
        await room.later(DAY)
        settled = await room.now()
        rounds = 1 if stays else 2
        assert (settled.phase, settled.round) == (Phase.SETTLED, rounds), at
        assert settled.statement == shown(room).statement, at
        assert isinstance(shown(room), ResultCard), at
        if not terms:  # reactions are read on the platform, which has none here
            records = await room.feedback()
            assert sorted(record.round for record in records) == sorted(3 * [*range(1, rounds + 1)]), at
        # The question's message, and each round's ballot.
        assert len(room.platform.shown) == 1 + (rounds if terms else 0), at
        assert len(room.platform.direct_messages) == int(stays), at
    assert at > 10


async def dies(room, counter):
    """Whether a worker died within the round."""
    names = ("deliberations", "contributions", "mediations", "feedback")
    ports = {name: DiesAt(getattr(room.ports, name), counter) for name in names}
    dying = room.broken(**ports, platforms={"web": DiesAt(room.platform, counter)})
    try:
        await dying.all_due()
    except asyncio.CancelledError:
        return True
    return False
