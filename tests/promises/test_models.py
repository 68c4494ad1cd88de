"""Said before writing and with the statement: which AI model reads opinions, and whether it quotes them.

What is predicted is shown to members once they have rated or the vote is over: sooner it would steer them.
"""

import pytest

from bot.domain.commands import CloseRating
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import ResultsShown
from bot.wording import texts
from bot.wording.confirmations import REVISING_VOTE
from bot.wording.export_lines import FEW_PREDICTIONS
from tests.promises.drafting import Divided
from tests.promises.places import Place

# A name that is markup on every platform, where it is not kept from being that.
LLAMA = "<b>Llama_3_1</b> & co on ai.example.org"
NOTICE = ModelNotice(drafter=LLAMA, judge="on judge.example.org")
READS = f"An AI model ({LLAMA}) reads what you write and drafts the statement"
JUDGES = "Another AI model (on judge.example.org) reads it to predict how far each member would agree."
QUOTES = "the result quotes your words, without your name."
OPINIONS = [f"Opinion {person}" for person in range(5)]


@pytest.mark.parametrize(
    ("notice", "told"),
    [
        (NOTICE, (READS, JUDGES)),
        (ModelNotice(), ("No AI model writes the result: it quotes your words, without your name.",)),
        (None, (f"An AI model may read what you write. If none does, {QUOTES}",)),
    ],
    ids=["a model", "no model", "nobody has told yet"],
)
async def test_it_is_said_before_writing_which_model_reads_it_and_whether_one_is_quoted(
    place: Place, notice: ModelNotice | None, told: tuple[str, ...]
) -> None:
    if notice is not None:
        await place.tells(notice)
    await place.ask()
    await place.opine(2, "Mine.")  # whoever comes later reads the same
    for shown in (await place.before_writing(1), await place.how(1)):
        assert all(words in place.plain(shown) for words in told)


async def test_statement_and_result_say_which_model_wrote_it(place: Place) -> None:
    place.drafts_with(Divided())
    await place.tells(NOTICE)
    await place.ask()
    await place.answered(*OPINIONS[:3])
    told = f"Drafted by an AI model ({LLAMA})."
    assert told in place.plain(await place.sees(1))
    await place.run(CloseRating)
    assert told in place.plain(await place.sees(1))


# -- predictions ---------------------------------------------------------------------------------


def foretold(place: Place, shown: str) -> list[str]:
    """What of the predictions somebody is shown."""
    words = ("likely", "Likely", "Welfare of", "Welfare 5", texts.PREDICTED_TITLE, texts.OTHER_SIDE_TITLE)
    # What is said of revising is about no prediction that there is.
    told = place.plain(shown).replace(place.plain(REVISING_VOTE.follows), "")
    return [each for each in words if each in told]


async def test_what_is_predicted_is_shown_once_one_has_rated_or_the_vote_is_over(place: Place) -> None:
    place.drafts_with(Divided())
    # Where the most is shown that a team can want.
    await place.ask(named=True, results_shown=ResultsShown.ALWAYS)
    await place.answered(*OPINIONS)
    assert "Phase them out." in await place.sees(1)
    assert not foretold(place, await place.sees(1))
    for shown in (await place.rate(1, 6), await place.sees(1)):
        assert foretold(place, shown)
    await (await place.withdraw_rating(1)).yes()
    for shown in (await place.sees(1), await place.sees(2), await place.manages()):
        assert not foretold(place, shown)
    await place.run(CloseRating)
    for shown in (await place.sees(2), await place.manages()):
        assert foretold(place, shown)


async def test_of_two_people_nothing_is_told_that_was_predicted(place: Place) -> None:
    """One of them could work out their own, and a mean would tell the other's."""
    place.drafts_with(Divided())
    await place.ask(minimum_opinions=2)
    await place.answered(*OPINIONS[:2])
    shown = [await place.rate(0, 6), await place.sees(0), await place.manages()]
    await place.run(CloseRating)
    shown += [await place.sees(0), await place.manages()]
    assert not any(foretold(place, each) for each in shown)
    exported = await place.export()
    drafted = exported.data["rounds"][0]["mediation"]
    assert {tuple(each["rewards"]) for each in drafted["candidates"]} == {()}
    assert not any("welfare" in each for each in drafted["candidates"])
    assert drafted["best_opinion"] is None
    assert FEW_PREDICTIONS.format(fewest=3) in exported.data["held_back"]


@pytest.mark.parametrize(("model_used", "count"), [(True, 4), (False, 5)], ids=["of few", "without a model"])
async def test_nobody_is_made_out_as_the_other_side(place: Place, model_used: bool, count: int) -> None:
    place.drafts_with(Divided(model_used=model_used))
    await place.ask()
    await place.answered(*OPINIONS[:count])
    assert (texts.NO_MODEL_NOTE in place.plain(await place.sees(1))) is not model_used
    await place.run(CloseRating)
    shown = place.plain(await place.sees(1))
    assert "Likely" in shown
    assert (texts.NO_MODEL_NOTE in shown) is not model_used
    assert texts.OTHER_SIDE_TITLE not in shown
    assert count > 4 or "to disagree" not in shown


async def test_where_nobody_was_predicted_that_is_said_with_the_reason(place: Place) -> None:
    place.house.mediator.unpredicted = "the reward model does not read German"
    await place.ask()
    await place.answered(*OPINIONS)
    for step in (None, CloseRating):
        if step is not None:
            await place.run(step)
        shown = await place.sees(1)
        assert "The reward model does not read German, so nobody's agreement is predicted" in place.plain(
            shown
        )
        assert not foretold(place, shown)
