"""What admins and facilitators can do: ask, steer, invite, export, set up."""

import asyncio
import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from adapters.web.links import admin_link
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import StoreError
from bot.domain.ratings import Scale
from bot.domain.team import Team, WhoMayAsk
from bot.domain.terms import ResultsShown
from bot.wording import page_lines
from engine.text import formula_safe
from engine.types import MediationRequest, ParticipantOpinion, WelfareName
from tests.web_house import NOON, House, Person

FORM = {
    "question": "Should we meet on Mondays?",
    "context": "Today it is Friday.",
    "closes_at": "2026-11-24T18:30",
    "closes_at_offset": "-60",
    "opens_at": "",
    "minimum_opinions": "3",
    "quorum": "5",
    "identity": "named",
    "scale": "three",
    "candidates": "8",
    "rating_hours": "72",
    "welfare": "isoelastic",
    "alpha": "2.5",
}


async def _ask(admin: Person, **changed: str) -> None:
    await admin.open("/ask")
    await admin.send("/ask", {**FORM, "key": admin.hidden("key"), **changed})


async def test_a_question_is_posted_with_all_its_terms(house: House, admin: Person) -> None:
    await _ask(admin)
    (asked,) = await house.deliberations.of_team("web")
    assert (asked.question, asked.context) == (FORM["question"], FORM["context"])
    assert asked.phase is Phase.OPINIONS
    # 18:30 in a zone one hour east of UTC.
    assert asked.closes_at == datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    terms = asked.terms
    assert (terms.minimum_opinions, terms.quorum, terms.candidates) == (3, 5, 8)
    assert not terms.anonymous
    assert terms.scale is Scale.THREE
    assert terms.results_shown is ResultsShown.AFTER_CLOSE
    assert terms.rating_period == timedelta(days=3)
    assert (terms.welfare.name, terms.welfare.alpha) == (WelfareName.ISOELASTIC, 2.5)
    assert admin.path == f"/d/{asked.id}/manage"
    assert "Your question is open." in admin.page


async def test_a_time_without_javascript_is_utc(house: House, admin: Person) -> None:
    await _ask(admin, closes_at_offset="0")
    (asked,) = await house.deliberations.of_team("web")
    assert asked.closes_at == datetime(2026, 11, 24, 18, 30, tzinfo=UTC)


async def test_a_question_can_be_scheduled(house: House, admin: Person) -> None:
    await _ask(admin, opens_at="2026-11-24T08:00", opens_at_offset="0")
    (asked,) = await house.deliberations.of_team("web")
    assert asked.phase is Phase.SCHEDULED
    assert "Your question is scheduled." in admin.page


async def test_a_form_sent_twice_is_one_question(house: House, admin: Person) -> None:
    await admin.open("/ask")
    form = {**FORM, "key": admin.hidden("key"), "csrf": admin.csrf}
    await asyncio.gather(*(admin.client.post("/ask", data=form) for _ in range(3)))
    assert len(await house.deliberations.of_team("web")) == 1
    await _ask(admin)
    assert len(await house.deliberations.of_team("web")) == 2


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("question", " ", "The question is empty."),
        ("question", "x" * 501, "501 characters"),
        ("context", "x" * 2001, "2,001 characters"),
        ("closes_at", "2026-11-23T11:00", "The deadline is in the past."),
        ("closes_at", "tomorrow", "Enter a date and a time"),
        ("closes_at", "9999-12-31T23:59", "more than a year away"),
        ("opens_at", "9999-01-01T00:00", "more than a year away"),
        ("closes_at_offset", "1e9", "Enter a date and a time"),
        ("opens_at", "2027-01-01T00:00", "before the question opens"),
        ("minimum_opinions", "1", "from 2 to 10,000"),
        ("quorum", "2", "fewer than the 3 opinions needed"),
        ("quorum", "many", "from 2 to 100,000"),
        ("candidates", "65", "from 2 to 64"),
        ("alpha", "nan", "from 0 to 100"),
        ("alpha", "-1", "from 0 to 100"),
        ("identity", "secret", "Choose one of these."),
        ("scale", "nine", "Choose one of these."),
        ("rating_hours", "many", "from 1 to 1,440"),
        ("welfare", "dictator", "Choose one of these."),
    ],
)
async def test_a_field_that_cannot_be_used_says_why_and_keeps_the_rest(
    house: House, admin: Person, field: str, value: str, sentence: str
) -> None:
    await _ask(admin, **{field: value})
    assert admin.status == 422
    assert sentence in admin.page
    assert f"{FORM['alpha'] if field != 'alpha' else value}" in admin.page
    if field != "context":
        assert FORM["context"] in admin.page
    assert await house.deliberations.of_team("web") == []


