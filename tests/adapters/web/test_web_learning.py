"""What the pages ask so that it can be learnt from, and how a member stays out."""

import html
import re

from bot.domain.team import Team
from bot.wording import page_lines, texts

POSITION = "Plastics <should> be banned."


async def opted_in(house):
    await house.teams.save_team(Team(id="web", keep_feedback=True))


async def opinion_of(house, deliberation):
    (opinion,) = await house.contributions.opinions(deliberation.id)
    return opinion


def box(person):
    """Whether the box is shown and ticked; None without one."""
    found = re.search(r'<input type="checkbox" name="learn"[^>]*>', person.page)
    return " checked" in found[0] if found else None


async def test_a_team_that_has_not_opted_in_asks_nobody_to_be_learnt_from(house):
    deliberation = await house.ask()
    person = await house.visitor(deliberation)
    assert box(person) is None
    assert texts.LEARNING_NOTE not in person.page
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them.", "learn": "yes"})
    assert not (await opinion_of(house, deliberation)).consent


async def test_a_member_is_asked_by_a_box_that_nobody_has_ticked_beforehand(house):
    await opted_in(house)
    deliberation = await house.ask()
    person = await house.visitor(deliberation)
    assert texts.LEARNING_NOTE in person.page
    assert box(person) is False
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them."})
    assert not (await opinion_of(house, deliberation)).consent
    assert box(person) is False
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them.", "learn": "yes"})
    assert (await opinion_of(house, deliberation)).consent
    assert box(person) is True


async def test_a_refused_opinion_keeps_what_was_ticked_in_its_form_and_nowhere_else(house):
    await opted_in(house)
    deliberation = await house.ask(position_statement=POSITION)
    person = await house.visitor(deliberation)
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": " ", "baseline": "2"})
    assert person.status == 422
    assert await house.contributions.baselines(deliberation.id) == []
    assert box(person) is False
    assert re.search(r'name="baseline" value="2" checked', person.page)


async def test_a_member_stays_out_of_everything_by_one_button(house):
    await opted_in(house)
    deliberation = await house.ask()
    person = await house.visitor(deliberation)
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them.", "learn": "yes"})
    await person.open("/me")
    await person.send("/me/stop-learning")
    assert person.status == 422
    assert (await opinion_of(house, deliberation)).consent
    await person.send("/me/stop-learning", {"sure": "yes"})
    assert texts.LEARNING_OFF in person.page
    assert not (await opinion_of(house, deliberation)).consent
    await person.open(f"/d/{(await house.ask('Another?')).id}")
    await person.open("/me")
    assert texts.OWN_LEARNING_NOTE in person.page


async def test_whoever_made_a_link_says_no_for_nobody_who_answered_by_it(house):
    await opted_in(house)
    deliberation = await house.ask()
    link = await house.personal_link(deliberation, "Ann")
    ann, maker = house.somebody(), house.somebody()
    for each in (ann, maker):
        await each.open(link)
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them.", "learn": "yes"})
    for ended in (False, True):
        if ended:
            (invited,) = await house.access.invitations.invited(deliberation.id)
            await house.access.invitations.end(deliberation.id, [invited.id])
        await maker.open("/me")
        await maker.send("/me/stop-learning", {"sure": "yes"})
        assert page_lines.LEARNING_ELSEWHERE in html.unescape(maker.page)
        assert (await opinion_of(house, deliberation)).consent
    await ann.open("/me")
    await ann.send("/me/stop-learning", {"sure": "yes"})
    assert page_lines.LEARNING_ELSEWHERE not in html.unescape(ann.page)
    assert not (await opinion_of(house, deliberation)).consent


async def test_a_late_copy_of_that_button_takes_back_no_yes_that_was_said_since(house):
    await opted_in(house)
    deliberation = await house.ask()
    person = await house.visitor(deliberation)
    await person.open("/me")
    form = {"sure": "yes", "key": person.hidden("key")}
    assert form["key"]
    await person.send("/me/stop-learning", form)
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them.", "learn": "yes"})
    await person.send("/me/stop-learning", form)
    assert texts.LEARNING_OFF in person.page
    assert (await opinion_of(house, deliberation)).consent
    # The same button on a page of now is another act.
    await person.open("/me")
    await person.send("/me/stop-learning", {**form, "key": person.hidden("key")})
    assert not (await opinion_of(house, deliberation)).consent


async def test_the_position_statement_is_rated_with_the_opinion_or_left_out(house):
    deliberation = await house.ask(position_statement=POSITION)
    person = await house.visitor(deliberation)
    assert "Plastics &lt;should&gt; be banned." in person.page
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them."})
    assert await house.contributions.baselines(deliberation.id) == []
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them.", "baseline": "6"})
    assert [each.value for each in await house.contributions.baselines(deliberation.id)] == [6]
    assert re.search(r'name="baseline" value="6" checked', person.page)
    await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "Ban them!", "baseline": "9"})
    assert person.status == 422
    assert "Ban them!" in person.page
    assert [each.value for each in await house.contributions.baselines(deliberation.id)] == [6]


async def test_quality_is_asked_where_the_question_asks_for_it(house):
    deliberation, (person, *_) = await house.until_rating(ask_quality=True)
    await person.open(f"/d/{deliberation.id}")
    assert "Excellent" in person.page
    await person.send(f"/d/{deliberation.id}/rating", {"rating": "6", "quality": "3"})
    (rating,) = await house.contributions.ratings(deliberation.id, 1)
    assert (rating.value, rating.quality) == (6, 3)
    assert re.search(r'name="quality" value="3" checked', person.page)
    await person.send(f"/d/{deliberation.id}/rating", {"rating": "5"})
    (rating,) = await house.contributions.ratings(deliberation.id, 1)
    assert (rating.value, rating.quality) == (5, 3)


async def test_quality_is_not_asked_otherwise(house):
    deliberation, (person, *_) = await house.until_rating()
    await person.open(f"/d/{deliberation.id}")
    assert 'name="quality"' not in person.page
    await person.send(f"/d/{deliberation.id}/rating", {"rating": "6", "quality": "3"})
    (rating,) = await house.contributions.ratings(deliberation.id, 1)
    assert rating.quality is None


async def test_whoever_asks_can_set_a_position_statement_and_ask_for_quality(house):
    admin = await house.admin()
    await admin.open("/ask")
    typed = {
        "question": "Ban plastics?",
        "key": admin.hidden("key"),
        "minimum_opinions": "2",
        "candidates": "16",
        "rating_hours": "24",
        "identity": "anonymous",
        "scale": "seven",
        "welfare": "utilitarian",
    }
    await admin.send("/ask", typed | {"position_statement": "x" * 501})
    assert (admin.status, "501" in admin.page) == (422, True)
    await admin.send("/ask", typed | {"position_statement": POSITION, "ask_quality": "yes"})
    (deliberation,) = await house.deliberations.of_team("web")
    assert (deliberation.terms.position_statement, deliberation.terms.ask_quality) == (POSITION, True)


async def test_an_admin_opts_the_team_in_and_out(house):
    admin = await house.admin()
    typed = {"retention_days": "30", "who_may_ask": "everyone"}
    for ticked in (True, False):
        await admin.open("/admin/settings")
        typed["version"] = admin.hidden("version")
        await admin.send("/admin/settings", typed | ({"keep_feedback": "yes"} if ticked else {}))
        assert (await house.teams.team("web")).keep_feedback is ticked
        found = re.search(r'name="keep_feedback" value="yes"( checked)?', admin.page)
        assert bool(found[1]) is ticked
