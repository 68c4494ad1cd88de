"""Said before writing: which AI model reads it. What a question says of that holds to its end."""

import pytest

from bot.domain.commands import CloseOpinions, RetryMediation
from bot.domain.model_notice import ModelNotice, Readers
from bot.domain.study import Study
from bot.wording import texts
from engine.errors import EngineError, GeneratorUnavailableError
from engine.types import Arm
from tests.promises.places import Place
from tests.web_house import FakeMediator

OPINIONS = [f"Opinion {person}" for person in range(4)]
NONE = ModelNotice()
LLAMA = ModelNotice(drafter="Llama on ai.example.org", drafter_at=("ai.example.org",))
NEWER = ModelNotice(drafter="Llama 2 on ai.example.org", drafter_at=("ai.example.org",))
RESORTS = LLAMA.model_copy(update={"last_resort": True})
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
        (NONE, LLAMA, Readers(False, False), texts.WITHHELD_NOTE),
        (LLAMA, ELSEWHERE, Readers(False, False), texts.WITHHELD_NOTE),
        (LLAMA, NEWER, Readers(True, True), None),
        (LLAMA, JUDGED, Readers(True, False), texts.OTHER_WITHHELD_NOTE),
    ],
    ids=["a model where none was", "another place", "a newer one in the same place", "a judge elsewhere"],
)
async def test_only_a_model_that_members_were_told_of_reads_what_they_wrote(
    place: Place, told: ModelNotice, later: ModelNotice, reads: Readers, withheld: str | None
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
    said = [note for note in (texts.WITHHELD_NOTE, texts.OTHER_WITHHELD_NOTE) if note in shown]
    assert said == ([withheld] if withheld else [])
    assert (texts.NO_MODEL_NOTE in shown) is not reads.drafter
    assert not reads.drafter or f"Drafted by an AI model ({later.drafter})." in shown


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
    assert place.house.models.readers == [Readers(False, False)] * 2
    assert texts.WITHHELD_NOTE in place.plain(await place.sees(1))


@pytest.mark.parametrize(("told", "quotes"), [(RESORTS, True), (LLAMA, False)], ids=["told", "not told"])
async def test_when_the_model_is_away_members_are_quoted_only_where_they_were_told_so_before(
    place: Place, told: ModelNotice, quotes: bool
) -> None:
    await asked(place, told)
    place.drafts_with(FakeMediator(failure=GeneratorUnavailableError("The model is away."), model_used=True))
    await place.tells(RESORTS)
    for person in range(3):
        await place.opine(person, OPINIONS[person])
    await place.run(CloseOpinions)
    await place.work()
    question = await place.load()
    assert (question.statement is not None, question.is_held_up) == (quotes, not quotes)
    if quotes:
        shown = place.plain(await place.sees(1))
        assert texts.NO_MODEL_NOTE in shown
        assert texts.WITHHELD_NOTE not in shown


@pytest.mark.parametrize("later", [ELSEWHERE, JUDGED], ids=["drafter", "judge"])
async def test_a_study_fails_before_anything_is_drafted_and_is_drafted_by_the_models_from_before(
    place: Place, later: ModelNotice
) -> None:
    place.drafts_with(FakeMediator(model_used=True))
    await place.tells(LLAMA)
    await place.ask(study=Study(id="s", group="g", arms=(Arm.BEST_OPINION,), seed=1))
    await place.work()
    for person in range(3):
        await place.opine(person, OPINIONS[person])
    await place.tells(later)
    await place.run(CloseOpinions)
    await place.work()
    assert texts.NO_STUDY in ((await place.load()).failure or "")
    assert await place.ports.mediations.mediation(place.id, 1) is None
    await place.tells(NEWER)
    await place.run(RetryMediation)
    await place.work()
    made = await place.ports.mediations.mediation(place.id, 1)
    assert made is not None
    assert (made.model_used, made.drafter) == (True, NEWER)
    assert [each.arm for each in await place.ports.mediations.statements(place.id, 1)] == [Arm.BEST_OPINION]


async def test_where_nothing_was_kept_an_opinion_keeps_what_its_author_was_told_once_that_says_where(
    place: Place,
) -> None:
    await asked(place, NONE)
    before = (await place.load()).model_copy(update={"told": None})  # as versions before this one kept it
    await place.ports.deliberations.save(before)
    await place.tells(LLAMA.model_copy(update={"drafter_at": ()}))  # as a worker of that version told it
    await place.opine(0, OPINIONS[0])
    assert (await place.load()).told is None
    await place.tells(LLAMA)
    assert says(place, await place.before_writing(1), LLAMA)
    await place.opine(1, OPINIONS[1])
    await place.tells(ELSEWHERE)
    assert says(place, await place.before_writing(2), LLAMA)
    assert (await place.load()).told == LLAMA
