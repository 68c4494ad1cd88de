"""Running questions: which one is meant, and that no copy of a word closes another phase than it meant."""

from datetime import timedelta

import pytest

from adapters.memory import MemoryNotes
from bot.chat import steering
from bot.domain.actors import Actor
from bot.domain.commands import CastRating, CloseRating, Extend
from bot.domain.deliberation import NOT_NOW, Phase
from bot.domain.errors import PermissionDeniedError, QuestionError, UnknownDeliberationError
from bot.domain.study import RatedStatement, Study
from bot.service import queries
from bot.wording import texts
from bot.wording.cards import no_page
from engine.types import Arm, ModelsUsed
from tests.bot.service.test_exports import foretold

HOUR = timedelta(hours=1)


@pytest.fixture
def notes():
    """What a platform's gateways share."""
    return MemoryNotes()


def word(room, by="fay", name="1", **given):
    return steering.Word(name, room.person(by), "web", "C1", **given)


async def rated(room, deliberation, user="ann"):
    reply = await room.say(CastRating(room.person(user), deliberation.id, 6, room.clock.now()))
    assert reply.ok, reply.text


async def rating(room, deliberation):
    """What a worker makes of a closed question."""
    chosen = await room.ports.deliberations.save((await room.saved(deliberation)).chosen("Let us reuse."))
    return await room.ports.deliberations.save(chosen.published(room.clock.now()))


# -- which question ------------------------------------------------------------------------------


async def test_the_only_question_that_fits_is_meant(room):
    await room.voting(key="a")
    scheduled = await room.asked(key="b", opens_in=HOUR, closes_in=2 * HOUR)
    assert await steering.the_one(word(room), {Phase.SCHEDULED}, room.ports) == scheduled


async def test_of_several_is_asked_and_others_questions_are_not_offered(room):
    mine = [await room.asked(key=key) for key in "ab"]
    await room.asked(key="c", by="ada")
    with pytest.raises(steering.AsksFirstError) as asks:
        await steering.close(word(room), room.ports, MemoryNotes())
    assert {d.id for d in asks.value.questions} == {d.id for d in mine}


async def test_whoever_runs_none_is_told_so(room):
    with pytest.raises(steering.NoQuestionError):
        await steering.meant(word(room), queries.RUNNING, room.ports)
    asked = await room.asked()
    with pytest.raises(PermissionDeniedError):
        await steering.meant(word(room, "ann"), queries.RUNNING, room.ports)
    with pytest.raises(PermissionDeniedError):
        await steering.meant(word(room, "ann", chosen=asked.id), queries.RUNNING, room.ports)


async def test_another_teams_question_cannot_be_named(room):
    asked = await room.asked()
    stranger = steering.Word("1", Actor("T2", "fay", admin=True), "web", "C1", chosen=asked.id)
    with pytest.raises(UnknownDeliberationError):
        await steering.the_one(stranger, queries.RUNNING, room.ports)


# -- closing -------------------------------------------------------------------------------------


async def closed(room, notes):
    """A question with two opinions, that fay's first word has closed."""
    deliberation = await room.asked()
    await room.answered(deliberation, "ann", "bob")
    reply = await steering.close(word(room), room.ports, notes)
    assert (reply.ok, reply.text) == (True, texts.CLOSED)
    return deliberation


async def test_a_late_copy_of_the_word_that_closed_opinions_leaves_the_vote_open(room, notes):
    deliberation = await rating(room, await closed(room, notes))
    await rated(room, deliberation)
    copy = await steering.close(word(room), room.ports, notes)
    assert (copy.ok, copy.text) == (True, texts.CLOSED)
    assert await room.saved(deliberation) == deliberation


async def test_a_copy_for_a_gateway_that_died_before_it_answered_leaves_the_vote_open(room, notes):
    deliberation = await rating(room, await closed(room, notes))
    await rated(room, deliberation)
    await notes.remove("did 1")
    copy = await steering.close(word(room), room.ports, notes)
    assert copy.text == texts.ALREADY_CLOSED
    assert await room.saved(deliberation) == deliberation


