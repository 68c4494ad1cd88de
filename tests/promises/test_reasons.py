"""Why somebody rates as they do: it is kept once, theirs to change, told as the terms say, and forgotten."""

import html
import re

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating, GiveReason
from bot.domain.deliberation import REASON_LIMIT
from bot.domain.model_notice import ModelNotice
from bot.service.dispatch import dispatch
from bot.wording import texts
from bot.wording.confirmations import WITHDRAW_REASON
from bot.wording.fields import Form, field
from tests.promises.places import Place

MARKS = "*_`~ ``` <& "
LONG = "".join(f"{number} {MARKS}" for number in range(REASON_LIMIT))[: REASON_LIMIT - 8] + "the end."
LLAMA = ModelNotice(drafter="Llama on a.example.org", drafter_at=("a.example.org",))
THREE = ("Three is too many.", "One is enough.", "Two would do.")


def words_in(text: str) -> str:
    """Without the marks, which some places quote and others show as they are."""
    return re.sub(r"[\W_]+", " ", text)


async def voting(place: Place, *, named: bool = False) -> None:
    """A question whose statement three people wrote about and can rate now."""
    await place.ask(named=named)
    await place.answered("Yes.", "No.", "Perhaps.")


async def test_a_reason_is_given_changed_and_withdrawn_after_a_question(place: Place) -> None:
    await voting(place)
    assert texts.REASON_KEPT in place.plain(await place.give_reason(1, "Too <!channel> dear & slow."))
    assert "Too <!channel> dear & slow." in html.unescape(await place.before_reason(1))
    await place.give_reason(1, LONG)
    asked = await place.withdraw_reason(1)
    assert WITHDRAW_REASON.follows in place.plain(asked.shown)
    assert await place.reasons() == [LONG]
    told = place.plain(await asked.yes())
    assert texts.REASON_WITHDRAWN in told
    assert words_in(LONG) in words_in(told)
    assert await place.reasons() == []
    assert await place.ratings() == []


async def test_everything_may_come_twice_and_late(place: Place) -> None:
    await voting(place)
    place.everything_twice()
    for person in range(3):
        await place.give_reason(person, f"Reason {person}")
    assert await place.reasons() == ["Reason 0", "Reason 1", "Reason 2"]
    await (await place.withdraw_reason(2)).yes()
    late = place.sent
    await place.give_reason(2, "Another")
    late_copy = place.sent
    await place.run(CloseRating)
    for sent in (late, late_copy):
        await place.again(sent)
    assert await place.reasons() == ["Another", "Reason 0", "Reason 1"]
    told = place.plain(await place.sees(2))
    assert "Another" not in told


async def test_after_the_vote_a_reason_is_refused_and_given_back_whole(place: Place) -> None:
    await voting(place)
    await place.before_reason(1)
    await place.run(CloseRating)
    told = place.plain(await place.send_reason(1, LONG))
    assert words_in(LONG) in words_in(told)
    assert await place.reasons() == []


async def test_a_reason_that_is_empty_or_too_long_says_so(place: Place) -> None:
    await voting(place)
    assert "1,001 characters; the limit is 1,000" in place.plain(await place.give_reason(1, "x" * 1_001))
    assert "Your reason is empty" in place.plain(await place.give_reason(1, " \n "))
    assert await place.reasons() == []


async def test_nobody_says_why_who_does_not_belong_to_the_team(place: Place) -> None:
    await voting(place)
    stranger = Actor("another team", place.user(1))
    reply = await dispatch(GiveReason(stranger, place.id, "Mine.", place.ports.clock.now()), place.ports)
    assert not reply.ok
    assert await place.reasons() == []


@pytest.mark.parametrize("named", [False, True], ids=["anonymous", "named"])
async def test_who_reads_a_reason_and_until_when_is_said_before_it_is_written(
    place: Place, named: bool
) -> None:
    await voting(place, named=named)
    shown = place.plain(await place.before_reason(1))
    d = await place.load()
    for note in texts.reason_notes(d, d.told or await place.ports.upkeep.model_notice()):
        assert place.plain(note) in shown
    assert field(Form.REASON, "reason").label in shown
    said = texts.NAMED_REASON_NOTE if named else texts.ANONYMOUS_REASON_NOTE.format(fewest=3)
    assert said in shown