async def test_settings_decide_who_may_ask(house: House, admin: Person) -> None:
    visitor = await house.visitor(await house.ask())
    await visitor.open("/ask")
    assert visitor.status == 200
    await admin.open("/admin/settings")
    await admin.send("/admin/settings", {"retention_days": "30", "who_may_ask": "admins"})
    assert admin.page.count("will be deleted sooner") == 1
    # The form is there with all of it: none of it is saved before the answer.
    assert await house.teams.team("web") == Team(id="web")
    assert re.search(r'value="admins"[^>]* checked|value="admins" selected', admin.page)
    await admin.send("/admin/settings", {"retention_days": "30", "who_may_ask": "admins", "sure": "30"})
    assert "Team settings saved" in admin.page
    assert await house.teams.team("web") == Team(
        id="web", who_may_ask=WhoMayAsk.ADMINS, retention_days=30, version=1
    )
    await visitor.open("/ask")
    assert visitor.status == 403
    assert "Only admins can ask" in visitor.page
    # Another admin's form, drawn before that, undoes nothing.
    await admin.open("/admin/settings")
    assert 'name="version" value="1"' in admin.page
    late = {"retention_days": "60", "who_may_ask": "everyone", "version": "0"}
    await admin.send("/admin/settings", late)
    assert "Somebody else changed the settings in the meantime" in admin.page
    assert (await house.teams.team("web")).retention_days == 30


async def test_settings_that_cannot_be_used_change_nothing(house: House, admin: Person) -> None:
    await admin.open("/admin/settings")
    await admin.send("/admin/settings", {"retention_days": "0", "who_may_ask": "nobody"})
    assert admin.status == 422
    assert 'value="0"' in admin.page
    assert await house.teams.team("web") == Team(id="web")


async def test_a_visitor_who_asks_runs_their_own_question_only(house: House) -> None:
    other = await house.ask("Somebody else's?")
    visitor = await house.visitor(other)
    await visitor.open("/ask")
    await visitor.send("/ask", {**FORM, "key": "k"})
    assert visitor.path.endswith("/manage")
    assert "export.json" in visitor.page
    for path in ("manage", "export.json", "export.csv"):
        await visitor.open(f"/d/{other.id}/{path}")
        assert visitor.status == 403
    await visitor.open("/me")
    await visitor.send(f"/d/{other.id}/manage/close")
    assert visitor.status == 403
    assert (await house.deliberations.load(other.id)).phase is Phase.OPINIONS


@pytest.mark.parametrize("path", ["/admin", "/admin/settings"])
async def test_admin_pages_are_for_admins(house: House, path: str) -> None:
    visitor = await house.visitor(await house.ask())
    await visitor.open(path)
    assert visitor.status == 403
    assert "<code>accord admin-link</code>" in visitor.page


