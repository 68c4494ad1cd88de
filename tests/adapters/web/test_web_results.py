"""Results links: what whoever has one sees, and what nobody sees by one."""

import re
from datetime import timedelta

import pytest

from adapters.web.config import WebConfig
from adapters.web.links import LinkKind, results_link, serializer
from bot.domain.actors import Actor
from bot.domain.commands import CloseRating
from bot.domain.deliberation import RESULT_LINK_CHANGED, Deliberation, Phase
from bot.service.dispatch import dispatch
from bot.wording import texts
from tests.adapters.web.test_web_members import HOSTILE
from tests.web_house import House, Person


async def _settled(house: House, *ratings: str, **terms: object) -> Deliberation:
    """A question whose vote is closed; the first members rate."""
    deliberation, people = await house.until_rating(3, **terms)
    for person, value in zip(people, ratings, strict=False):
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": value})
    await dispatch(CloseRating(Actor("web", "asker"), deliberation.id), house.ports)
    await house.work()
    settled = await house.deliberations.load(deliberation.id)
    assert settled.phase is Phase.SETTLED
    return settled


async def _opened(house: House, deliberation: Deliberation) -> Person:
    stranger = house.somebody()
    await stranger.open(results_link(house.config, deliberation.team, deliberation.id))
    return stranger


async def test_a_stranger_with_the_link_sees_how_a_question_ended(house: House) -> None:
    deliberation = await _settled(house, "6", "7", "2")
    seen = await _opened(house, deliberation)
    assert seen.status == 200
    assert deliberation.question in seen.page
    assert deliberation.statement is not None
    assert deliberation.statement in seen.page
    assert "<strong>2 of 3</strong> agree, 1 disagrees. On average 5.0 of 7" in seen.page
    assert "0 gave 1, 1 gave 2, 0 gave 3, 0 gave 4, 0 gave 5, 1 gave 6, 1 gave 7." in seen.page
    assert "Likely 5.4, actual 5.0 on average." in seen.page
    assert "No AI model was used" in seen.page
    assert "<dt>Drafted by</dt><dd>fake</dd>" in seen.page


async def test_what_the_statement_leaves_open_stands_with_it_as_text(house: House) -> None:
    house.mediator.model_used, house.mediator.open_point = True, "more <b>time</b> for the Opinion"
    seen = await _opened(house, await _settled(house, "6", "7", "2"))
    line = "Leaves open: more &lt;b&gt;time&lt;/b&gt; for the Opinion (asked for by 3)"
    assert seen.page.count(line) == 1


async def test_the_link_shows_no_more_than_the_channel_saw(house: House) -> None:
    deliberation = await _settled(
        house, "6", "7", "2", anonymous=False, context="Only on the question's page."
    )
    page = (await _opened(house, deliberation)).page
    opinions = await house.contributions.opinions(deliberation.id)
    assert len(opinions) == 3
    for opinion in opinions:
        assert opinion.author is not None
        assert opinion.text not in page
        assert opinion.participant not in page
        assert opinion.author.user not in page
        assert f"{opinion.author.name}<" not in page
    assert "Draft 1:" in page
    assert "Draft 2:" not in page
    assert "Only on the question" not in page


async def test_the_link_signs_nobody_in(house: House) -> None:
    deliberation = await _settled(house, "6")
    seen = await _opened(house, deliberation)
    assert "Set-Cookie" not in seen.headers
    assert "<form" not in seen.page
    await seen.open(f"/d/{deliberation.id}")
    assert seen.status == 403


async def test_no_search_engine_keeps_a_result(house: House) -> None:
    seen = await _opened(house, await _settled(house, "6"))
    assert "noindex" in seen.headers["X-Robots-Tag"]
    assert seen.headers["Cache-Control"] == "no-store"


async def test_a_result_that_nobody_rated_says_so(house: House) -> None:
    page = (await _opened(house, await _settled(house))).page
    assert "Nobody rated the statement." in page
    assert "Likely agreement: 5.4 of 7 on average." in page
    assert "How members rated it" not in page


WHY = "the reward model does not read German"
SAID = (
    "The reward model does not read German, so nobody&#39;s agreement is predicted: this is the draft "
    "closest to the others and to the opinions."
)


