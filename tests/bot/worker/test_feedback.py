"""What a settled deliberation leaves to learn from."""

from datetime import timedelta

import pytest

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Reason, Step
from bot.domain.ratings import RatingBy
from bot.domain.study import RatedStatement, Study
from bot.worker.feedback import critiques
from engine.drafting.digest.drafter import DigestGenerator
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from engine.types import Arm, ModelsUsed, OpinionGroup

DAY = timedelta(days=1)
POSITION = "Plastics should be banned."


async def records_of(room):
    return {record.participant: record for record in await room.feedback()}


async def test_a_record_says_everything_that_was_asked(room):
    await room.asked(position_statement=POSITION, ask_quality=True, answers=("ann", "bob"))
    ann = Actor("T1", "ann")
    await room.say(commands.RateBaseline(ann, room.deliberation_id, 2, room.clock.now()))
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    await room.say(commands.CastRating(ann, room.deliberation_id, 6, room.clock.now(), quality=3))
    await room.rate("bob", 1)
    await room.later(DAY)
    records = await records_of(room)
    of_ann, of_bob = records[room.key("ann")], records[room.key("bob")]
    assert (of_ann.position_statement, of_ann.baseline) == (POSITION, 2)
    assert (of_ann.agreement, of_ann.quality, of_ann.predicted_reward) == (6, 3, 5.0)
    assert (of_ann.arm, of_ann.statement_id, of_ann.study) == (Arm.CHOSEN, "chosen", None)
    assert (of_ann.statement, of_ann.group) == ("Statement 1.", room.deliberation_id)
    assert (of_ann.generator, of_ann.reward_model, of_ann.prompt) == ("drafter", "drafter", "none")
    assert of_ann.settled_at == (await room.now()).ended_at
    assert (of_bob.baseline, of_bob.quality, of_bob.agreement) == (None, None, 1)


@pytest.mark.parametrize("consent", [False, None], ids=["no", "silence"])
async def test_only_those_who_agreed_are_in_the_log(room, consent):
    await room.asked(answers=("bob",))
    await room.answer("ann", "Keep them.", consent=consent)
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    for user, value in (("ann", 7), ("bob", 3), ("cem", 5), ("dee", 5)):  # cem and dee were never asked
        await room.rate(user, value)
    await room.later(DAY)
    records = await records_of(room)
    assert set(records) == {room.key("bob")}
    assert records[room.key("bob")].consent
    assert "Keep them." not in str(records)


@pytest.mark.parametrize(
    ("agree", "refuse", "do_not_rate", "records", "baseline"),
    [(3, 0, 0, 3, 2), (2, 1, 0, 0, None), (1, 2, 0, 0, None), (1, 3, 0, 1, 2), (3, 0, 1, 3, None)],
)
async def test_what_is_left_over_of_private_values_is_never_that_of_one_or_two_others(
    room, agree, refuse, do_not_rate, records, baseline
):
    await room.asked(answers=(), position_statement=POSITION)
    people = [f"p{number}" for number in range(agree + refuse + do_not_rate)]
    for number, user in enumerate(people):
        await room.answer(user, f"Opinion {number}.", consent=number < agree)
        said = commands.RateBaseline(Actor("T1", user), room.deliberation_id, 2, room.clock.now())
        await room.say(said)
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    for user in people[: agree + refuse]:
        await room.rate(user, 6)
    await room.later(DAY)
    assert [record.baseline for record in await room.feedback()] == [baseline] * records


@pytest.mark.parametrize(
    ("yes", "no", "without_opinion", "told"),
    [(3, 0, 0, 3), (2, 1, 0, 0), (1, 1, 0, 1), (1, 3, 0, 1), (2, 0, 1, 0)],
)
async def test_reasons_are_learnt_from_by_consent_and_where_others_can_hide(
    room, yes, no, without_opinion, told
):
    await room.asked()
    people = [f"p{number}" for number in range(yes + no + without_opinion)]
    now = room.clock.now()
    reasons = [
        Reason(participant=each, text=f"{each} says why.", given_at=now, consent=not yes <= number < yes + no)
        for number, each in enumerate(people)
    ]
    learnt = set(people[: yes + no])
    found = critiques(reasons, learnt, await room.now())
    assert found == {each: f"{each} says why." for each in people[:told]}