async def test_a_second_word_while_nobody_has_rated_asks_before_it_closes_the_vote(room, notes):
    deliberation = await rating(room, await closed(room, notes))
    with pytest.raises(steering.AsksFirstError) as asks:
        await steering.close(word(room, name="2"), room.ports, notes)
    assert texts.NOBODY_HAS_RATED in str(asks.value)
    assert steering.closing(asks.value.questions[0]) == "close-rating"
    assert await room.saved(deliberation) == deliberation


async def test_a_second_word_closes_the_vote_once_enough_have_rated_for_that_to_be_shown(room, notes):
    deliberation = await rating(room, await closed(room, notes))
    for user in ("ann", "bob"):
        await rated(room, deliberation, user)
    with pytest.raises(steering.AsksFirstError, match=r"Only 2 people have rated .* shown once 3 people"):
        await steering.close(word(room, name="2"), room.ports, notes)
    await rated(room, deliberation, "cem")
    assert (await steering.close(word(room, name="2"), room.ports, notes)).text == texts.SETTLED
    assert (await room.saved(deliberation)).phase is Phase.SETTLED


async def test_closing_a_study_asks_only_while_nobody_has_rated_for_it_shows_no_ratings(room):
    study = Study(id="s", group="g", arms=(Arm.ZERO_SHOT, Arm.SELECTED), seed=1)
    deliberation = await room.drafting(study=study)
    one = RatedStatement(
        id="a", arm=Arm.SELECTED, text="Reuse.", models=ModelsUsed(generator="g", reward="r", prompt="p")
    )
    await room.ports.mediations.keep_statements(deliberation.id, 1, [one])
    deliberation = await rating(room, deliberation)
    asks = await steering.asks_before_closing(deliberation, room.ports)
    assert asks is not None
    assert texts.NOBODY_HAS_RATED in asks.follows
    vote = CastRating(room.person("ann"), deliberation.id, 6, room.clock.now(), statement_id="a")
    assert (await room.say(vote)).ok
    assert await steering.asks_before_closing(deliberation, room.ports) is None


async def failed_round(room, notes):
    """A second round that could not be drafted."""
    deliberation = await rating(room, await closed(room, notes))
    await room.ports.mediations.keep_mediation(deliberation.id, 1, foretold(("p", "q")))
    second = await room.ports.deliberations.save(deliberation.critiqued())
    return await room.ports.deliberations.save(second.failed("No.", room.clock.now()))


async def test_the_word_keeps_the_statement_where_a_further_round_could_not_be_drafted(room, notes):
    failed = await failed_round(room, notes)
    for _ in range(2):
        kept = await steering.close(word(room, name="2"), room.ports, notes)
        assert (kept.ok, kept.text) == (True, texts.STATEMENT_KEPT)
    settled = await room.saved(failed)
    assert (settled.phase, settled.round) == (Phase.SETTLED, 1)


async def test_a_copy_of_the_word_that_kept_the_statement_ends_no_later_vote(room, notes):
    failed = await failed_round(room, notes)
    # The first copy got no further than to be noted.
    await notes.first("closes 2", f"keep-statement {failed.id} 2", for_s=3_600)
    second = await rating(room, await room.ports.deliberations.save(failed.retried()))
    copy = await steering.close(word(room, name="2"), room.ports, notes)
    assert (copy.ok, copy.text) == (False, str(NOT_NOW[Phase.RATING]))
    assert await room.saved(failed) == second


@pytest.mark.parametrize("phase", [Phase.MEDIATING, Phase.SETTLED])
async def test_a_question_that_was_named_says_that_it_is_closed(room, notes, phase):
    deliberation = await (room.drafting() if phase is Phase.MEDIATING else room.settled())
    reply = await steering.close(word(room, chosen=deliberation.id), room.ports, notes)
    assert (reply.ok, reply.text) == (True, texts.ALREADY_CLOSED)


