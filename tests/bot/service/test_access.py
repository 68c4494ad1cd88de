"""Who sees a channel sees its questions: what is asked of the platform, what proves it, what is whose own."""

from datetime import timedelta

import pytest

from bot.chat import recording_outcome
from bot.chat.steering import Word
from bot.domain import commands
from bot.domain.actors import NOT_IN_CHANNEL, Actor
from bot.domain.deliberation import Phase
from bot.domain.errors import UnknownDeliberationError
from bot.domain.points import Side
from bot.domain.rounds import Preference
from bot.service import access, queries
from bot.service.participation import participation
from bot.wording import texts
from bot.wording.language import PSEUDO, reading
from tests.messages import untranslated

UNKNOWN = str(UnknownDeliberationError())
HOUR = timedelta(hours=1)


@pytest.fixture
def secret(room):
    """C1 is a channel that fay, ann and bob see."""
    room.ports.platforms["web"].private["C1"] = {"fay", "ann", "bob"}
    return room


def everything(room, deliberation, actor):
    """Every command on a question that is not about what is one's own already."""
    id_, now = deliberation.id, room.clock.now()
    return [
        commands.GiveOpinion(actor, id_, "Ban them.", now),
        commands.WithdrawOpinion(actor, id_, now),
        commands.RateBaseline(actor, id_, 4, now),
        commands.CastRating(actor, id_, 4, now),
        commands.WithdrawRating(actor, id_, now),
        commands.CloseOpinions(actor, id_),
        commands.CloseRating(actor, id_),
        commands.KeepStatement(actor, id_),
        commands.Revise(actor, id_, round=1),
        commands.Compare(actor, id_, Preference.REVISED, now),
        commands.EndStudyVote(actor, id_),
        commands.RetryMediation(actor, id_),
        commands.Extend(actor, id_, now + HOUR),
        commands.Reopen(actor, id_, now + HOUR),
        commands.ChangeQuestion(actor, id_, "Ban plastic bags?"),
        commands.RemindNow(actor, id_),
        commands.GiveReason(actor, id_, "Too dear.", now),
        commands.WithdrawReason(actor, id_, now),
        commands.VoteOnPoint(actor, id_, "p1", Side.AGREE, now),
        commands.AddPoint(actor, id_, "Tax them.", now),
        commands.MarkPointSpam(actor, id_, "p1", now),
        commands.HidePoint(actor, id_, "p1"),
        commands.ShowPoint(actor, id_, "p1"),
        commands.Cancel(actor, id_),
        commands.ChangeResultLink(actor, id_, "another"),
        commands.RecordOutcome(actor, id_, now, decided="No bags from May on."),
    ]


@pytest.mark.parametrize("phase", ["open", "voting"])
async def test_every_command_of_somebody_who_does_not_see_it_finds_no_question(secret, phase):
    deliberation = await (secret.asked() if phase == "open" else secret.voting())
    for actor in (secret.person("eve"), secret.person("ada", admin=True)):
        for command in everything(secret, deliberation, actor):
            reply = await secret.say(command)
            assert (reply.ok, reply.text) == (False, UNKNOWN), command
    assert await secret.saved(deliberation) == deliberation


async def test_every_command_is_tried_here(secret):
    tried = {type(each) for each in everything(secret, await secret.asked(), secret.person("eve"))}
    known = {each for each in vars(commands).values() if isinstance(each, type)}
    assert tried == {each for each in known if issubclass(each, commands.OnDeliberation)} - {
        commands.OnDeliberation,
        commands.OfMember,
    }


async def test_nothing_is_read_by_somebody_who_does_not_see_it(secret):
    deliberation = await secret.settled(anonymous=False)
    for actor in (secret.person("eve"), secret.person("ada", admin=True)):
        for query in (queries.results, queries.export, queries.to_rate, participation):
            with pytest.raises(UnknownDeliberationError):
                await query(actor, deliberation.id, secret.ports)
        assert not await queries.opinions_by_name(actor, deliberation, secret.ports)
        assert not await queries.reasons(actor, deliberation, secret.ports)
        found = await queries.listed(actor, secret.ports, platform="web", channel="C1", running=False)
        assert found == []


