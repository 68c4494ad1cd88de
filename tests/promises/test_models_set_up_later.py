"""Said before writing: which AI model reads it. What a question says of that holds to its end."""

import pytest

from bot.domain.commands import CloseOpinions, RetryMediation
from bot.domain.model_notice import ModelNotice
from bot.wording import texts
from engine.errors import EngineError
from tests.promises.places import Place
from tests.web_house import FakeMediator

OPINIONS = [f"Opinion {person}" for person in range(4)]
NONE = ModelNotice()
LLAMA = ModelNotice(drafter="Llama on ai.example.org", drafter_at=("ai.example.org",))
NEWER = ModelNotice(drafter="Llama 2 on ai.example.org", drafter_at=("ai.example.org",))
ELSEWHERE = ModelNotice(drafter="Llama on another.example.org", drafter_at=("another.example.org",))
JUDGED = LLAMA.model_copy(update={"judge": "on judge.example.org", "judge_at": ("judge.example.org",)})


async def asked(place: Place, told: ModelNotice) -> None:
    """A question is posted while this is set up, and whatever drafts could use a model."""
    place.drafts_with(FakeMediator(model_used=True))
    await place.tells(told)
    await place.ask()
    await place.work()


def says(place: Place, shown: str, told: ModelNotice) -> bool:
    """Whether somebody is shown this of the models."""
    return all(note in place.plain(shown) for note in texts.model_notes(told))


@pytest.mark.parametrize(
    ("told", "later", "reads", "withheld"),
    [
        (NONE, LLAMA, (False, False), True),
        (LLAMA, ELSEWHERE, (False, False), True),
        (LLAMA, NEWER, (True, True), False),
        (LLAMA, JUDGED, (True, False), True),
    ],
    ids=["a model where none was", "another place", "a newer one in the same place", "a judge elsewhere"],
)
async def test_only_a_model_that_members_were_told_of_reads_what_they_wrote(
    place: Place, told: ModelNotice, later: ModelNotice, reads: tuple[bool, bool], withheld: bool
) -> None:
    await asked(place, told)
    await place.opine(0, OPINIONS[0])
    await place.tells(later)
    # Whoever writes later is told the same, since the same holds for them.
    for shown in (await place.before_writing(1), *([await place.how(1)] if place.posted() else [])):
        assert (says(place, shown, told), says(place, shown, later)) == (True, False)
    for person in (1, 2):
        await place.opine(person, OPINIONS[person])
    await place.answered()
    assert place.house.models is not None
    assert place.house.models.readers == [reads]
    shown = place.plain(await place.sees(1))
    assert (texts.WITHHELD_NOTE in shown) is withheld
    assert (texts.NO_MODEL_NOTE in shown) is not reads[0]
    assert not reads[0] or f"Drafted by an AI model ({later.drafter})." in shown


async def test_what_was_told_holds_where_drafting_is_tried_again_and_where_it_was_opened_again(
    place: Place,
) -> None:
    await asked(place, LLAMA)
    for person, text in enumerate(OPINIONS[:3]):
        await place.opine(person, text)
    place.drafts_with(FakeMediator(failure=EngineError("The model is away."), model_used=True))
    await place.run(CloseOpinions)
    await place.tells(ELSEWHERE)
    await place.run(RetryMediation)
    await place.reopen()
    await place.work()
    shown = await place.before_writing(3)
    assert (says(place, shown, LLAMA), says(place, shown, ELSEWHERE)) == (True, False)
    place.drafts_with(FakeMediator(model_used=True))
    await place.opine(3, OPINIONS[3])
    await place.answered()
    assert place.house.models is not None
    assert place.house.models.readers == [(False, False)] * 2
    assert texts.WITHHELD_NOTE in place.plain(await place.sees(1))


async def test_where_nothing_was_kept_the_first_opinion_keeps_what_its_author_was_told(place: Place) -> None:
    await asked(place, NONE)
    before = (await place.load()).model_copy(update={"told": None})  # as versions before this one kept it
    await place.ports.deliberations.save(before)
    await place.tells(LLAMA)
    assert says(place, await place.before_writing(0), LLAMA)
    await place.opine(0, OPINIONS[0])
    await place.tells(ELSEWHERE)
    assert says(place, await place.before_writing(1), LLAMA)
    assert (await place.load()).told == LLAMA