async def test_too_few_opinions_are_told_and_a_later_word_is_heard(room, notes):
    deliberation = await room.asked()
    await room.answered(deliberation, "ann")
    assert not (await steering.close(word(room), room.ports, notes)).ok
    await room.answered(deliberation, "bob")
    assert (await steering.close(word(room, name="2"), room.ports, notes)).ok


# -- moving the deadline -------------------------------------------------------------------------


async def test_a_late_copy_does_not_undo_a_later_deadline(room, notes):
    deliberation = await room.asked(closes_in=HOUR)
    typed = {"deadline": "in 3 hours"}
    await steering.move(word(room), steering.EXTEND, typed, "UTC", room.ports, notes)
    later = room.clock.now() + 9 * HOUR
    await room.say(Extend(room.person("fay"), deliberation.id, later))
    assert (
        await steering.move(word(room), steering.EXTEND, typed, "UTC", room.ports, notes)
    ).text == texts.EXTENDED
    assert (await room.saved(deliberation)).closes_at == later


async def test_in_3_hours_is_counted_from_the_first_copy(room, notes):
    deliberation = await room.asked(closes_in=HOUR)
    typed, began = {"deadline": "in 3 hours"}, room.clock.now()
    await steering.move(word(room), steering.EXTEND, typed, "UTC", room.ports, notes)
    await notes.remove("did 1")
    room.clock.advance(HOUR)
    await steering.move(word(room), steering.EXTEND, typed, "UTC", room.ports, notes)
    assert (await room.saved(deliberation)).closes_at == began + 3 * HOUR


async def test_without_a_time_it_is_asked_when(room, notes):
    await room.asked(closes_in=HOUR)
    with pytest.raises(QuestionError, match="Write the new deadline"):
        await steering.move(word(room), steering.EXTEND, {"deadline": " "}, "UTC", room.ports, notes)


async def test_a_platforms_own_limit_is_kept(room, notes):
    deliberation = await room.asked(closes_in=HOUR)

    async def refuse(d, at):
        raise QuestionError("Not that late.")

    with pytest.raises(QuestionError, match="Not that late"):
        await steering.move(
            word(room), steering.EXTEND, {"deadline": "in 3 hours"}, "UTC", room.ports, notes, allowed=refuse
        )
    assert await room.saved(deliberation) == deliberation


# -- the link to the result ----------------------------------------------------------------------


def page(d):
    return "" if d.result_link is None else "a page"


async def test_a_second_copy_of_making_a_link_keeps_the_first_and_without_a_page_there_is_no_step(room):
    d = await room.voting()
    assert steering.link_step(d, page) == ""
    await room.say(CloseRating(room.person("fay"), d.id))
    for step, ended in ((steering.END_LINK, True), (steering.NEW_LINK, False)):
        assert steering.link_step(await room.saved(d), page) == step
        links = []
        for _ in range(2):
            assert (await room.say(steering.pressed(step, room.person("fay"), d.id))).ok
            links.append((await room.saved(d)).result_link)
        assert links[0] == links[1]
        assert (links[0] is None) == ended
    assert steering.link_step(await room.saved(d), no_page) == ""


async def test_a_page_s_deadline_is_moved_from_what_it_showed_and_a_copy_moves_nothing(room):
    deliberation = await room.asked(closes_in=HOUR)
    fay, later = room.person("fay"), room.clock.now() + 3 * HOUR
    shown = steering.instead_of(deliberation.deadline_shown)
    typed = {"deadline_at": str(int(later.timestamp()))}
    for _ in range(2):
        reply = await steering.move_shown(fay, deliberation.id, shown, typed, room.ports)
        assert (reply.ok, reply.text) == (True, texts.EXTENDED)
        assert (await room.saved(deliberation)).closes_at == later
    newest = later + HOUR
    await room.say(Extend(fay, deliberation.id, newest))
    assert not (await steering.move_shown(fay, deliberation.id, shown, typed, room.ports)).ok
    assert (await room.saved(deliberation)).closes_at == newest
    with pytest.raises(QuestionError, match="in the past"):
        await steering.move_shown(fay, deliberation.id, shown, {"deadline_at": "0"}, room.ports)