@pytest.mark.parametrize(
    ("notice", "quoted"),
    [
        (ModelNotice(), texts.REASONS_QUOTED_NOTE),
        (LLAMA.model_copy(update={"last_resort": True}), texts.REASONS_QUOTED_WITHOUT_MODEL_NOTE),
        (LLAMA, None),
    ],
    ids=["no model", "a last resort", "a model"],
)
async def test_it_is_said_before_writing_whether_a_revision_may_quote_a_reason(
    place: Place, notice: ModelNotice, quoted: str | None
) -> None:
    await place.tells(notice)
    await voting(place)
    shown = place.plain(await place.before_reason(1))
    assert "word for word" in shown if quoted else "word for word" not in shown
    assert quoted is None or quoted in shown


async def test_what_was_told_of_models_before_the_first_reason_holds_to_the_end(place: Place) -> None:
    await voting(place)
    await place.ports.deliberations.save((await place.load()).model_copy(update={"told": None}))
    await place.tells(LLAMA)
    await place.give_reason(1, "Too dear.")
    assert (await place.load()).told == LLAMA
    await place.tells(ModelNotice(drafter="Another on b.example.org", drafter_at=("b.example.org",)))
    await place.give_reason(2, "Too slow.")
    assert (await place.load()).told == LLAMA


async def test_an_anonymous_questions_reasons_are_told_after_the_vote_and_of_nobody(place: Place) -> None:
    await voting(place)
    for person, text in enumerate(THREE):
        await place.give_reason(person, text)
    assert (await place.export()).reasons == []
    assert "enough" not in await place.manages()
    await place.rated(5, 6, 7)
    found = await place.export()
    assert found.reasons == sorted(THREE)
    shown = place.plain(await place.manages())
    for text in THREE:
        assert text in shown
        assert text not in place.plain(await place.sees(2))
    for row in found.rows:
        assert not row["reason"] or not (row["participant"] or row["rating"] or row["opinion"] or row["name"])
    await place.forget(1)
    assert (await place.export()).reasons == []
    assert "enough" not in await place.manages()


async def test_a_named_questions_reasons_are_told_by_name_to_those_who_run_it(place: Place) -> None:
    await voting(place, named=True)
    await place.give_reason(1, "Too dear.")
    await place.give_reason(3, "Too slow.")  # has given no opinion
    rows = {row["reason"]: row["name"] for row in (await place.export()).rows if row["reason"]}
    assert rows == {"Too dear.": place.name(1), "Too slow.": place.name(3)}
    shown = place.plain(await place.manages())
    assert place.name(3) in shown
    assert "Too slow." in shown
    assert "Too slow." not in place.plain(await place.sees(2))


async def test_a_forgotten_members_reason_is_gone_and_the_others_stay(place: Place) -> None:
    await voting(place)
    for person, text in enumerate(THREE):
        await place.give_reason(person, text)
    asked = await place.forget_me(1)
    assert "One is enough." in place.plain(asked.shown)
    await asked.yes()
    await place.work()
    assert await place.reasons() == ["Three is too many.", "Two would do."]
    assert "One is enough." not in await place.kept()


async def test_consent_is_asked_unticked_with_the_reason(place: Place) -> None:
    await place.team_has(keep_feedback=True)
    await voting(place)
    assert texts.REASON_LEARNING_NOTE in place.plain(await place.before_reason(1))
    assert await place.ticked(1) is False
    found = []
    for learn in (None, True, None, False):
        await place.give_reason(1, "Too dear.", learn=learn)
        (reason,) = await place.ports.contributions.reasons(place.id, 1)
        found.append(reason.consent)
    assert found == [False, True, True, False]


async def test_while_the_database_is_away_a_reason_is_not_lost(place: Place) -> None:
    await voting(place)
    await place.before_reason(1)
    with place.database_away(readable=True):
        told = place.plain(await place.send_reason(1, "Precious."))
        assert texts.STORE_UNREACHABLE in told
        assert "Precious." in told
    assert await place.reasons() == []
    await place.give_reason(1, "Precious.")
    assert await place.reasons() == ["Precious."]
