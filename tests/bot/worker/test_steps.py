"""What each step does, once and again, and in the middle of what people do."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Opinion, Phase, Step
from bot.domain.errors import PlatformError, RateLimitedError, UnknownDeliberationError
from bot.service.ports.live import Drafting, PhaseChanged
from bot.wording import texts
from bot.wording.cards import (
    CancelledCard,
    FailedCard,
    QuestionCard,
    ReminderNote,
    ResultCard,
    StatementCard,
)
from bot.worker.steps import STEPS, sweep
from engine.errors import GeneratorUnavailableError, PromptRejectedError, TooFewCandidatesError
from engine.types import MediationRequest, ParticipantOpinion
from tests.bell import PATIENCE_S

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_there_is_one_function_for_each_step():
    assert set(STEPS) == set(Step)


# -- opening, announcing, reminding, closing -------------------------------------------------------


async def test_a_scheduled_question_opens_at_its_time(room):
    await room.asked(opens_in=HOUR)
    await room.later(HOUR - timedelta(seconds=1))
    assert (await room.now()).phase is Phase.SCHEDULED
    assert room.platform.cards() == []

    await room.later(timedelta(seconds=1))

    assert (await room.now()).phase is Phase.OPINIONS
    assert room.platform.cards() == ["QuestionCard"]


async def test_a_question_is_announced_once_with_how_many_have_answered(room):
    await room.asked(answers=("ann",))
    await room.run(Step.ANNOUNCE, Step.ANNOUNCE)

    card = room.platform.now_showing(room.deliberation_id)
    assert isinstance(card, QuestionCard)
    assert card.answered == 1
    assert room.platform.cards() == ["QuestionCard"]


async def test_only_those_who_have_not_answered_are_reminded_and_only_once(room):
    await room.asked(closes_in=DAY, reminder_before=HOUR, answers=("ann",))
    await room.all_due()
    await room.later(DAY - HOUR)
    await room.run(Step.REMIND)
    await room.later(timedelta(minutes=1))

    reminded = sorted(user for user, _ in room.platform.direct_messages)
    assert reminded == ["bob", "cem"]
    assert room.platform.direct_messages[0][1] == ReminderNote(await room.now()).text


async def test_a_worker_that_dies_while_reminding_reminds_nobody_twice(room):
    await room.asked(closes_in=DAY, reminder_before=HOUR)
    await room.all_due()
    room.clock.advance(DAY - HOUR)
    room.platform.deaf["bob"] = [asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await room.run(Step.REMIND)

    await room.all_due()

    reminded = sorted(user for user, _ in room.platform.direct_messages)
    assert sorted(reminded) == ["ann", "cem"]


async def test_a_member_who_cannot_be_reached_keeps_nobody_from_being_reminded(room):
    await room.asked(closes_in=DAY, reminder_before=HOUR)
    await room.all_due()
    room.platform.deaf["ann"] = [PlatformError("No such user.")]
    await room.later(DAY - HOUR)

    assert sorted(user for user, _ in room.platform.direct_messages) == ["bob", "cem"]
    assert (await room.now()).reminded


@pytest.mark.parametrize(("asked_for_s", "reached"), [(0.001, True), (3600, False)], ids=["short", "an hour"])
async def test_reminders_wait_as_long_as_a_platform_asks_within_reason(room, asked_for_s, reached):
    await room.asked(closes_in=DAY, reminder_before=HOUR)
    await room.all_due()
    room.platform.deaf["ann"] = [RateLimitedError("Slower.", retry_after_s=asked_for_s)]
    await room.later(DAY - HOUR)

    reminded = [user for user, _ in room.platform.direct_messages]
    assert ("ann" in reminded) is reached
    assert {"bob", "cem"} <= set(reminded)


async def test_after_the_deadline_was_moved_members_are_reminded_of_the_new_one(room):
    await room.asked(closes_in=DAY, reminder_before=HOUR)
    await room.later(DAY - HOUR)
    extend = commands.Extend(Actor("T1", "fay"), room.deliberation_id, room.clock.now() + DAY)
    await room.say(extend)
    await room.later(DAY - HOUR)

    reminded = [user for user, _ in room.platform.direct_messages]
    assert sorted(reminded) == sorted(["ann", "bob", "cem"] * 2)


async def test_the_deadline_closes_a_question_and_a_statement_is_published(room):
    await room.asked(closes_in=HOUR, answers=("ann", "bob"))
    await room.all_due()
    await room.later(HOUR)

    saved = await room.now()
    assert saved.phase is Phase.RATING
    assert saved.statement == "Statement 1."
    assert room.platform.cards() == ["QuestionCard", "ProgressCard", "StatementCard"]


@pytest.mark.parametrize("answers", [(), ("ann",)], ids=["nobody", "one"])
async def test_too_few_opinions_end_a_question_with_a_sentence(room, answers):
    await room.asked(closes_in=HOUR, answers=answers)
    await room.all_due()
    await room.later(HOUR)

    saved = await room.now()
    assert saved.phase is Phase.CANCELLED
    assert saved.cancelled_because == texts.too_few_opinions(len(answers), 2)
    assert isinstance(room.platform.now_showing(saved.id), CancelledCard)
    assert room.drafter.requests == []


async def test_a_worker_that_dies_after_closing_still_ends_a_question_with_too_few_opinions(room):
    await room.asked(closes_in=HOUR, answers=("ann",))
    await room.all_due()
    room.clock.advance(HOUR)
    deliberation = await room.now()
    await room.ports.deliberations.save(deliberation.closed(room.clock.now()))

    await room.all_due()

    assert (await room.now()).phase is Phase.CANCELLED
    assert room.drafter.requests == []


async def test_a_question_closes_on_time_while_its_messages_wait_to_be_shown_again(room):
    await room.asked(closes_in=HOUR, answers=("ann", "bob"), reminder_before=None)
    await room.all_due()
    later = commands.Extend(Actor("T1", "fay"), room.deliberation_id, room.clock.now() + 2 * HOUR)
    await room.say(later)
    # A worker has taken that job, and its platform takes its time.
    assert await room.ports.jobs.take() == (Step.REFRESH, room.deliberation_id)
    room.clock.advance(2 * HOUR)
    await sweep(room.ports)

    assert (Step.CLOSE, room.deliberation_id) in room.ports.jobs.waiting


# -- mediating -------------------------------------------------------------------------------------


async def test_a_mediation_is_asked_for_with_every_opinion_and_the_question_s_terms(room):
    await room.closed(answers=("ann", "bob", "cem"), candidates=8)
    await room.run(Step.MEDIATE)

    (request,) = room.drafter.requests
    assert {opinion.participant for opinion in request.opinions} == {
        room.key(u) for u in ("ann", "bob", "cem")
    }
    assert (request.question, request.candidates) == ("Ban plastics?", 8)


async def test_the_mediation_is_kept_before_anything_is_posted(room, down):
    await room.closed()
    await room.run(Step.MEDIATE)

    assert (await room.mediation()).statement == "Statement 1."
    assert (await room.now()).statement == "Statement 1."
    assert "StatementCard" not in room.platform.cards()


async def test_a_worker_that_dies_after_keeping_a_mediation_does_not_draft_again(room):
    await room.closed()
    kept = await room.drafter.mediate(await the_request(room), lambda progress: None)
    await room.ports.mediations.keep_mediation(room.deliberation_id, 1, kept)
    room.drafter.requests.clear()

    await room.all_due()

    assert (await room.now()).statement == kept.statement
    assert room.drafter.requests == []


async def the_request(room):
    """What the worker would ask for."""
    opinions = await room.ports.contributions.opinions(room.deliberation_id)
    given = tuple(ParticipantOpinion(o.participant, o.text) for o in opinions)
    return MediationRequest(question="Ban plastics?", opinions=given)


async def test_two_workers_that_mediate_at_once_publish_one_statement(room):
    await room.closed()
    both_are_drafting = asyncio.Barrier(2)
    room.drafter.meanwhile = both_are_drafting.wait
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(room.run(Step.MEDIATE), room.run(Step.MEDIATE))
    room.drafter.meanwhile = None
    await room.all_due()

    saved = await room.now()
    assert len(room.drafter.requests) == 2
    assert saved.phase is Phase.RATING
    assert saved.statement == (await room.mediation()).statement
    assert room.platform.now_showing(saved.id).statement == saved.statement


async def test_of_two_mediations_of_one_round_the_one_that_was_kept_first_is_published(room):
    await room.closed()
    first = await room.drafter.mediate(await the_request(room), lambda progress: None)

    async def another_worker_keeps_its_own():
        await room.ports.mediations.keep_mediation(room.deliberation_id, 1, first)

    room.drafter.meanwhile = another_worker_keeps_its_own
    await room.all_due()

    assert len(room.drafter.requests) == 2
    assert (await room.now()).statement == first.statement == "Statement 1."


@pytest.mark.parametrize(
    "error",
    [GeneratorUnavailableError("Busy."), TooFewCandidatesError("Only 1 of 16 drafts can be used.")],
    ids=["busy", "too few"],
)
async def test_what_may_succeed_later_is_tried_again_with_another_seed(room, error):
    await room.closed()
    room.drafter.errors = [error, error]
    await room.all_due()
    for _ in range(2):
        await room.later(timedelta(seconds=5))

    assert (await room.now()).phase is Phase.RATING
    assert len({request.seed for request in room.drafter.requests}) == 3


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([PromptRejectedError("The input is too long.")], "The input is too long"),
        ([PromptRejectedError("The input has {count} words.", count=4_000)], "The input has 4,000 words"),
        ([KeyError("zanzibar")], texts.UNFORESEEN),
    ],
    ids=["refuses", "refuses in numbers", "nobody foresaw"],
)
async def test_a_mediation_that_fails_for_good_is_said_to_the_facilitator_and_loses_nothing(
    room, errors, said
):
    await room.closed()
    room.drafter.errors = list(errors)
    await room.later(DAY)

    saved = await room.now()
    assert saved.phase is Phase.MEDIATING
    assert saved.failure == texts.mediation_failed(said)
    # With its places, for whoever reads it in another language.
    assert saved.reason is not None
    assert str(saved.reason).rstrip(".") == said
    assert isinstance(room.platform.now_showing(saved.id), FailedCard)
    assert room.platform.direct_messages == [("fay", texts.gave_up(saved))]
    assert len(await room.opinions()) == 2
    assert len(room.drafter.requests) == len(errors)  # and nothing is drafted until somebody asks


async def hours_of(room, hours):
    for _ in range(hours * 12):
        await room.later(timedelta(minutes=5))


async def test_a_model_that_does_not_answer_for_hours_is_asked_again_and_whoever_asked_is_told_once(room):
    await room.closed()
    room.drafter.errors = [GeneratorUnavailableError("The model is overloaded.")] * 40
    await room.all_due()

    assert room.platform.direct_messages == [("fay", texts.no_draft_yet(await room.now(), None))]
    assert room.platform.now_showing(room.deliberation_id).waiting
    assert (await room.now()).failure is None
    await hours_of(room, 4)

    assert (await room.now()).phase is Phase.RATING
    assert len(room.platform.direct_messages) == 1
    assert len(room.drafter.requests) == 41


async def test_a_model_that_never_answers_is_given_up_after_hours_and_every_opinion_is_kept(room):
    await room.closed()
    room.drafter.errors = [GeneratorUnavailableError("The model is overloaded.")] * 1_000
    await hours_of(room, 9)

    saved = await room.now()
    assert saved.failure == texts.mediation_failed("The model is overloaded")
    assert isinstance(room.platform.now_showing(saved.id), FailedCard)
    assert room.platform.direct_messages[1:] == [("fay", texts.gave_up(saved))]
    assert len(await room.opinions()) == 2
    assert 70 < len(room.drafter.requests) < 90


@pytest.mark.parametrize(("period", "tries"), [(timedelta(0), 1), (timedelta(minutes=10), 10)])
async def test_drafting_is_tried_again_for_as_long_as_the_team_set_and_no_longer(room, period, tries):
    await room.closed(retry_for=period)
    room.drafter.errors = [GeneratorUnavailableError("The model is overloaded.")] * 1_000
    began = room.clock.now()
    await room.all_due()
    while (await room.now()).failure is None:
        assert room.clock.now() < began + period
        await room.later((await room.now()).wait_until - room.clock.now())

    assert room.clock.now() == began + period
    assert len(room.drafter.requests) == tries
    waiting = [("fay", texts.no_draft_yet(await room.now(), None))] if period else []
    assert room.platform.direct_messages == [*waiting, ("fay", texts.gave_up(await room.now()))]
    await room.later(DAY)
    assert len(room.drafter.requests) == tries
    assert len(room.platform.direct_messages) == len(waiting) + 1


async def test_a_failure_of_another_day_leaves_drafting_all_of_its_time(room):
    await room.closed(retry_for=HOUR)
    room.drafter.errors = [GeneratorUnavailableError("The model is overloaded.")] * 1_000
    await hours_of(room, 2)
    assert (await room.now()).failure is not None

    await room.say(commands.RetryMediation(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()

    assert (await room.now()).failure is None
    assert (await room.now()).tries_until == room.clock.now() + HOUR


async def test_nobody_is_told_of_a_model_that_answers(room):
    await room.voting()
    assert room.platform.direct_messages == []


async def test_a_facilitator_who_cannot_be_written_to_holds_up_nothing(room):
    await room.closed()
    room.platform.deaf = {"fay": [PlatformError("Down.")]}
    room.drafter.errors = [GeneratorUnavailableError("Busy.")]
    await room.all_due()
    await room.later(timedelta(seconds=5))

    assert (await room.now()).phase is Phase.RATING
    assert room.platform.deaf == {"fay": []}


async def test_a_failure_is_remembered_even_where_the_question_was_never_announced(room, down):
    await room.closed()
    room.drafter.errors = [PromptRejectedError("The input is too long.")]
    room.platform.errors = [down]  # the progress card; the failure is then the first card that gets through
    await room.later(DAY)

    assert (await room.now()).failure is not None
    assert room.platform.cards() == ["FailedCard"]
    assert len(room.drafter.requests) == 1


async def test_the_facilitator_can_try_again_and_gets_other_candidates(room):
    await room.closed()
    room.drafter.errors = [PromptRejectedError("The input is too long.")]
    await room.all_due()
    await room.say(commands.RetryMediation(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()

    saved = await room.now()
    assert (saved.phase, saved.failure) == (Phase.RATING, None)
    first, second = room.drafter.requests
    assert first.seed != second.seed
    assert first.opinions == second.opinions


async def test_a_platform_that_is_down_does_not_hold_up_the_drafting(room, down):
    await room.asked(answers=("ann", "bob"))
    await room.all_due()
    room.platform.errors = [down]
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()

    assert (await room.now()).phase is Phase.RATING
    assert room.platform.errors == []
    assert isinstance(room.platform.now_showing(room.deliberation_id), StatementCard)


async def test_pages_that_are_open_see_how_far_it_is(room):
    await room.closed()

    async def a_while():
        await asyncio.sleep(0.02)

    room.drafter.meanwhile = a_while
    async with room.ports.live.subscribe(room.deliberation_id) as events:
        await room.all_due()
        seen = [await anext(events) for _ in range(3)]
    assert seen == [
        Drafting(stage="draft", done=1, total=16),
        Drafting(stage="score", done=1, total=16),
        PhaseChanged(phase=Phase.RATING),
    ]


async def test_a_late_worker_keeps_nothing_of_a_question_that_was_opened_again(room):
    await room.closed()

    async def be_overtaken():
        room.drafter.meanwhile = None
        deliberation = await room.now()
        await room.ports.deliberations.save(deliberation.failed("No draft.", room.clock.now()))
        await room.reopen()

    room.drafter.meanwhile = be_overtaken
    await room.run(Step.MEDIATE)
    assert await room.mediation() is None

    await room.answer("cem")
    await room.close()
    await room.all_due()
    assert len(room.drafter.requests[-1].opinions) == 3
    assert (await room.now()).statement == "Statement 2."


async def test_a_late_worker_keeps_nothing_after_another_closing(room):
    await room.closed()

    async def be_overtaken():
        room.drafter.meanwhile = None
        deliberation = await room.now()
        await room.ports.deliberations.save(deliberation.failed("No draft.", room.clock.now()))
        await room.reopen()
        await room.answer("cem")
        room.clock.advance(timedelta(minutes=1))
        await room.close()

    room.drafter.meanwhile = be_overtaken
    await room.run(Step.MEDIATE)

    assert len((await room.mediation()).participants) == 3
    assert (await room.now()).statement == "Statement 2."


# -- being forgotten -------------------------------------------------------------------------------


async def test_what_was_drafted_from_somebody_who_is_forgotten_meanwhile_is_drafted_again_without_them(room):
    await room.closed(answers=("ann", "bob", "cem"))

    async def forget_bob():
        await room.forget("bob")

    room.drafter.meanwhile = forget_bob
    await room.all_due()

    last = room.drafter.requests[-1]
    assert {opinion.participant for opinion in last.opinions} == {room.key("ann"), room.key("cem")}
    assert set((await room.mediation()).participants) == {room.key("ann"), room.key("cem")}
    assert (await room.now()).statement == f"Statement {len(room.drafter.requests)}."


async def test_a_statement_that_is_not_out_yet_is_given_up_when_somebody_is_forgotten(room):
    await room.closed(answers=("ann", "bob", "cem"))
    await room.run(Step.MEDIATE)
    assert (await room.now()).statement == "Statement 1."

    await room.forget("bob")
    await room.all_due()

    card = room.platform.now_showing(room.deliberation_id)
    assert isinstance(card, StatementCard)
    assert (card.statement, card.opinions) == ("Statement 2.", 2)


async def test_a_slow_worker_does_not_drop_what_another_has_published(room):
    await room.closed(answers=("ann", "bob", "cem"))

    async def be_overtaken():
        room.drafter.meanwhile = None
        await room.run(Step.MEDIATE, Step.PUBLISH)
        await room.forget("bob")

    room.drafter.meanwhile = be_overtaken
    await room.run(Step.MEDIATE)

    assert (await room.now()).phase is Phase.RATING
    assert (await room.mediation()).statement == (await room.now()).statement
    await room.later(DAY)
    assert (await room.now()).recorded


async def test_a_worker_that_dies_before_erasing_the_forgotten_leaves_it_to_the_next(room):
    await room.closed(answers=("ann", "bob", "cem"))
    kept = await room.drafter.mediate(await the_request(room), lambda progress: None)
    await room.forget("bob")
    await room.ports.mediations.keep_mediation(room.deliberation_id, 1, kept)

    await room.all_due()

    assert room.key("bob") not in (await room.mediation()).participants


async def test_a_question_whose_members_were_forgotten_before_the_statement_is_out_ends_without_one(room):
    await room.closed()
    await room.run(Step.MEDIATE)
    await room.forget("ann")
    await room.forget("bob")
    await room.all_due()

    assert (await room.now()).phase is Phase.CANCELLED
    assert "StatementCard" not in room.platform.cards()


async def test_whoever_is_forgotten_while_the_vote_is_settled_is_not_in_the_feedback(room):
    await room.voting()
    for user in ("ann", "bob"):
        await room.rate(user, 6)

    class ForgetsMeanwhile(type(room.ports.feedback)):
        async def append(self, records):
            await room.forget("bob")
            await super().append(records)

    settling = room.broken(feedback=ForgetsMeanwhile())
    await settling.later(DAY)

    assert [record.participant for record in await settling.feedback()] == [room.key("ann")]


# -- publishing, settling, purging -----------------------------------------------------------------


async def test_the_statement_is_put_in_place_of_the_question(room):
    await room.asked(answers=("ann", "bob"))
    await room.all_due()
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()

    (shown,) = room.platform.shown.values()
    assert isinstance(shown[-1], StatementCard)
    assert shown[-1].statement == "Statement 1."
    assert (await room.now()).rating_closes_at == room.clock.now() + DAY


async def test_a_worker_that_dies_between_publishing_and_saving_publishes_the_same_again(room):
    await room.closed()
    await room.run(Step.MEDIATE)

    class DiesWhileSaving(type(room.ports.deliberations)):
        async def save(self, deliberation, **needed):
            if deliberation.phase is Phase.RATING:
                raise asyncio.CancelledError
            return await super().save(deliberation, **needed)

    dying = DiesWhileSaving(None)
    dying.__dict__ = room.ports.deliberations.__dict__
    with pytest.raises(asyncio.CancelledError):
        await room.broken(deliberations=dying).run(Step.PUBLISH)
    await room.all_due()

    (shown,) = room.platform.shown.values()
    assert {card.statement for card in shown if isinstance(card, StatementCard)} == {"Statement 1."}
    assert (await room.now()).phase is Phase.RATING


async def test_settling_shows_the_result_and_keeps_each_rating_once_for_learning(room):
    await room.voting()
    await room.rate("ann", 7)
    await room.rate("bob", 6)
    for user in ("cem", "dee", "eve"):  # who gave no opinion, and so were never asked about learning
        await room.rate(user, 2)
    await room.later(DAY)
    await room.run(Step.SETTLE, Step.SETTLE)

    saved = await room.now()
    assert (saved.phase, saved.recorded) == (Phase.SETTLED, True)
    card = room.platform.now_showing(saved.id)
    assert isinstance(card, ResultCard)
    assert (card.tally.agree, card.tally.disagree) == (2, 3)
    assert saved.outcome == card.tally
    records = {record.participant: record for record in await room.feedback()}
    assert set(records) == {room.key("ann"), room.key("bob")}
    assert (records[room.key("ann")].agreement, records[room.key("ann")].predicted_reward) == (7, 5.0)


async def test_a_vote_that_a_person_closed_is_settled_all_the_same(room):
    await room.voting()
    await room.rate("ann", 7)
    await room.say(commands.CloseRating(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()

    assert (await room.now()).recorded
    assert len(await room.feedback()) == 1


async def test_a_cancelled_question_says_so_and_teaches_nothing(room):
    await room.voting()
    await room.rate("ann", 7)
    await room.say(commands.Cancel(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()

    assert isinstance(room.platform.now_showing(room.deliberation_id), CancelledCard)
    assert await room.feedback() == []


async def test_after_the_retention_nothing_is_left(room):
    await room.voting()
    await room.rate("ann", 7)
    await room.later(DAY)
    await room.later(timedelta(days=89, hours=23))
    assert await room.opinions()

    await room.later(HOUR)

    with pytest.raises(UnknownDeliberationError):
        await room.now()
    assert (await room.opinions(), await room.mediation(), await room.feedback()) == (set(), None, [])


# -- every step again ------------------------------------------------------------------------------


async def test_every_step_taken_twice_in_a_row_leaves_the_same_state(room):
    await room.asked(opens_in=HOUR, closes_in=DAY, reminder_before=HOUR)
    story = [
        (HOUR, [Step.OPEN, Step.ANNOUNCE]),
        (DAY - 2 * HOUR, [Step.REMIND]),
        (HOUR, [Step.CLOSE, Step.MEDIATE, Step.PUBLISH]),
        (DAY - HOUR, [Step.REMIND_TO_RATE]),
        (HOUR, [Step.SETTLE]),
    ]
    for wait, steps in story:
        room.clock.advance(wait)
        for step in steps:
            await room.run(step)
            once = await state(room)
            await room.run(step)
            assert await state(room) == once, step
        if Step.ANNOUNCE in steps:
            await room.answer("ann")
            await room.answer("bob")
        if Step.PUBLISH in steps:
            await room.rate("ann", 6)
    assert (await room.now()).phase is Phase.SETTLED


async def state(room):
    shown = [[*cards] for cards in room.platform.shown.values()]
    return await room.now(), shown, list(room.platform.direct_messages), await room.feedback()


async def test_a_stale_job_of_any_step_does_no_harm_in_any_phase(room):
    await room.asked(opens_in=HOUR, closes_in=DAY)
    phases = [(await room.now()).phase]
    waits = [timedelta(0), HOUR, DAY - HOUR, DAY]
    for wait in waits:
        room.clock.advance(wait)
        await room.all_due()
        before = await state(room)
        # To refresh is to show the same once more.
        for step in set(Step) - {Step.REFRESH}:
            await room.run(step)
        assert await state(room) == before
        if before[0].phase is Phase.OPINIONS:
            await room.answer("ann")
            await room.answer("bob")
        phases.append(before[0].phase)
    assert [b for a, b in pairwise(phases) if a is not b] == [Phase.OPINIONS, Phase.RATING, Phase.SETTLED]


async def test_a_job_of_a_question_that_is_gone_does_no_harm(room):
    room.deliberation_id = "gone"
    await room.run(*Step)


# -- the quorum ------------------------------------------------------------------------------------


async def test_a_quorum_that_nobody_could_close_at_is_found_within_a_minute(room):
    await room.asked(quorum=2, answers=("ann",))
    # What is left when a process dies between keeping the last opinion and closing.
    asked = await room.now()
    await room.ports.contributions.put_opinion(
        asked.id, Opinion(participant="bob", text="Ban them.", given_at=room.clock.now())
    )
    await room.all_due()
    assert (await room.now()).phase is Phase.OPINIONS

    await room.later(timedelta(minutes=1))

    assert (await room.now()).phase is Phase.RATING


async def test_counting_before_the_quorum_leaves_the_question_open(room):
    await room.asked(quorum=3, answers=("ann", "bob"))

    for _ in range(3):
        await room.later(timedelta(minutes=1))

    assert (await room.now()).phase is Phase.OPINIONS


async def test_counting_does_not_hurry_a_channel_that_cannot_be_reached(room):
    room.platform.errors = [PlatformError("The channel is gone.")] * 1_000
    await room.asked(quorum=5, answers=("ann",))

    for _ in range(60):
        await room.later(timedelta(minutes=1))

    assert 1_000 - len(room.platform.errors) < 30