async def test_a_team_that_begins_to_learn_reaches_nothing_that_was_given_before(room):
    await room.asked(keep=False)
    await room.answer("ann", "Keep them.")
    ada, team = Actor("T1", "ada", admin=True), await room.ports.teams.team("T1")
    await room.say(commands.ChangeTeam(ada, team.model_copy(update={"keep_feedback": True})))
    await room.answer("bob")
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    for user in ("ann", "bob"):
        await room.rate(user, 6)
    await room.later(DAY)
    assert set(await records_of(room)) == {room.key("bob")}


@pytest.mark.parametrize("consent", [True, False])
@pytest.mark.parametrize(
    ("own", "others"),
    [
        ("I run the harbour kiosk and would lose my living.", "We should ban plastics. They harm the sea."),
        ("我经营港口的小店会失去生计。", "我们应该禁止塑料。它们危害海洋。"),
    ],
    ids=["english", "without-spaces"],
)
async def test_a_statement_that_repeats_an_opinion_is_learnt_from_only_if_its_author_lets_us(
    room, own, others, consent
):
    room.drafter = Mediator(DigestGenerator(), LexicalRewardModel(), minimum_usable=1)
    await room.asked(answers=())
    for user, text, agrees in (("bob", others, True), ("cem", own, consent)):
        await room.say(
            commands.GiveOpinion(
                Actor("T1", user), room.deliberation_id, text, room.clock.now(), consent=agrees
            )
        )
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    assert own.rstrip(".。") in (await room.mediation()).statement
    await room.rate("bob", 3)
    await room.later(DAY)

    assert len(await room.feedback()) == consent


@pytest.mark.parametrize("consent", [True, False])
async def test_a_point_without_its_yes_is_still_its_authors(room, consent):
    room.drafter = Mediator(DigestGenerator(), LexicalRewardModel(), minimum_usable=1)
    await room.asked(answers=())
    own = "Yes, I run the harbour kiosk and would lose my living."
    for user, text, agrees in (("bob", "Cups harm the sea. Bags do too.", True), ("cem", own, consent)):
        said = commands.GiveOpinion(
            Actor("T1", user), room.deliberation_id, text, room.clock.now(), consent=agrees
        )
        await room.say(said)
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    assert "“I run the harbour kiosk" in (await room.mediation()).statement
    await room.rate("bob", 3)
    await room.later(DAY)

    assert len(await room.feedback()) == consent


async def test_a_team_that_has_not_opted_in_leaves_nothing(room):
    await room.voting()
    await room.rate("ann", 7)
    ada = Actor("T1", "ada", admin=True)
    team = await room.ports.teams.team("T1")
    await room.say(commands.ChangeTeam(ada, team.model_copy(update={"keep_feedback": False})))
    await room.later(DAY)
    assert (await room.now()).recorded
    assert await room.feedback() == []


async def test_a_no_to_learning_while_the_vote_is_settled_is_heard(room):
    await room.voting()
    for user in ("ann", "bob"):
        await room.rate(user, 7)
    room.clock.advance(DAY)

    class SaysNoMeanwhile(type(room.ports.feedback)):
        said = False

        async def append(self, records):
            if not self.said:
                self.said = True
                await settling.say(commands.StopLearning(Actor("T1", "ann")))
            await super().append(records)

    settling = room.broken(feedback=SaysNoMeanwhile())
    await settling.run(Step.REMIND_TO_RATE, Step.SETTLE)

    records = await records_of(settling)
    assert set(records) == {room.key("bob")}