async def test_an_overview_leaves_out_what_somebody_does_not_see_and_did_not_ask(secret):
    running, over = await secret.asked(), await secret.settled(key="later")
    ada, fay = secret.person("ada", admin=True), secret.person("fay")
    secret.ports.platforms["web"].private["C1"] = {"ann"}

    async def shown(actor):
        return [d.id for d in await queries.overview(actor, secret.ports, platform="web")]

    assert await shown(ada) == []
    # Who asked may steer it from anywhere. What runs comes first.
    assert await shown(fay) == await shown(secret.person("ann")) == [running.id, over.id]
    secret.ports.platforms["web"].private["C1"].add("ada")
    assert len(await shown(ada)) == 2


async def test_whoever_acts_in_the_channel_sees_it_whatever_the_platform_says(secret):
    deliberation = await secret.asked()
    secret.ports.platforms["web"].silent = True
    inside, elsewhere = secret.person("eve", channel="C1"), secret.person("eve", channel="C2")
    assert not (await secret.say(secret.giving(deliberation, "eve", channel="C2"))).ok
    assert await access.sees(inside, "web", "C1", secret.ports)
    assert not await access.sees(elsewhere, "web", "C1", secret.ports)
    assert (await secret.say(secret.giving(deliberation, "eve", channel="C1"))).ok


async def test_whoever_sees_a_question_and_is_not_in_its_channel_learns_who_takes_part(secret):
    deliberation = await secret.asked(position_statement="Plastics are bad.")
    before = await secret.saved(deliberation)
    eve, now = secret.person("eve", member=False, channel="C1"), secret.clock.now()
    for command in (
        commands.GiveOpinion(eve, deliberation.id, "Ban them.", now),
        commands.RateBaseline(eve, deliberation.id, 4, now),
        commands.CastRating(eve, deliberation.id, 4, now),
    ):
        reply = await secret.say(command)
        assert (reply.ok, reply.text) == (False, NOT_IN_CHANNEL), command
    assert await secret.saved(deliberation) == before
    assert not await secret.ports.contributions.opinions(deliberation.id)
    assert not await secret.ports.contributions.baselines(deliberation.id)


async def test_whoever_is_not_in_a_channel_and_does_not_act_there_finds_no_question(secret):
    deliberation = await secret.voting()
    for command in everything(secret, deliberation, secret.person("eve", member=False, channel="C2")):
        assert (await secret.say(command)).text == UNKNOWN, command


async def test_in_doubt_it_is_closed_to_members_too(secret):
    deliberation = await secret.asked()
    secret.ports.platforms["web"].silent = True
    reply = await secret.say(secret.giving(deliberation, "ann"))
    assert (reply.ok, reply.text) == (False, UNKNOWN)


async def test_on_a_platform_that_is_not_switched_on_nobody_sees_anything(secret):
    await secret.asked()
    assert not await access.sees(secret.person("fay"), "elsewhere", "C1", secret.ports)


# -- whoever asked -------------------------------------------------------------------------------


async def test_whoever_asked_steers_from_outside_and_reads_nothing_that_was_given(secret):
    deliberation = await secret.asked(anonymous=False)
    await secret.answered(deliberation, "ann", "bob")
    secret.ports.platforms["web"].private["C1"].remove("fay")
    fay = secret.person("fay")
    with pytest.raises(UnknownDeliberationError):
        await queries.export(fay, deliberation.id, secret.ports)
    assert not await queries.opinions_by_name(fay, deliberation, secret.ports)
    assert await access.load_steered(fay, deliberation.id, secret.ports) == await secret.saved(deliberation)
    assert (await secret.say(commands.Cancel(fay, deliberation.id))).ok
    assert (await secret.saved(deliberation)).phase is Phase.CANCELLED