async def test_where_nobody_was_predicted_the_pages_say_why_once_and_show_no_figure_of_it(
    house: House,
) -> None:
    house.mediator.unpredicted = WHY
    deliberation = await _settled(house, "6", "7", "2")
    member = await house.visitor(deliberation)
    await member.open(f"/d/{deliberation.id}")
    shared = (await _opened(house, deliberation)).page

    for page in (shared, member.page):
        assert page.count(SAID) == 1
        assert "On average 5.0 of 7" in page
        assert not any(words in page for words in ("Likely", "chosen as", "Welfare", "best on average"))
    assert f"<dt>Chosen by</dt><dd>closeness/1 ({WHY})</dd>" in shared
    assert "Closeness of each, from 0 to 1, to the others and to the opinions." in member.page
    assert "Candidate 1 (chosen): 0.60" in member.page


async def test_in_a_group_under_five_no_picture_shows_who_may_disagree(house: House) -> None:
    few = (await _opened(house, await _settled(house, "6", "7", "2"))).page

    assert "Likely 5.4, actual 5.0 on average." in few
    assert "Share of members at each rating" not in few
    assert "likely to disagree" not in few


async def test_in_a_larger_group_shares_of_what_is_likely_are_shown(house: House) -> None:
    deliberation, people = await house.until_rating(5)
    for person in people[:3]:
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": "6"})
    await dispatch(CloseRating(Actor("web", "asker"), deliberation.id), house.ports)
    await people[0].open(f"/d/{deliberation.id}")

    assert "Share of members at each rating, likely and actual" in people[0].page


async def test_what_people_wrote_stays_text(house: House) -> None:
    deliberation = await house.ask(HOSTILE, quorum=2)
    for _ in range(2):
        member = await house.visitor(deliberation)
        await member.send(f"/d/{deliberation.id}/opinion", {"opinion": HOSTILE})
    await house.work()
    kept = await house.mediations.mediation(deliberation.id, 1)
    assert kept is not None
    hostile = kept.model_copy(
        update={"statement": HOSTILE, "models": kept.models.model_copy(update={"generator": HOSTILE})}
    )
    await house.mediations.drop(deliberation.id, 1)
    await house.mediations.keep_mediation(deliberation.id, 1, hostile)
    await dispatch(CloseRating(Actor("web", "asker"), deliberation.id), house.ports)
    await house.work()
    page = (await _opened(house, deliberation)).page
    assert page.count("&lt;script&gt;") >= 4
    assert "<script>" not in page


async def test_ratings_stay_hidden_until_the_vote_is_closed(house: House) -> None:
    deliberation, people = await house.until_rating(results_shown="always")
    await people[0].send(f"/d/{deliberation.id}/rating", {"rating": "6"})
    seen = await _opened(house, deliberation)
    assert seen.status == 404
    assert "when the vote on this question closes" in seen.page
    assert deliberation.question not in seen.page


async def test_a_question_without_a_statement_says_why(house: House, admin: Person) -> None:
    deliberation = await house.ask(closes_at=house.clock.now() + timedelta(hours=1))
    house.clock.advance(timedelta(hours=2))
    await house.work()
    assert "No opinion came in" in (await _opened(house, deliberation)).page


async def test_the_link_lasts_as_long_as_the_question_is_kept(house: House) -> None:
    deliberation = await _settled(house, "6", "7")
    house.clock.advance(timedelta(days=89))
    await house.work()
    assert (await _opened(house, deliberation)).status == 200
    house.clock.advance(timedelta(days=2))
    await house.work()
    gone = await _opened(house, deliberation)
    assert gone.status == 404
    assert "no longer stored" in gone.page


async def test_erased_unknown_and_another_teams_look_the_same(house: House) -> None:
    deliberation = await _settled(house, "6")
    pages = []
    for team, id_ in (("web", "nothing"), ("T-OTHER", deliberation.id)):
        stranger = house.somebody()
        pages.append(await stranger.open(results_link(house.config, team, id_)))
        assert stranger.status == 404
    assert pages[0] == pages[1]
    assert deliberation.question not in pages[1]


