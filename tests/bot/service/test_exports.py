"""What may be exported of a question, when, and what it says of whom. The laws are in `tests/promises`."""

import csv
import io
import json

import pytest

from bot.domain import commands
from bot.domain.deliberation import Phase
from bot.domain.ratings import RatingBy
from bot.service import queries
from bot.service.exports import as_csv
from bot.wording.export_lines import FEW_OPINIONS, NOT_CLOSED, PREDICTIONS, SOMEBODY_LEFT, VOTE_RUNS
from engine.types import (
    BestOpinion,
    Candidate,
    Mediation,
    ModelsUsed,
    OpenPoint,
    OpinionGroup,
    Timings,
    WelfareFunction,
)

THREE = ("ann", "bob", "cem")


async def exported(room, deliberation):
    """The JSON file that whoever asked gets."""
    return json.loads(await queries.export(room.person("fay"), deliberation.id, room.ports))


async def rows(room, deliberation):
    """The rows of the CSV file."""
    table = await queries.export(room.person("fay"), deliberation.id, room.ports, write=as_csv)
    return list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))


async def voted(room, *users, **terms):
    """A settled question that these people rated, each on both scales, after taking a position."""
    deliberation = await room.asked(position_statement="Plastics are bad.", ask_quality=True, **terms)
    for user in users:
        now = room.clock.now()
        await room.say(commands.RateBaseline(room.person(user), deliberation.id, 3, at=now))
        await room.say(room.giving(deliberation, user, text=f"{user}'s own."))
    await room.say(commands.CloseOpinions(room.person("fay"), deliberation.id))
    closed = await room.saved(deliberation)
    chosen = await room.ports.deliberations.save(closed.chosen("Let us reuse."))
    await room.ports.deliberations.save(chosen.published(room.clock.now()))
    for value, user in enumerate(users, 5):
        rating = room.rating(deliberation, value, user)
        await room.say(
            commands.CastRating(rating.actor, deliberation.id, value, rating.at, quality=8 - value)
        )
    await room.say(commands.CloseRating(room.person("fay"), deliberation.id))
    return await room.saved(deliberation)


async def test_private_lists_are_values_alone_lowest_first(room):
    deliberation = await voted(room, *THREE)
    data = await exported(room, deliberation)
    (round_,) = data["rounds"]
    assert data["baselines"] == [{"value": 3}] * 3
    assert round_["ratings"] == [{"value": 5}, {"value": 6}, {"value": 7}]
    assert round_["quality"] == [{"value": 1}, {"value": 2}, {"value": 3}]
    assert data["held_back"] == []


async def test_each_row_of_an_anonymous_table_holds_one_thing_that_somebody_gave(room):
    deliberation = await voted(room, *THREE)
    given = ("opinion", "rating", "quality", "baseline")
    filled = [[name for name in given if row[name]] for row in await rows(room, deliberation)]
    assert sorted(filled) == sorted([[name] for name in given] * 3)


async def test_reactions_are_exported_by_participant_and_the_rest_is_not(room):
    deliberation = await voted(room, *THREE, anonymous=False, rating_by=RatingBy.REACTIONS)
    data = await exported(room, deliberation)
    (round_,) = data["rounds"]
    of = {each["participant"]: each["value"] for each in round_["ratings"]}
    assert of == {room.key(user, deliberation): value for value, user in enumerate(THREE, 5)}
    assert data["baselines"] == [{"value": 3}] * 3
    table = {
        row["name"]: (row["rating"], row["quality"]) for row in await rows(room, deliberation) if row["name"]
    }
    assert set(table.values()) == {("5", ""), ("6", ""), ("7", "")}


@pytest.mark.parametrize(("users", "told"), [(THREE, True), (THREE[:2], False)], ids=["three", "two"])
async def test_fewer_than_three_opinions_are_held_back(room, users, told):
    deliberation = await room.asked()
    await room.answered(deliberation, *users)
    assert (await exported(room, deliberation))["held_back"] == [NOT_CLOSED, VOTE_RUNS]
    await room.say(commands.CloseOpinions(room.person("fay"), deliberation.id))
    # Where drafting fails, it may be opened again.
    assert (await exported(room, deliberation))["held_back"] == [NOT_CLOSED, VOTE_RUNS]
    await room.say(commands.Cancel(room.person("fay"), deliberation.id))
    data = await exported(room, deliberation)
    assert len(data["opinions"]) == (3 if told else 0)
    assert (FEW_OPINIONS.format(fewest=3) in data["held_back"]) is not told


async def test_whoever_leaves_after_the_end_is_not_told_by_what_is_missing(room):
    deliberation = await room.asked()
    await room.answered(deliberation, *THREE)
    await room.say(commands.CloseOpinions(room.person("fay"), deliberation.id))
    await room.say(commands.Cancel(room.person("fay"), deliberation.id))
    assert len((await exported(room, deliberation))["opinions"]) == 3
    await room.say(commands.ForgetMe(room.person("ann"), room.clock.now()))
    data = await exported(room, deliberation)
    assert (data["opinions"], data["held_back"]) == ([], [SOMEBODY_LEFT])


async def test_whoever_gave_nothing_can_leave_without_a_trace(room):
    deliberation = await voted(room, *THREE)
    before = await exported(room, deliberation)
    await room.say(commands.ForgetMe(room.person("dan"), room.clock.now()))
    assert await exported(room, deliberation) == before


async def test_named_opinions_stay_in_the_export_when_somebody_leaves(room):
    deliberation = await voted(room, *THREE, anonymous=False, rating_by=RatingBy.BUTTONS)
    assert deliberation.phase is Phase.SETTLED
    await room.say(commands.ForgetMe(room.person("ann"), room.clock.now()))
    data = await exported(room, deliberation)
    assert {opinion["name"].split()[0] for opinion in data["opinions"]} == {"bob", "cem"}
    assert (data["rounds"][0]["ratings"], data["baselines"]) == ([], [])


