"""A second round on the web: asked for on the manage page, voted on, compared, and told."""

import html
import re

from bot.domain.deliberation import NEWER_STATEMENT, Phase
from bot.wording import round_lines, texts
from engine.errors import PromptRejectedError
from engine.types import PREVIOUS
from tests.web_house import FakeMediator


async def sends(person, deliberation, act, **fields):
    """Open the question and send one of its forms."""
    await person.open(f"/d/{deliberation.id}")
    await person.send(f"/d/{deliberation.id}/{act}", {"round": person.hidden("round"), **fields})


async def revised(house, **terms):
    """A question whose second statement is being voted on, and those who rated the first."""
    deliberation, people = await house.until_rating(**terms)
    for person, step in zip(people, "225", strict=True):
        await sends(person, deliberation, "rating", rating=step)
    for person in people:
        await sends(person, deliberation, "reason", reason="It forgets the shops.")
    admin = await house.admin()
    await admin.open(f"/d/{deliberation.id}/manage")
    assert texts.AFTER_FAILED_ROUND_NOTE not in admin.page
    await admin.send(f"/d/{deliberation.id}/manage/revise", {"seen": "1"})
    assert texts.TICK_FIRST in html.unescape(admin.page)
    await admin.send(f"/d/{deliberation.id}/manage/revise", {"seen": "1", "sure": "yes"})
    assert texts.REVISING in admin.page
    await house.work()
    return await house.deliberations.load(deliberation.id), people, admin


async def test_two_rounds_are_voted_on_compared_and_told(house):
    deliberation, people, admin = await revised(house)
    assert (deliberation.phase, deliberation.round) == (Phase.RATING, 2)
    (ann, bob, cem) = people
    await ann.open(f"/d/{deliberation.id}")
    assert round_lines.WHAT_CHANGED in ann.page
    assert re.search(r"<del>Draft .*</del><ins>Revised draft .*</ins>", ann.page)
    assert not re.search(r'name="rating" value="\d" required checked', ann.page)

    await sends(ann, deliberation, "compare")
    assert round_lines.PREFERENCE_NEEDED in ann.page
    for person, step, choice in ((ann, "6", "revised"), (bob, "1", "neither"), (cem, "5", "revised")):
        await sends(person, deliberation, "rating", rating=step)
        await sends(person, deliberation, "compare", choice="first")
        await sends(person, deliberation, "compare", choice=choice)
        assert round_lines.PREFERENCE_KEPT in person.page
        assert f'value="{choice}" required checked' in person.page
    for person in (admin, ann):
        await person.open(f"/d/{deliberation.id}")
        assert round_lines.COMPARED not in person.page

    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/close-rating")
    await house.work()
    settled = await house.deliberations.load(deliberation.id)
    told = round_lines.compared(settled.change)
    assert "Of 3 who rated both statements, 1 agree more with this one, 1 agree less and 1 as much" in told[0]
    assert "2 the revised statement, 0 the one before, 1 neither" in told[1]
    for page in (f"/d/{deliberation.id}", f"/d/{deliberation.id}/manage"):
        await admin.open(page)
        assert all(sentence in admin.page for sentence in told)
    await ann.send(f"/d/{deliberation.id}/compare", {"choice": "first", "round": "2"})
    assert "vote on this question is closed" in ann.page


class Stays(FakeMediator):
    """In a second round it finds nothing better."""

    async def mediate(self, request, on_progress):
        made = await super().mediate(request, on_progress)
        if request.revision is None:
            return made
        best = made.candidates[0].model_copy(update={"text": request.revision.statement, "source": PREVIOUS})
        return made.model_copy(update={"candidates": (best, *made.candidates[1:]), "statement": best.text})


async def test_a_statement_that_stays_is_settled_with_its_vote_and_it_is_said(house):
    house.mediator = Stays()
    deliberation, (ann, *_), _admin = await revised(house)
    assert (deliberation.phase, deliberation.round) == (Phase.SETTLED, 1)
    await ann.open(f"/d/{deliberation.id}")
    assert texts.STATEMENT_STAYS in ann.page
    assert round_lines.WHAT_CHANGED not in ann.page


async def test_in_an_anonymous_question_the_button_does_not_tell_that_the_first_reason_came(house):
    deliberation, people = await house.until_rating()
    admin = await house.admin()
    shown = []
    for person in people:
        await admin.open(f"/d/{deliberation.id}/manage")
        assert f"/d/{deliberation.id}/manage/revise" in admin.page
        await admin.send(f"/d/{deliberation.id}/manage/revise", {"seen": "1", "sure": "yes"})
        shown.append("A revision needs reasons from at least 3 members." in admin.page)
        await sends(person, deliberation, "reason", reason="It forgets the shops.")
    assert shown == [True, True, True]
    await admin.send(f"/d/{deliberation.id}/manage/revise", {"seen": "1", "sure": "yes"})
    assert texts.REVISING in admin.page


async def test_without_a_reason_a_named_question_has_no_button_and_no_round(house):
    deliberation, _ = await house.until_rating(anonymous=False)
    admin = await house.admin()
    await admin.open(f"/d/{deliberation.id}/manage")
    assert f"/d/{deliberation.id}/manage/revise" not in admin.page
    await admin.send(f"/d/{deliberation.id}/manage/revise", {"seen": "1", "sure": "yes"})
    assert "Nobody has said yet" in admin.page
    assert (await house.deliberations.load(deliberation.id)).rating_closes_at == deliberation.rating_closes_at


async def test_a_form_that_keeps_the_statement_or_closes_a_vote_acts_on_the_round_that_it_showed(house):
    deliberation, people = await house.until_rating()
    for person in people:
        await sends(person, deliberation, "reason", round="1", reason="It forgets the shops.")
    admin, manage = await house.admin(), f"/d/{deliberation.id}/manage"
    await admin.open(manage)
    closes = hidden_of(admin, f"{manage}/close-rating")
    house.mediator.failure = PromptRejectedError("No.")
    await admin.send(f"{manage}/revise", {"seen": "1", "sure": "yes"})
    await house.work()
    await admin.open(manage)
    keeps = hidden_of(admin, f"{manage}/keep-statement")
    assert (closes["seen"], keeps["seen"]) == ("1", "2")

    house.mediator.failure = None
    await admin.send(f"{manage}/retry")
    await house.work()
    second = await house.deliberations.load(deliberation.id)
    assert (second.phase, second.round) == (Phase.RATING, 2)
    for step, fields in (("keep-statement", keeps), ("close-rating", closes | {"sure": "yes"})):
        await admin.send(f"{manage}/{step}", fields)
        assert await house.deliberations.load(deliberation.id) == second
    assert str(NEWER_STATEMENT) in admin.page


def hidden_of(person, action):
    """What the form that goes there hides, in the page that is open."""
    (form,) = re.findall(rf'<form method="post" action="{action}">.*?</form>', person.page, re.DOTALL)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