async def test_whoever_asked_reads_no_decision_from_outside_and_may_record_the_first(secret):
    over, fay, ada = await secret.settled(), secret.person("fay"), secret.person("ada", admin=True)
    private, typed = secret.ports.platforms["web"].private["C1"], {"decided": "No bags from May on."}
    private.remove("fay")
    now, said = secret.clock.now(), {"at": secret.clock.now(), "zone": "UTC"}
    word = Word("w1", fay, "web", "C1", chosen=over.id)
    assert (await recording_outcome.opened(fay, over.id, secret.ports)).decision is None
    assert (await recording_outcome.record(fay, over.id, typed, secret.ports, **said)).reply.ok
    private.add("ada")
    secret.clock.advance(HOUR)
    said["at"] = now + HOUR
    typed = {"decided": "No bags at all."}
    assert (await recording_outcome.record(ada, over.id, typed, secret.ports, **said)).reply.ok
    for read in (
        recording_outcome.opened(fay, over.id, secret.ports),
        recording_outcome.meant(word, secret.ports),
        recording_outcome.record(fay, over.id, {"decided": "Nothing."}, secret.ports, **said),
    ):
        with pytest.raises(UnknownDeliberationError):
            await read
    private.add("fay")
    assert (await recording_outcome.meant(word, secret.ports)).decision.decided == "No bags at all."


async def test_what_is_ones_own_is_taken_back_from_outside(secret):
    deliberation = await secret.asked()
    await secret.answered(deliberation, "ann")
    secret.ports.platforms["web"].private["C1"].remove("ann")
    assert (await secret.say(secret.withdrawing(deliberation))).text == texts.OPINION_WITHDRAWN
    # Now there is nothing of theirs that would say that there is a question.
    assert (await secret.say(secret.withdrawing(deliberation))).text == UNKNOWN


# -- asking --------------------------------------------------------------------------------------


async def test_nobody_asks_in_a_channel_that_they_do_not_see(secret):
    for by in (secret.person("eve"), secret.person("ada", admin=True)):
        reply = await secret.say(secret.asking(by=by))
        assert (reply.ok, reply.text) == (False, texts.NOT_IN_CHANNEL)
    assert (await secret.say(secret.asking(by=secret.person("eve", channel="C1")))).ok


async def test_asking_waits_while_the_platform_does_not_say(secret):
    secret.ports.platforms["web"].silent = True
    reply = await secret.say(secret.asking())
    assert (reply.ok, reply.retryable) == (False, True)
    silent = "The platform does not say who sees this channel."
    assert reply.text == texts.CHANNEL_UNCHECKED.format(why=silent)
    with reading(PSEUDO):
        assert untranslated((await secret.say(secret.asking())).text) == ""


async def test_no_schedule_posts_into_a_channel_that_its_maker_does_not_see(secret):
    made = commands.AddSchedule(
        secret.person("ada", admin=True),
        platform="web",
        channel="C1",
        idempotency_key="1",
        template="Retro",
        once=secret.clock.now() + HOUR,
        weekly=None,
        closes_after=HOUR,
    )
    assert (await secret.say(made)).text == texts.NOT_IN_CHANNEL
    assert await secret.ports.library.schedules("T1") == []


# -- messages ------------------------------------------------------------------------------------


async def test_whoever_does_not_see_it_is_not_written_to(secret):
    deliberation = await secret.asked()
    assert await access.may_be_told("ann", deliberation, secret.ports)
    assert not await access.may_be_told("eve", deliberation, secret.ports)


async def test_another_teams_admin_finds_nothing(secret):
    deliberation = await secret.asked()
    stranger = Actor("T2", "fay", admin=True, channel="C1")
    with pytest.raises(UnknownDeliberationError):
        await access.load_visible(stranger, deliberation.id, secret.ports)