async def test_who_wrote_what_is_for_those_who_run_a_named_question(room):
    named = await room.drafting(key="named", anonymous=False)
    anonymous = await room.drafting(key="anonymous")
    fay, ann, ada = room.person("fay"), room.person("ann"), room.person("ada", admin=True)
    for steward in (fay, ada):
        shown = await queries.opinions_by_name(steward, named, room.ports)
        assert [opinion.signed.split()[0] for opinion in shown] == ["ann", "bob"]
        assert await queries.opinions_by_name(steward, anonymous, room.ports) == ()
    assert await queries.opinions_by_name(ann, named, room.ports) == ()


def foretold(participants):
    """A mediation with a prediction for each of them, and a best opinion."""
    rewards = tuple(2.0 + at for at in range(len(participants)))
    return Mediation(
        question="Ban plastics?",
        seed=1,
        statement="Let us reuse.",
        winner=0,
        welfare_function=WelfareFunction(),
        participants=tuple(participants),
        candidates=(Candidate(text="Let us reuse.", source="s", seed=1, rewards=rewards, welfare=3.0),),
        groups=(
            OpinionGroup(participants=tuple(participants), size=len(participants), welfare=3.0, agree=1),
        ),
        left_out=(participants[0],),
        leaves_open=(OpenPoint(text="a deposit", asked_by=tuple(participants[:2])),),
        best_opinion=BestOpinion(participant=participants[1], rewards=rewards, welfare=3.5, scored=3),
        models=ModelsUsed(generator="g", reward="r", prompt="p"),
        timings_s=Timings(draft=1, score=1, total=2),
        model_used=True,
    )


@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
async def test_predictions_come_with_the_export_once_the_vote_is_over(room, anonymous):
    deliberation = await room.asked(anonymous=anonymous)
    keys = [room.ports.pseudonyms.of(deliberation, user) for user in THREE]
    for user in THREE:
        await room.say(room.giving(deliberation, user, text=f"{user}'s own."))
    await room.say(commands.CloseOpinions(room.person("fay"), deliberation.id))
    await room.ports.mediations.keep_mediation(deliberation.id, 1, foretold(keys))
    chosen = await room.ports.deliberations.save((await room.saved(deliberation)).chosen("Let us reuse."))
    await room.ports.deliberations.save(chosen.published(room.clock.now()))
    voting = await exported(room, deliberation)
    predicted = [row["predicted_reward"] for row in await rows(room, deliberation)]
    await room.say(commands.CloseRating(room.person("fay"), deliberation.id))
    (over,) = (await exported(room, deliberation))["rounds"]

    told = json.dumps(voting["rounds"])
    assert '"rewards": []' in told
    assert '"welfare":' not in told
    assert '"best_opinion": null' in told
    assert voting["rounds"][0]["mediation"].get("groups", []) == []
    assert voting["rounds"][0]["mediation"].get("left_out", []) == []
    assert not any(predicted)
    assert PREDICTIONS in voting["held_back"]
    assert over["mediation"]["candidates"][0]["rewards"] == [2.0, 3.0, 4.0]
    assert over["mediation"]["best_opinion"]["welfare"] == 3.5
    for mediation in (voting["rounds"][0]["mediation"], over["mediation"]):
        (point,) = mediation["leaves_open"]
        assert point["text"] == "a deposit"
        assert (point["asked_by"] == 2) == anonymous
    assert ("groups" in over["mediation"], "left_out" in over["mediation"]) == (not anonymous, not anonymous)


@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
async def test_what_was_drafted_comes_with_the_export_once_the_statement_is_out(room, anonymous):
    deliberation = await room.asked(anonymous=anonymous)
    await room.answered(deliberation, *THREE)
    await room.say(commands.CloseOpinions(room.person("fay"), deliberation.id))
    keys = [room.key(user, deliberation) for user in THREE]
    await room.ports.mediations.keep_mediation(deliberation.id, 1, foretold(keys))
    drafting = await exported(room, deliberation)
    table = await rows(room, deliberation)
    chosen = await room.ports.deliberations.save((await room.saved(deliberation)).chosen("Let us reuse."))
    unpublished = await exported(room, deliberation)
    await room.ports.deliberations.save(chosen.published(room.clock.now()))
    out = await exported(room, deliberation)

    for told in (drafting, unpublished):
        assert told["rounds"][0]["mediation"] is None
        assert told["deliberation"]["statement"] is None
    assert not any(row["statement"] for row in table)
    assert out["rounds"][0]["mediation"]["candidates"][0]["text"] == "Let us reuse."
    assert out["deliberation"]["statement"] == "Let us reuse."


async def test_once_somebody_left_nothing_tells_whether_the_best_opinion_was_theirs(room):
    deliberation = await room.asked()
    keys = [room.ports.pseudonyms.of(deliberation, user) for user in THREE]
    for user in THREE:
        await room.say(room.giving(deliberation, user, text=f"{user}'s own."))
    await room.say(commands.CloseOpinions(room.person("fay"), deliberation.id))
    await room.ports.mediations.keep_mediation(deliberation.id, 1, foretold(keys))
    chosen = await room.ports.deliberations.save((await room.saved(deliberation)).chosen("Let us reuse."))
    await room.ports.deliberations.save(chosen.published(room.clock.now()))
    await room.say(commands.CloseRating(room.person("fay"), deliberation.id))
    await room.say(commands.ForgetMe(room.person("cem"), room.clock.now()))

    (round_,) = (await exported(room, deliberation))["rounds"]
    assert round_["mediation"]["best_opinion"] is None