async def test_the_list_comes_in_pages(house: House, admin: Person) -> None:
    for number in range(23):
        house.clock.advance(timedelta(seconds=1))
        await house.ask(f"Question {number:02}?")
    first = await admin.open("/admin")
    assert "Question 22?" in first
    assert "Question 02?" not in first
    second = await admin.open("/admin?page=2")
    assert "Question 02?" in second
    assert "Older" not in second
    assert "This page is empty" in await admin.open("/admin?page=9")
    for nonsense in ("0", "-1", "x", "9" * 50):
        assert "Question 22?" in await admin.open(f"/admin?page={nonsense}")


async def test_a_deadline_is_moved(house: House, admin: Person) -> None:
    deliberation = await house.ask(closes_at=NOON + timedelta(days=1))
    await admin.open(f"/d/{deliberation.id}/manage")
    to = f"/d/{deliberation.id}/manage/extend"
    await admin.send(to, {"closes_at": "2026-12-01T10:00", "closes_at_offset": "300"})
    assert "Deadline changed." in admin.page
    assert (await house.deliberations.load(deliberation.id)).closes_at == datetime(
        2026, 12, 1, 15, tzinfo=UTC
    )
    await admin.send(to, {"closes_at": "2020-01-01T10:00"})
    assert "The deadline is in the past." in admin.page
    await admin.send(to, {"closes_at": "9999-12-31T23:59", "closes_at_offset": "-60"})
    assert "more than a year away" in admin.page
    await admin.send(to, {"closes_at": ""})
    assert "Choose the new deadline." in admin.page


SKIPPED = "There is no 02:30 on 28 March in Europe/Berlin, because the clocks go forward."
TWICE = "02:30 happens twice on 31 October in Europe/Berlin, because the clocks go back."
BERLIN = {"closes_at_zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("typed", "offset", "told"),
    [
        ("2027-03-28T02:30", "-120", f"{SKIPPED} Choose another time, such as 03:30."),
        ("2027-10-31T02:30", "-120", f"{TWICE} Choose another time, such as 03:30."),
    ],
    ids=["skipped", "twice"],
)
async def test_a_time_that_clocks_do_not_show_once_is_refused_and_kept(
    house: House, admin: Person, typed: str, offset: str, told: str
) -> None:
    there = {**BERLIN, "closes_at": typed, "closes_at_offset": offset}
    kept = (f'value="{typed}"', 'name="closes_at_zone" value="Europe/Berlin"', told)
    await _ask(admin, **there)
    assert admin.status == 422
    assert all(each in admin.page for each in kept)
    assert await house.deliberations.of_team("web") == []

    closes_at = NOON + timedelta(days=1)
    deliberation = await house.ask(closes_at=closes_at)
    await admin.open(f"/d/{deliberation.id}/manage")
    assert "<details open>" not in admin.page
    await admin.send(f"/d/{deliberation.id}/manage/extend", there)
    assert admin.status == 422
    assert all(each in admin.page for each in (*kept, "<details open>"))
    assert (await house.deliberations.load(deliberation.id)).closes_at == closes_at


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Atlantis", "../etc/passwd", "UTC"])
async def test_a_time_counts_by_its_offset_where_clocks_show_it_once(
    house: House, admin: Person, zone: str
) -> None:
    await _ask(admin, closes_at="2027-03-28T03:30", closes_at_offset="-120", closes_at_zone=zone)
    (asked,) = await house.deliberations.of_team("web")
    assert asked.closes_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


