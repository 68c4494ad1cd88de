"""Taking part, as every chat platform has it: an act comes in, and a sentence comes out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory import (
    ManualClock,
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryNotes,
    MemoryPlatform,
    memory_state,
)
from bot.chat.answer_counter import Counter
from bot.chat.copies import Copies
from bot.chat.posted_messages import Whereabouts
from bot.chat.public_votes import PublicVotes, Vote
from bot.chat.taking_part import Act, TakingPart
from bot.chat.tasks import Tasks
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.deliberation import Deliberation, MessageRef, Phase
from bot.domain.errors import PlatformError, StoreError
from bot.domain.ratings import Rating, RatingBy
from bot.domain.terms import Terms
from bot.service.ports import Ports
from bot.wording import texts
from bot.wording.confirmations import WITHDRAW_OPINION, WITHDRAW_OPINION_AND_STEP
from bot.wording.language import PSEUDO, reading
from tests.state import Keeps

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BALLOT = MessageRef(channel="C1", message="ballot")
SILENT = "The platform does not answer."


async def silent(d: Deliberation) -> Actor:
    """A platform that does not say who somebody is."""
    raise PlatformError(SILENT)


@dataclass
class Shown(Counter):
    """Of which questions another count is to be shown."""

    questions: list[str] = field(default_factory=list)

    def changed(self, deliberation_id: str) -> None:
        """Note it."""
        self.questions.append(deliberation_id)


class Room(Keeps):
    """A team on a chat platform, whose only question is q."""

    def __init__(self) -> None:
        self.clock = ManualClock(MORNING)
        self.notes = MemoryNotes(self.clock)
        self.counter = Shown()
        self.platform = MemoryPlatform()
        self.tasks = Tasks()
        self.ports = Ports(
            **memory_state(),
            feedback=MemoryFeedbackLog(),
            library=MemoryLibrary(),
            jobs=MemoryJobQueue(),
            clock=self.clock,
            live=MemoryLiveFeed(),
            pseudonyms=Pseudonyms("a secret"),
            platforms={"chat": self.platform},
        )
        self.part = TakingPart(self.ports, Copies(self.notes, self.clock), self.counter.changed)
        self.votes = PublicVotes(self.ports, Whereabouts(self.notes), self.counter, self.tasks)

    async def ask(self, phase: Phase = Phase.OPINIONS, **terms: object) -> Deliberation:
        """A question; with a statement where it is rated."""
        asked = Deliberation(
            id="q",
            team="T1",
            platform="chat",
            channel="C1",
            facilitator="fay",
            question="Why?",
            terms=Terms(**terms),
            phase=phase,
            statement="Reuse." if phase is Phase.RATING else None,
            created_at=MORNING,
            ballots={1: BALLOT} if phase is Phase.RATING else {},
        )
        return await self.deliberations.add(asked)

    def act(
        self,
        user: str = "ann",
        *,
        team: str | None = "T1",
        at: datetime | None = None,
        copy: str = "",
        giver: str = "",
        participant: Callable[[Deliberation], Awaitable[Actor]] | None = None,
    ) -> Act:
        """Something that somebody does now, whom the platform knows unless it is said otherwise."""

        async def known(d: Deliberation) -> Actor:
            return Actor(d.team, user)

        at = None if copy else at or self.clock.now()
        return Act(team, user, "q", participant or known, at, copy, giver=giver)

    def vote(
        self, shown: str, *, added: bool = True, by: RatingBy = RatingBy.REACTIONS, **given: str
    ) -> Vote:
        """What somebody reacts with."""

        async def voter(d: Deliberation) -> Actor | None:
            user = given.get("user", "ann")
            return None if user == "bot" else Actor(d.team, user)

        team = given.get("team", "T1")
        return Vote("chat", team, BALLOT, by, lambda d: shown, voter, added, self.clock.now())

    async def values(self) -> list[tuple[int, int | None]]:
        """Every rating with its quality."""
        return [(rating.value, rating.quality) for rating in await self.contributions.ratings("q", 1)]


@pytest.fixture
def room() -> Room:
    return Room()


# -- opinions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "baseline"), [(" ", "2"), ("Ban them.", "8"), ("Ban them.", "many")])
async def test_an_opinion_is_saved_with_all_that_was_said_beside_it_or_not_at_all(
    room: Room, text: str, baseline: str
) -> None:
    await room.ask(position_statement="Ban plastics.")
    refused = await room.part.give_opinion(room.act(), text, baseline=baseline)
    assert (refused.ok, room.counter.questions) == (False, [])
    assert [await room.contributions.opinions("q"), await room.contributions.baselines("q")] == [[], []]
    assert (await room.part.give_opinion(room.act(), "Ban them.", baseline="2")).ok
    assert [baseline.value for baseline in await room.contributions.baselines("q")] == [2]
    assert room.counter.questions == ["q"]


async def test_a_window_begins_with_what_was_said_before_and_says_when_it_is_too_late(room: Room) -> None:
    d = await room.ask(position_statement="Ban plastics.")
    form = await room.part.opinion_form(room.act())
    assert (form.own.text, form.own.baseline, form.own.may_learn, form.closed) == ("", None, False, "")
    await room.part.give_opinion(room.act(), "Ban them.", baseline="2", consent=False)
    await room.deliberations.save(d.closed(MORNING))
    form = await room.part.opinion_form(room.act())
    assert (form.own.text, form.own.baseline, form.own.may_learn) == ("Ban them.", 2, False)
    assert "closed" in form.closed


async def test_an_act_without_a_time_has_that_of_its_first_copy(room: Room) -> None:
    await room.ask()
    first = room.act(copy="window 1")
    assert (await room.part.give_opinion(first, "Ban them.")).ok
    room.clock.advance(SECOND)
    assert (await room.part.give_opinion(room.act(copy="window 2"), "Tax them.")).ok
    room.clock.advance(SECOND)
    assert (await room.part.give_opinion(first, "Ban them.")).ok
    assert [(o.text, o.given_at) for o in await room.contributions.opinions("q")] == [
        ("Tax them.", MORNING + SECOND)
    ]


async def test_what_is_one_s_own_is_taken_back_though_the_platform_is_silent(room: Room) -> None:
    d = await room.ask()
    await room.part.give_opinion(room.act(), "Ban them.")
    unknown = room.act(participant=silent)
    refused = await room.part.give_opinion(unknown, "Tax them.")
    assert (refused.ok, refused.retryable, refused.text) == (False, True, SILENT)
    assert (await room.part.withdraw_opinion(unknown)).text == texts.OPINION_WITHDRAWN
    assert await room.contributions.opinion_count("q") == 0
    assert room.counter.questions == ["q", "q"]
    await room.deliberations.save(d.closed(MORNING).chosen("Reuse.").published(MORNING))
    assert (await room.part.rate(room.act(), "6"))[0].ok
    assert (await room.part.withdraw_rating(unknown)).text == texts.RATING_WITHDRAWN
    assert await room.values() == []


async def test_a_withdrawal_takes_a_step_along_unless_it_stands_in_a_poll(room: Room) -> None:
    asked = await room.ask(position_statement="Plastics should be banned.")
    await room.part.give_opinion(room.act(), "Ban them.", baseline="6")
    await room.part.give_opinion(room.act("bob"), "Keep them.")
    # The poll is read once drafting begins; then the question is opened again.
    drafting = await room.deliberations.save(asked.model_copy(update={"phase": Phase.MEDIATING}))
    bob = room.ports.pseudonyms.of(asked, "bob")
    voted = Rating(participant=bob, value=2, given_at=room.clock.now())
    await room.contributions.put_baseline("q", voted, collected=True)
    await room.deliberations.save(drafting.model_copy(update={"phase": Phase.OPINIONS}))

    assert await room.part.withdrawing(room.act()) == WITHDRAW_OPINION_AND_STEP
    assert await room.part.withdrawing(room.act("bob")) == WITHDRAW_OPINION
    replies = [await room.part.withdraw_opinion(room.act(user)) for user in ("ann", "bob")]
    assert [(each.given_back, each.given_back_step) for each in replies] == [
        ("Ban them.", 6),
        ("Keep them.", None),
    ]
    assert [each.value for each in await room.contributions.baselines("q")] == [2]


async def test_whoever_gave_nothing_is_not_told_that_it_is_withdrawn(room: Room) -> None:
    d = await room.ask()
    opinion, rating = room.act(copy="click 1"), room.act(copy="click 2")
    assert (await room.part.withdraw_opinion(opinion)).text == texts.NO_OPINION
    await room.deliberations.save(d.closed(MORNING).chosen("Reuse.").published(MORNING))
    assert (await room.part.withdraw_rating(rating)).text == texts.NO_RATING
    room.clock.advance(SECOND)
    await room.part.rate(room.act(), "6")
    room.clock.advance(SECOND)
    # Another one's rating is none of theirs.
    assert (await room.part.withdraw_rating(room.act("bob"))).text == texts.NO_RATING
    # Every copy of a click is told the same, though the first has taken it away.
    click = room.act(copy="click 3")
    assert [(await room.part.withdraw_rating(click)).text for _ in range(2)] == [texts.RATING_WITHDRAWN] * 2
    with reading(PSEUDO):
        assert (await room.part.withdraw_rating(click)).text == texts.RATING_WITHDRAWN
    assert (await room.part.withdraw_rating(room.act(copy="click 4"))).text == texts.NO_RATING


async def test_another_team_s_question_is_unknown_and_a_direct_message_s_is_known(room: Room) -> None:
    await room.ask()
    for team in ("T2", ""):
        assert not (await room.part.give_opinion(room.act(team=team), "Ban them.")).ok
    assert (await room.part.give_opinion(room.act(team=None), "Ban them.")).ok


# -- ratings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "label"), [("6", "Agree"), ("0", None), ("", None), ("66", None)])
async def test_a_rating_is_shown_to_whoever_gave_it_once_it_is_kept(
    room: Room, chosen: str, label: str | None
) -> None:
    await room.ask(Phase.RATING)
    reply, level = await room.part.rate(room.act(), chosen)
    assert (level and level.label, reply.ok) == (label, label is not None)
    assert await room.values() == ([(6, None)] if label else [])


async def test_quality_goes_with_the_agreement_and_the_last_choice_counts_in_any_order(room: Room) -> None:
    await room.ask(Phase.RATING, ask_quality=True)
    early = await room.part.rate_quality(room.act(), "5")
    assert (early.ok, early.text) == (False, texts.QUALITY_NEEDS_RATING)
    await room.part.rate(room.act(), "6")
    older = room.act()
    room.clock.advance(SECOND)
    newer = room.act()
    assert (await room.part.rate_quality(newer, "2")).text == texts.quality_kept(2)
    assert (await room.part.rate_quality(older, "7")).text == texts.RATING_KEPT
    assert (await room.part.rate_quality(newer, "2")).ok
    room.clock.advance(SECOND)
    await room.part.rate(room.act(), "1")
    assert await room.values() == [(1, 2)]


async def test_where_both_are_asked_at_once_a_quality_that_is_no_step_keeps_no_rating(room: Room) -> None:
    await room.ask(Phase.RATING, ask_quality=True)
    assert not (await room.part.rate(room.act(), "6", quality="8"))[0].ok
    assert (await room.part.rate(room.act(), "6", quality="2"))[0].ok
    room.clock.advance(SECOND)
    # Left out, it stays.
    assert (await room.part.rate(room.act(), "5"))[0].ok
    assert await room.values() == [(5, 2)]


async def test_a_quality_that_is_no_step_is_refused_with_the_steps(room: Room) -> None:
    await room.ask(Phase.RATING, ask_quality=True)
    await room.part.rate(room.act(), "6")
    refused = await room.part.rate_quality(room.act(), "many")
    assert (refused.ok, "from 1 to 7" in refused.text) == (False, True)


async def test_a_quality_is_kept_for_whoever_gave_the_agreement_and_for_no_other_giver(room: Room) -> None:
    await room.ask(Phase.RATING, ask_quality=True)
    await room.part.rate(room.act(giver="phone"), "6")
    room.clock.advance(SECOND)
    assert not (await room.part.rate_quality(room.act(giver="laptop"), "2")).ok
    assert await room.values() == [(6, None)]
    room.clock.advance(SECOND)
    assert (await room.part.rate_quality(room.act(giver="phone"), "3")).ok
    assert await room.values() == [(6, 3)]


async def test_an_agreement_that_comes_late_is_kept_though_quality_was_chosen_since(room: Room) -> None:
    await room.ask(Phase.RATING, ask_quality=True)
    await room.part.rate(room.act(), "6")
    room.clock.advance(SECOND)
    late = room.act()
    room.clock.advance(SECOND)
    await room.part.rate_quality(room.act(), "2")
    await room.part.rate(late, "1")
    assert await room.values() == [(1, 2)]


# -- reminders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("team", ["T1", None])
async def test_reminders_are_stopped_and_started_again(room: Room, team: str | None) -> None:
    await room.ask()
    member = room.ports.pseudonyms.of_member("T1", "ann")
    for on in (False, True):
        assert (await room.part.set_reminders(room.act(team=team), on=on)).ok
        assert await room.teams.wants_reminders("T1", [member]) == [on]
        room.clock.advance(SECOND)


async def test_reminders_stop_after_the_question_is_gone(room: Room) -> None:
    assert (await room.part.set_reminders(room.act(), on=False)).ok


# -- votes that everybody sees -------------------------------------------------------------------


async def test_a_reaction_counts_until_it_is_taken_off(room: Room) -> None:
    await room.ask(Phase.RATING, anonymous=False, rating_by="reactions")
    assert await room.votes.count(room.vote("😊")) is not None
    assert await room.values() == [(6, None)]
    room.clock.advance(SECOND)
    assert await room.votes.count(room.vote("😊", added=False)) is not None
    assert await room.values() == []
    await room.tasks.finish()


@pytest.mark.parametrize(
    "other", [{"shown": "🎉"}, {"user": "bot"}, {"team": "T2"}, {"by": RatingBy.POLL}], ids=str
)
async def test_what_is_no_rating_is_left_alone(room: Room, other: dict[str, str]) -> None:
    await room.ask(Phase.RATING, anonymous=False, rating_by="reactions")
    vote = room.vote(other.pop("shown", "😊"), **other)  # type: ignore[arg-type]
    assert await room.votes.count(vote) is None
    assert await room.values() == []


async def test_a_vote_that_cannot_be_counted_yet_says_so(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.ask(Phase.RATING, anonymous=False, rating_by="reactions")
    unknown = await room.votes.count(replace(room.vote("😊"), voter=silent))
    assert unknown is not None
    assert unknown.retryable

    async def away(*given: object, **more: object) -> None:
        raise StoreError("It does not answer.")

    monkeypatch.setattr(room.contributions, "put_rating", away)
    unkept = await room.votes.count(room.vote("😊"))
    assert unkept is not None
    assert unkept.retryable
    assert await room.values() == []


# -- reasons ---------------------------------------------------------------------------------------


async def test_a_reason_is_begun_given_changed_and_taken_back_once_however_often_it_comes(room: Room) -> None:
    await room.ask(Phase.RATING, keep_feedback=True)
    begun = await room.part.reason_form(room.act())
    assert (begun.text, begun.may_learn, begun.closed, begun.notice) == ("", False, "", None)
    for _ in range(2):
        assert (await room.part.give_reason(room.act(copy="1"), "Too dear.", consent=True)).ok
    room.clock.advance(SECOND)
    begun = await room.part.reason_form(room.act())
    assert (begun.text, begun.may_learn) == ("Too dear.", True)
    for _ in range(2):
        reply = await room.part.withdraw_reason(room.act(copy="2"))
        assert (reply.ok, reply.text) == (True, texts.REASON_WITHDRAWN)
    assert not await room.ports.contributions.reasons("q", 1)
    assert (await room.part.withdraw_reason(room.act(copy="3"))).text == texts.NO_REASON
    assert room.counter.questions == []


async def test_a_reasons_window_says_why_it_is_closed(room: Room) -> None:
    await room.ask(Phase.RATING, exclude_guests=True)
    guest = Actor("T1", "ann", guest=True)

    async def known(d: Deliberation) -> Actor:
        return guest

    assert (await room.part.reason_form(room.act(participant=known))).closed
    assert not (await room.part.give_reason(room.act(participant=known), "Too dear.")).ok
    assert not (await room.part.reason_form(room.act(participant=silent))).closed
    unknown = await room.part.give_reason(room.act(participant=silent), "Too dear.")
    assert (unknown.ok, unknown.text) == (False, SILENT)
