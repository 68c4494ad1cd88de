"""The page's box for a reason: what it shares with the rating's form, its names, and other browsers."""

import re

import pytest

from bot.domain.study import Study
from bot.domain.team import Team
from bot.wording import page_lines, texts
from engine.types import Arm


def typed(person):
    """What stands in the box."""
    return re.findall(r'<textarea id="reason"[^>]*>\n?([^<]*)</textarea>', person.page)


def picked(person):
    """The step that is chosen."""
    return re.findall(r'<input type="radio" name="rating" value="(\d)" required checked>', person.page)


async def sends(person, deliberation, act="reason", **fields):
    """Open the question and send one of its forms."""
    await person.open(f"/d/{deliberation.id}")
    await person.send(f"/d/{deliberation.id}/{act}", fields)


async def reasons(house, deliberation):
    return sorted(each.text for each in await house.contributions.reasons(deliberation.id, 1))


async def test_neither_button_of_the_form_loses_what_the_other_one_would_save(house):
    deliberation, (ann, *_) = await house.until_rating()
    await sends(ann, deliberation, "rating", rating="6", reason="Too dear.")
    assert texts.RATING_KEPT in ann.page
    assert str(page_lines.REASON_UNSAVED).replace("'", "&#39;") in ann.page
    assert (typed(ann), picked(ann)) == (["Too dear."], ["6"])
    assert "data-keep" in ann.page
    assert await reasons(house, deliberation) == []
    await sends(ann, deliberation, rating="2", reason="Too dear.")
    assert texts.REASON_KEPT in ann.page
    assert str(page_lines.RATING_UNSAVED).replace("'", "&#39;") in ann.page
    assert (typed(ann), picked(ann)) == (["Too dear."], ["2"])
    (rating,) = await house.contributions.ratings(deliberation.id, 1)
    assert rating.value == 6
    for act in ("rating", "reason"):
        await sends(ann, deliberation, act, rating="6", reason="Too dear.")
        assert ann.path == f"/d/{deliberation.id}"
        assert (typed(ann), picked(ann)) == (["Too dear."], ["6"])


@pytest.mark.parametrize(("act", "fields"), [("rating", {}), ("reason", {"rating": "3"})])
async def test_what_was_typed_and_ticked_stays_when_a_form_is_refused(house, act, fields):
    await house.teams.save_team(Team(id="web", keep_feedback=True))
    deliberation, (ann, *_) = await house.until_rating()
    text = "Too dear. " + ("x" * 1_000 if act == "reason" else "")
    await sends(ann, deliberation, act, reason=text, learn="yes", **fields)
    assert ann.status == 422
    assert typed(ann) == [text]
    assert picked(ann) == list(fields.values())
    assert re.search(r'name="learn"[^>]* checked', ann.page)
    assert f'<a href="#{act}">' in ann.page


async def test_by_name_a_reason_is_signed_as_its_author_answered_or_types_it(house):
    deliberation, (ann, *_) = await house.until_rating(anonymous=False)
    (said, *_) = await house.contributions.opinions(deliberation.id)
    await sends(ann, deliberation, reason="Mine.", name="Somebody else")
    assert 'id="name"' not in ann.page
    stranger = await house.visitor(deliberation)
    assert 'id="name"' in stranger.page
    for name, told in (("", texts.NAME_NEEDED), (said.signed.upper(), page_lines.NAME_IN_USE)):
        await sends(stranger, deliberation, reason="Theirs.", name=name)
        assert stranger.status == 422
        assert str(told) in stranger.page
        assert typed(stranger) == ["Theirs."]
    await sends(stranger, deliberation, reason="Theirs.", name="Zoe")
    found = {each.text: each.signed for each in await house.contributions.reasons(deliberation.id, 1)}
    assert found["Theirs."] == "Zoe"
    assert found["Mine."] in {each.signed for each in await house.contributions.opinions(deliberation.id)}
    assert 'value="Zoe"' in stranger.page


async def test_only_the_browser_that_said_why_by_a_personal_link_reads_and_changes_it(house):
    deliberation, _ = await house.until_rating()
    link = await house.personal_link(deliberation, "Ann")
    first, other = house.somebody(), house.somebody()
    for browser in (first, other):
        await browser.open(link)
    await sends(first, deliberation, reason="Too dear.")
    assert typed(first) == ["Too dear."]
    page = await other.open(f"/d/{deliberation.id}")
    assert "Too dear." not in page
    assert page_lines.given_elsewhere("Ann") in page
    for act, fields in (("reason", {"reason": "Mine."}), ("reason/withdraw", {"sure": "yes"})):
        await other.send(f"/d/{deliberation.id}/{act}", fields)
        assert other.status == 403
    assert await reasons(house, deliberation) == ["Too dear."]
    assert "Too dear." in await first.open("/me")
    assert "Too dear." not in await other.open("/me")


async def test_a_study_has_no_box(house):
    deliberation, (ann, *_) = await house.until_rating()
    kept = await house.deliberations.load(deliberation.id)
    study = Study(id="s", group="g", arms=(Arm.ZERO_SHOT, Arm.BEST_OPINION), seed=1)
    terms = kept.terms.model_copy(update={"study": study})
    await house.deliberations.save(kept.model_copy(update={"terms": terms}))
    await ann.open(f"/d/{deliberation.id}")
    assert typed(ann) == []
    await ann.send(f"/d/{deliberation.id}/reason", {"reason": "Too dear."})
    assert "study, which asks for no reasons" in ann.page
    assert await reasons(house, deliberation) == []