async def test_a_study_leaves_a_record_for_each_statement_that_was_rated(room):
    study = Study(id="s1", group="g7", arms=(Arm.ZERO_SHOT, Arm.LEAVE_ONE_OUT, Arm.BEST_OPINION), seed=1)
    await room.closed(study=study, answers=("ann", "bob", "cem"))
    await room.say(commands.StopLearning(Actor("T1", "cem")))
    ann, bob = room.key("ann"), room.key("bob")
    models = ModelsUsed(generator="g", reward="r", prompt="p")
    statements = [
        RatedStatement(id="a", arm=Arm.ZERO_SHOT, text="A.", rewards={ann: 5.5, bob: 4.0}, models=models),
        RatedStatement(
            id="b",
            arm=Arm.LEAVE_ONE_OUT,
            text="B.",
            rewards={ann: 3.5, bob: 4.0},
            left_out=ann,
            models=models,
        ),
        RatedStatement(
            id="c", arm=Arm.BEST_OPINION, text="C.", author=bob, rewards={ann: 2.0}, models=models
        ),
        RatedStatement(id="d", arm=Arm.BEST_OPINION, text="D.", author=room.key("cem"), models=models),
    ]
    await room.ports.mediations.keep_statements(room.deliberation_id, 1, statements)
    await room.all_due()
    for user in ("ann", "bob"):
        for number, id_ in enumerate("abcd", 1):
            command = commands.CastRating(
                Actor("T1", user), room.deliberation_id, number, room.clock.now(), statement_id=id_
            )
            await room.say(command)
    await room.later(DAY)
    found = {(r.statement_id, r.participant): r for r in await room.feedback()}
    assert len(found) == 6
    assert {(r.study, r.group) for r in found.values()} == {("s1", "g7")}
    assert [(found[id_, ann].arm, found[id_, ann].agreement) for id_ in "abc"] == [
        (Arm.ZERO_SHOT, 1),
        (Arm.LEAVE_ONE_OUT, 2),
        (Arm.BEST_OPINION, 3),
    ]
    assert [found[id_, ann].included for id_ in "abc"] == [True, False, True]
    assert [found[id_, ann].predicted_reward for id_ in "abc"] == [5.5, 3.5, 2.0]
    assert found["c", bob].predicted_reward is None


# -- opinion groups --------------------------------------------------------------------------------

EIGHT = ("ann", "bob", "cem", "dan", "eva", "fay", "gus", "hal")
CAMPS = (EIGHT[:5], EIGHT[5:])


async def settled_with_groups(room, **terms):
    """Eight who may be learnt from have answered, in two groups, and rated."""
    mediate = room.drafter.mediate

    async def with_groups(request, on_progress):
        groups = [
            OpinionGroup(
                participants=tuple(room.key(who) for who in camp),
                size=len(camp),
                welfare=5.0,
                agree=len(camp),
                points=tuple((float(at), float(number)) for at in range(len(camp))),
            )
            for number, camp in enumerate(CAMPS, 1)
        ]
        return (await mediate(request, on_progress)).model_copy(update={"groups": tuple(groups)})

    room.drafter.mediate = with_groups
    await room.voting(answers=EIGHT, rating_by=RatingBy.BUTTONS, **terms)
    for who in EIGHT:
        await room.rate(who, 5)


@pytest.mark.parametrize("anonymous", [True, False])
async def test_a_record_has_the_raters_group_and_in_an_anonymous_question_no_place_of_their_own(
    room, anonymous
):
    await settled_with_groups(room, anonymous=anonymous)
    await room.later(DAY)
    records = await records_of(room)

    found = {who: records[room.key(who)] for who in EIGHT}
    for group, camp in enumerate(CAMPS, 1):
        middle = (len(camp) - 1) / 2
        for at, who in enumerate(camp):
            told = (found[who].opinion_group, found[who].map_x, found[who].map_y)
            assert told == (group, middle if anonymous else at, group)


async def test_what_somebody_who_left_an_anonymous_question_would_change_is_in_no_record(room):
    await settled_with_groups(room)
    await room.forget("gus")
    await room.later(DAY)

    told = {(each.opinion_group, each.map_x) for each in await room.feedback()}
    assert told == {(None, None)}