async def test_a_question_of_another_platform_is_shown(house: House) -> None:
    deliberation = await _settled(house, "6")
    elsewhere = deliberation.model_copy(update={"team": "T0SLACK", "platform": "slack", "channel": "C1"})
    await house.deliberations.save(elsewhere)
    assert deliberation.question in (await _opened(house, elsewhere)).page
    assert (await _opened(house, deliberation)).status == 404


async def test_forged_links_open_nothing(house: House) -> None:
    deliberation = await _settled(house, "6")
    good = results_link(house.config, "web", deliberation.id)
    elsewhere = WebConfig(secret="another secret, of somebody else", base_url=house.config.base_url)
    said = {"t": "web", "d": deliberation.id}
    forged = [
        good[:-2],
        good.replace("/r/", "/r/x"),
        results_link(elsewhere, "web", deliberation.id),
        # Signed by us, for something else.
        (await house.invite(deliberation)).replace("/i/", "/r/"),
        house.config.url("/r/" + str(serializer(house.config, f"link.{LinkKind.INVITE}").dumps(said))),
    ]
    for link in forged:
        stranger = house.somebody()
        page = await stranger.open(link)
        assert stranger.status == 404
        assert "This link does not work" in page
        assert deliberation.question not in page


@pytest.mark.parametrize("door", [LinkKind.INVITE, LinkKind.PERSONAL, LinkKind.ADMIN])
async def test_a_results_link_opens_no_other_door(house: House, door: LinkKind) -> None:
    deliberation = await _settled(house, "6")
    link = results_link(house.config, "web", deliberation.id)
    stranger = house.somebody()
    await stranger.open(link.replace("/r/", f"/{door}/"))
    assert stranger.status == 404
    assert "Set-Cookie" not in stranger.headers


async def test_those_who_run_it_end_the_link_or_make_a_new_one(house: House, admin: Person) -> None:
    deliberation = await _settled(house, "6", "7", "2")
    manage, stranger = f"/d/{deliberation.id}/manage", house.somebody()

    async def link() -> str:
        found = re.search(r'id="result-link"[^>]*value="([^"]*)"', await admin.open(manage))
        return found[1] if found else ""

    first = await link()
    assert (await _opened(house, deliberation)).status == 200
    await admin.send(f"{manage}/result-link/renew")
    assert texts.RESULT_LINK_NEW in admin.page
    assert deliberation.question not in await stranger.open(first)
    assert (stranger.status, "no longer works" in stranger.page) == (410, True)
    second = await link()
    assert deliberation.question in await stranger.open(second)
    await admin.send(f"{manage}/result-link/close")
    assert texts.RESULT_LINK_ENDED in admin.page
    assert await link() == ""
    for ended in (first, second):
        await stranger.open(ended)
        assert stranger.status == 410
    await admin.send(f"{manage}/result-link/renew")
    await stranger.open(await link())
    assert stranger.status == 200


async def test_a_form_from_before_a_new_link_was_made_makes_no_other(house: House, admin: Person) -> None:
    deliberation = await _settled(house, "6", "7", "2")
    manage = f"/d/{deliberation.id}/manage"
    await admin.open(manage)
    (seen,) = set(re.findall(r'name="seen" value="(\w{12})"', admin.page))
    # Sent twice, as by a double click: the second is from before the link that the first has made.
    for told in (texts.RESULT_LINK_NEW, RESULT_LINK_CHANGED):
        await admin.send(f"{manage}/result-link/renew", {"seen": seen})
        assert told in admin.page
        made = (await house.deliberations.load(deliberation.id)).result_link
    await admin.send(f"{manage}/result-link/close", {"seen": seen})
    assert RESULT_LINK_CHANGED in admin.page
    assert (await house.deliberations.load(deliberation.id)).result_link == made
    # Where there is none, nothing can be lost.
    await admin.send(f"{manage}/result-link/close")
    await admin.send(f"{manage}/result-link/renew", {"seen": seen})
    assert texts.RESULT_LINK_NEW in admin.page


async def test_nobody_else_ends_the_link(house: House) -> None:
    deliberation = await _settled(house, "6", "7", "2")
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/manage/result-link/close")
    assert visitor.status == 403
    assert (await _opened(house, deliberation)).status == 200
