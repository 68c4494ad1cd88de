"""Changing a question before anybody has answered, and asking one again."""

import html
import re

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating
from bot.service.dispatch import dispatch
from tests.web_house import QUESTION, House, Person


def filled(page: str) -> dict[str, str]:
    """What the page's form would send as it is."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    ticked = dict(re.findall(r'<input type="(?:radio|checkbox)" name="(\w+)" value="([^"]*)" checked', page))
    texts = dict(re.findall(r'name="(\w+)"[^>]*>\n?([^<]*)</textarea>', page))
    numbers = dict(re.findall(r'<input type="number"[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    lines = dict(re.findall(r'<input type="text"[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    chosen = re.findall(r'<select id="(\w+)".*?<option value="([^"]*)" selected', page, re.DOTALL)
    found = {**hidden, **ticked, **texts, **numbers, **lines, **dict(chosen)}
    return {name: html.unescape(text) for name, text in found.items()}


async def test_a_question_is_changed_until_somebody_answers(house: House, admin: Person) -> None:
    asked = await house.ask(candidates=7, position_statement="Plastics are bad.")
    path = f"/d/{asked.id}/manage/question"
    await admin.open(f"/d/{asked.id}/manage")
    assert path in admin.page
    form = filled(await admin.open(path))
    assert form["question"] == QUESTION
    await admin.send(path, {**form, "question": "Ban plastic bags?", "minimum_opinions": "3"})
    assert "Question changed." in admin.page
    changed = await house.deliberations.load(asked.id)
    assert (changed.question, changed.terms.minimum_opinions) == ("Ban plastic bags?", 3)
    # What was not touched stays, as does what the form does not ask once members can rate it.
    assert changed.terms == asked.terms.model_copy(update={"minimum_opinions": 3, "reminder_before": None})
    # Sent twice, nothing more happens; an old form loses no word of what it says.
    await admin.send(path, {**form, "question": "Ban plastic bags?", "minimum_opinions": "3"})
    assert "Question changed." in admin.page
    await admin.send(path, {**form, "question": "Ban bottles?"})
    assert "The question has changed since you looked" in admin.page
    assert "Ban bottles?" in admin.page
    assert await house.deliberations.load(asked.id) == changed


async def test_it_can_no_longer_be_changed_once_somebody_has_answered(house: House, admin: Person) -> None:
    asked = await house.ask()
    path = f"/d/{asked.id}/manage/question"
    form = filled(await admin.open(path))
    visitor = await house.visitor(asked)
    await visitor.send(f"/d/{asked.id}/opinion", {"opinion": "Yes."})
    await admin.send(path, {**form, "question": "Ban plastic bags?"})
    assert admin.status == 422
    assert "Somebody has answered already" in admin.page
    assert "Ban plastic bags?" in admin.page
    await admin.open(path)
    assert admin.path == f"/d/{asked.id}/manage"
    assert path not in admin.page
    assert (await house.deliberations.load(asked.id)).question == QUESTION


async def test_whoever_is_writing_reads_the_new_words_first_and_loses_none_of_theirs(
    house: House, admin: Person
) -> None:
    asked = await house.ask()
    path, visitor = f"/d/{asked.id}/manage/question", await house.visitor(asked)
    writing = {"opinion": "I wrote this before.", "edition": visitor.hidden("edition")}
    await admin.send(path, {**filled(await admin.open(path)), "question": "Ban plastic bags?"})
    await visitor.send(f"/d/{asked.id}/opinion", writing)
    assert visitor.status == 422
    assert "The question has changed since you opened it" in visitor.page
    assert "I wrote this before." in visitor.page
    assert "Ban plastic bags?" in visitor.page
    await visitor.send(f"/d/{asked.id}/opinion", {**writing, "edition": visitor.hidden("edition")})
    assert "Opinion saved." in visitor.page


async def test_a_question_is_asked_again_with_its_words_and_terms(house: House, admin: Person) -> None:
    over, _ = await house.until_rating(3, context="Since May.", minimum_opinions=3, candidates=7)
    await dispatch(CloseRating(Actor("web", "asker"), over.id), house.ports)
    await admin.open(f"/d/{over.id}/manage")
    assert f"/ask?like={over.id}" in admin.page
    await admin.open(f"/ask?like={over.id}")
    form = filled(admin.page)
    assert (form["question"], form["context"]) == (QUESTION, "Since May.")
    await admin.send(f"/ask?like={over.id}", form)
    again = (await house.deliberations.of_team("web"))[0]
    if again.id == over.id:
        again = (await house.deliberations.of_team("web"))[1]
    assert (again.question, again.context) == (over.question, over.context)
    assert again.terms == over.terms.model_copy(update={"reminder_before": None})


async def test_nobody_asks_again_what_they_do_not_run(house: House) -> None:
    asked, other = await house.ask(context="Between us."), await house.ask("Another one?")
    visitor = await house.visitor(other)
    # One whose link they have not is none to them; one that they take part in is not theirs to run.
    for path, status in {
        f"/ask?like={asked.id}": 404,
        f"/ask?like={other.id}": 403,
        f"/d/{other.id}/manage/question": 403,
    }.items():
        await visitor.open(path)
        assert visitor.status == status
        assert "Between us." not in visitor.page


async def test_the_reminder_names_who_is_missing_in_named_questions_only(house: House, admin: Person) -> None:
    for anonymous in (True, False):
        asked = await house.ask(f"Anonymous: {anonymous}?", anonymous=anonymous)
        ann = await house.named(asked, "Ann Zebra")
        await house.named(asked, "Bob Yak")
        before = await admin.open(f"/d/{asked.id}/manage")
        assert f"Have you answered “{asked.question}” yet?" in before
        assert await house.invite(asked) in before
        await ann.send(f"/d/{asked.id}/opinion", {"opinion": "Yes."})
        after = await admin.open(f"/d/{asked.id}/manage")
        names = [
            [name in page.partition("Remind people")[2] for name in ("Zebra", "Yak")]
            for page in (before, after)
        ]
        missing = [page.partition("personal link: ")[2].partition(".")[0] for page in (before, after)]
        assert missing == (["", ""] if anonymous else ["Ann Zebra and Bob Yak", "Bob Yak"])
        if anonymous:
            assert names == [[False, False], [False, False]]
            # All that tells of the answer is how many there are: both views name the same people.
            assert [before.count(name) for name in ("Zebra", "Yak")] == [
                after.count(name) for name in ("Zebra", "Yak")
            ]