async def test_cancelling_asks_first(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/cancel")
    assert "Tick the box first" in admin.page
    assert (await house.deliberations.load(deliberation.id)).phase is Phase.OPINIONS
    await admin.send(f"/d/{deliberation.id}/manage/cancel", {"sure": "yes"})
    assert (await house.deliberations.load(deliberation.id)).phase is Phase.CANCELLED


async def test_links_that_the_page_shows_let_people_in(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    page = await admin.open(f"/d/{deliberation.id}/manage")
    invite = re.search(r'id="invite"[^>]*value="([^"]+)"', page)
    assert invite is not None
    visitor = house.somebody()
    await visitor.open(invite[1])
    assert visitor.path == f"/d/{deliberation.id}"
    names = "Ann Berger\n\nBo Chen\r\n ann  berger "
    page = await admin.send(f"/d/{deliberation.id}/manage/links", {"names": names})
    links = dict(
        re.findall(r'<input type="text" readonly value="([^"]+)" aria-label="Link for ([^"]+)"', page)
    )
    assert sorted(links.values()) == ["Bo Chen", "ann berger"]
    bo = house.somebody()
    await bo.open(next(link for link, name in links.items() if name == "Bo Chen"))
    assert "Bo Chen" in bo.page


@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
async def test_only_by_name_is_a_personal_link_made_again(
    house: House, admin: Person, anonymous: bool
) -> None:
    deliberation = await house.ask(anonymous=anonymous)
    first = await _made_link(deliberation, admin)
    assert ("it is for a new participant" in admin.page) is anonymous
    assert ("it is for the same person" in admin.page) is not anonymous
    ann, maker = house.somebody(), house.somebody()
    await ann.open(first)
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebras, says Ann."})
    await maker.open(await _made_link(deliberation, admin))
    assert maker.path == f"/d/{deliberation.id}"
    assert ("Zebras" in maker.page) is not anonymous


async def _made_link(deliberation: Deliberation, admin: Person) -> str:
    await admin.open(f"/d/{deliberation.id}/manage")
    page = await admin.send(f"/d/{deliberation.id}/manage/links", {"names": "Ann"})
    (link,) = re.findall(r'value="([^"]+/p/[^"]+)"', page)
    return str(link)


async def test_a_list_without_names_makes_no_links(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/links", {"names": " \n"})
    assert admin.status == 422
    assert "Write 1 to 500 names" in admin.page


async def test_csv_export_has_a_row_each_and_no_formula(house: House, admin: Person) -> None:
    deliberation = await house.ask("=1+1 is the question?", quorum=3)
    hostile = ['=HYPERLINK("http://evil")', "@SUM(A1)\nsecond line, with comma", "fine"]
    for text in hostile:
        visitor = await house.visitor(deliberation)
        await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": text})
    await house.work()
    page = await admin.open(f"/d/{deliberation.id}/export.csv")
    assert page.startswith("\ufeff")
    assert admin.headers["Content-Disposition"] == f'attachment; filename="accord-{deliberation.id}.csv"'
    rows = list(csv.DictReader(io.StringIO(page.removeprefix("\ufeff"))))
    assert sorted(row["opinion"] for row in rows) == sorted([f"'{hostile[0]}", f"'{hostile[1]}", "fine"])
    assert all(row["question"].startswith("'=") for row in rows)
    assert not any(row["predicted_reward"] for row in rows)


@pytest.mark.parametrize("kind", ["json", "csv"])
async def test_half_an_export_never_looks_like_a_whole_one(
    house: House, admin: Person, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliberation, _ = await house.until_rating()

    async def broken(*args: object) -> None:
        raise StoreError("down")

    monkeypatch.setattr(house.contributions, "ratings", broken)
    with pytest.raises(aiohttp.ClientError):
        await admin.open(f"/d/{deliberation.id}/export.{kind}")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", " =1", "\t=1", "\rx", "\nx", "\u00a0=1"])
def test_a_cell_never_begins_like_a_formula(cell: str) -> None:
    assert formula_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "plain", "1-2"])
def test_a_harmless_cell_stays_as_it_is(cell: str) -> None:
    assert formula_safe(cell) == cell


async def test_signing_out_ends_everything(house: House, admin: Person) -> None:
    await admin.open("/me")
    await admin.send("/sign-out")
    assert "signed out" in admin.page
    await admin.open("/admin")
    assert admin.status == 403


async def test_admin_rights_end_after_some_hours_and_the_person_stays(house: House, admin: Person) -> None:
    house.clock.advance(timedelta(hours=house.config.admin_session_hours, seconds=1))
    await admin.open("/admin")
    assert admin.status == 403
    await admin.open("/me")
    assert admin.status == 200


async def test_a_member_who_becomes_admin_stays_the_same_participant(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "Before."})
    await visitor.sign_in(admin_link(house.config, now=house.clock.now()))
    assert visitor.path == "/admin"
    assert "Before." in await visitor.open(f"/d/{deliberation.id}")


async def test_an_admin_is_who_they_were_when_they_sign_in_again(house: House) -> None:
    deliberation = await house.ask()
    admin = await house.admin()
    await admin.open(f"/d/{deliberation.id}")
    await admin.send(f"/d/{deliberation.id}/opinion", {"opinion": "Before."})
    house.clock.advance(timedelta(hours=house.config.admin_session_hours, seconds=1))
    await admin.sign_in(admin_link(house.config, now=house.clock.now()))
    assert "Before." in await admin.open(f"/d/{deliberation.id}")
    await admin.send(f"/d/{deliberation.id}/opinion", {"opinion": "After."})
    assert [each.text for each in await house.contributions.opinions(deliberation.id)] == ["After."]


async def test_an_admin_link_says_for_how_long_one_is_an_admin(house: House) -> None:
    page = await house.somebody().open(admin_link(house.config, now=house.clock.now()))
    assert "signed in as an admin for 12 hours." in page


ASK = '<a href="/ask">Ask</a>'


async def test_members_find_where_to_ask_while_the_team_lets_them(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    for path in ("/", "/me", "/how", f"/d/{deliberation.id}"):
        assert ASK in await visitor.open(path)
    assert ASK not in await house.somebody().open("/")

    await admin.open("/admin/settings")
    await admin.send("/admin/settings", {"retention_days": "30", "who_may_ask": "admins", "sure": "30"})
    assert ASK not in await visitor.open("/")
    assert ASK in await admin.open("/admin")


async def test_whose_link_has_ended_is_not_sent_where_they_may_not_ask(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await house.access.invitations.put_open_link(deliberation.id, None)
    assert ASK not in await visitor.open("/")


async def test_whether_somebody_may_ask_is_looked_up_once_and_only_for_a_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    looked: list[str] = []
    team = house.ports.teams.team

    async def counted(team_id: str) -> Team:
        looked.append(team_id)
        return await team(team_id)

    monkeypatch.setattr(house.ports.teams, "team", counted)
    await visitor.open(f"/d/{deliberation.id}/now")
    response = await visitor.client.post("/ask", data={"csrf": "wrong"})
    assert response.status == 403
    assert looked == []
    await visitor.open("/ask")
    assert ASK.replace(">Ask", ' aria-current="page">Ask') in visitor.page
    assert looked == ["web"]


async def test_a_page_that_found_somebody_let_in_does_not_look_again_for_its_menu(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    loaded: list[str] = []
    load = house.ports.deliberations.load

    async def counted(id_: str) -> Deliberation:
        loaded.append(id_)
        return await load(id_)

    monkeypatch.setattr(house.ports.deliberations, "load", counted)
    loads = {}
    for who in (WhoMayAsk.EVERYONE, WhoMayAsk.ADMINS):
        team = await house.ports.teams.team("web")
        await house.ports.teams.save_team(team.model_copy(update={"who_may_ask": who}))
        for path in ("/", f"/d/{deliberation.id}"):
            loaded.clear()
            assert (ASK in await visitor.open(path)) is (who is WhoMayAsk.EVERYONE)
            loads[path, who] = len(loaded)
    # Where only admins may ask, nobody's links are looked at for that.
    for path in ("/", f"/d/{deliberation.id}"):
        assert loads[path, WhoMayAsk.EVERYONE] == loads[path, WhoMayAsk.ADMINS]


async def test_turnout_is_told_of_those_who_were_invited(house: House, admin: Person) -> None:
    deliberation = await house.ask(anonymous=False)
    people = [await house.named(deliberation, name) for name in ("Ann", "Bo", "Cleo")]
    await people[0].send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine."})
    page = await admin.open(f"/d/{deliberation.id}/manage")
    # With the link for everyone, nobody knows of how many.
    assert '<span data-count="answered" data-of="">1</span> answered' in page
    await house.access.invitations.put_open_link(deliberation.id, None)
    page = await admin.open(f"/d/{deliberation.id}/manage")
    assert '<span data-count="answered" data-of="3">1 of 3</span> answered' in page


async def test_of_those_who_answered_no_others_are_counted_as_having_rated(
    house: House, admin: Person
) -> None:
    deliberation, people = await house.until_rating(3)
    others = [await house.visitor(deliberation) for _ in range(2)]
    for person in (*people[:2], *others):
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": "6"})
    page = await admin.open(f"/d/{deliberation.id}/manage")
    counted = '<span data-count="rated" data-of="3" data-less="2">2 of 3</span> rated'
    assert f"{counted}, plus 2 who didn't answer" in html.unescape(page)


async def test_the_result_and_its_link_are_on_the_manage_page_once_there_is_one(
    house: House, admin: Person
) -> None:
    deliberation, people = await house.until_rating(4)
    for person in people:
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": "6"})
    page = await admin.open(f"/d/{deliberation.id}/manage")
    assert '<span data-count="rated" data-of="4">4 of 4</span> rated' in page
    assert "Link to the result" not in page
    await admin.send(f"/d/{deliberation.id}/manage/close-rating")
    await house.work()
    page = await admin.open(f"/d/{deliberation.id}/manage")
    assert "4 of 4</strong> agree" in page
    link = re.search(r'id="result-link" type="text" readonly value="([^"]+)"', page)
    assert link
    assert "4 of 4</strong> agree" in await house.somebody().open(html.unescape(link[1]))


async def test_drafts_are_on_the_manage_page_once_the_statement_is_out(house: House, admin: Person) -> None:
    deliberation = await house.ask(quorum=2)
    for opinion in ("Ban them.", "Keep them."):
        visitor = await house.visitor(deliberation)
        await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": opinion})
    given = tuple(
        ParticipantOpinion(each.participant, each.text)
        for each in await house.contributions.opinions(deliberation.id)
    )
    asked = MediationRequest(question=deliberation.question, opinions=given)
    made = await house.mediator.mediate(asked, lambda progress: None)
    await house.mediations.keep_mediation(deliberation.id, 1, made)
    assert (await house.deliberations.load(deliberation.id)).phase is Phase.MEDIATING
    assert "Draft 2" not in await admin.open(f"/d/{deliberation.id}/manage")
    await house.work()
    assert "Draft 2" in await admin.open(f"/d/{deliberation.id}/manage")


async def test_a_form_with_mistakes_leads_to_each_field(admin: Person) -> None:
    await admin.open("/ask")
    page = await admin.send("/ask", {"question": "", "closes_at": "nonsense"})
    alert = page.partition('role="alert" tabindex="-1" autofocus>')[2].partition("</div>")[0]
    assert '<a href="#question">What should the group agree on?</a>' in alert
    assert '<a href="#closes_at">Deadline</a>' in alert
    for name in ("question", "closes_at"):
        assert f'id="{name}"' in page


async def test_whoever_chooses_the_link_for_everyone_reads_that_it_counts_browsers(
    house: House, admin: Person
) -> None:
    told = page_lines.LINK_COUNTS_BROWSERS
    assert told in await admin.open("/ask")
    for anonymous in (True, False):
        manage = f"/d/{(await house.ask(f'Anonymous: {anonymous}?', anonymous=anonymous)).id}/manage"
        assert (told in await admin.open(manage)) == anonymous
        await admin.send(f"{manage}/open-link/close")
        assert (told in admin.page) == anonymous
    assert "counts browsers" in await admin.open("/how")
