"""What members can do without JavaScript, and what they never see."""

import asyncio
import html
import re
from datetime import timedelta
from typing import Any

import pytest

from adapters.web.config import WebConfig
from adapters.web.links import LinkKind, read_link
from bot.chat import finding_results
from bot.domain.actors import Actor
from bot.domain.commands import CloseOpinions, CloseRating
from bot.domain.decision import Decision
from bot.domain.deliberation import OPINION_LIMIT, Deliberation, Opinion
from bot.domain.likeness import Signing
from bot.service.dispatch import dispatch
from bot.wording import page_lines
from engine.drafting.digest.drafter import DigestGenerator
from engine.errors import GenerationError
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from tests.web_house import NOON, QUESTION, House, Person

ASKED = {
    "question": "Ann's question?",
    "minimum_opinions": "2",
    "rating_hours": "24",
    "candidates": "4",
    "identity": "anonymous",
    "scale": "seven",
    "welfare": "utilitarian",
}
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(2)>'


async def test_a_member_reads_everything_before_writing(house: House) -> None:
    closes_at = NOON + timedelta(days=2)
    deliberation = await house.ask(context="The council votes in March.", closes_at=closes_at)
    visitor = await house.visitor(deliberation)
    page = visitor.page
    assert QUESTION in page
    assert "The council votes in March." in page
    assert "25 November 2026, 12:00 UTC" in page
    assert page.index("Opinions are anonymous") < page.index("<textarea")
    assert re.search(r'<textarea[^>]*aria-describedby="identity kept model', page)


async def test_a_sentence_from_the_last_page_is_shown_once(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "A thought."})
    assert "Opinion saved." in visitor.page
    assert "Opinion saved." not in await visitor.open(f"/d/{deliberation.id}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("  ", "Your opinion is empty."), ("x" * (OPINION_LIMIT + 1), "3,001 characters")],
    ids=["empty", "too long"],
)
async def test_an_opinion_that_is_refused_stays_in_its_field(house: House, text: str, sentence: str) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": text})
    assert visitor.status == 422
    assert sentence in visitor.page
    assert f">\n{text}</textarea>" in visitor.page
    assert await house.contributions.opinion_count(deliberation.id) == 0


async def test_an_opinion_of_the_greatest_length_fits_through(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "🙂" * OPINION_LIMIT})
    assert visitor.status == 200
    assert await house.contributions.opinion_count(deliberation.id) == 1


async def test_a_named_question_says_so_and_asks_for_the_name(house: House) -> None:
    deliberation = await house.ask(anonymous=False)
    visitor = await house.visitor(deliberation)
    assert visitor.page.index("Opinions are named") < visitor.page.index('name="name"')
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine.", "name": "  "})
    assert "Write yours." in visitor.page
    assert "Mine." in visitor.page
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine.", "name": "Ann"})
    (opinion,) = await house.contributions.opinions(deliberation.id)
    assert opinion.author is not None
    assert opinion.author.name == "Ann"


async def test_nobody_answers_under_another_name_than_their_personal_links(house: House) -> None:
    deliberation = await house.ask(anonymous=False)
    ann = await house.named(deliberation, "Ann")
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine.", "name": "Bo"})
    (opinion,) = await house.contributions.opinions(deliberation.id)
    assert opinion.author is not None
    assert opinion.author.name == "Ann"


@pytest.mark.parametrize(
    ("anonymous", "kept"), [(True, "Device 0"), (False, "Device 1")], ids=["anonymous", "named"]
)
async def test_one_person_on_two_devices_is_one_participant(house: House, anonymous: bool, kept: str) -> None:
    deliberation = await house.ask(anonymous=anonymous)
    link = await house.personal_link(deliberation, "Ann")
    for device in range(2):
        person = house.somebody()
        await person.open(link)
        await person.send(f"/d/{deliberation.id}/opinion", {"opinion": f"Device {device}"})
        house.clock.advance(timedelta(seconds=1))
    assert [o.text for o in await house.contributions.opinions(deliberation.id)] == [kept]


async def test_by_name_a_link_made_again_is_the_same_participant(house: House) -> None:
    deliberation = await house.ask(anonymous=False)
    for name in ("Ann", " ann "):
        person = await house.named(deliberation, name)
        await person.send(f"/d/{deliberation.id}/opinion", {"opinion": f"As {name}"})
        house.clock.advance(timedelta(seconds=1))
    assert [o.text for o in await house.contributions.opinions(deliberation.id)] == ["As  ann"]


# -- a person exists in one question ---------------------------------------------------------------


@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
async def test_nobody_becomes_a_member_of_one_question_by_asking_another(
    house: House, anonymous: bool
) -> None:
    question = await house.ask("Is our boss good?", anonymous=anonymous)
    ann = await house.named(question, "Ann")
    await ann.send(f"/d/{question.id}/opinion", {"opinion": "Zebras, says Ann."})
    own = await house.ask("Lunch?", anonymous=anonymous)
    forged = await house.named(own, "Ann")
    await forged.open(await house.invite(question))
    assert forged.path == f"/d/{question.id}"
    assert "Zebras" not in forged.page
    house.clock.advance(timedelta(seconds=1))
    await forged.send(f"/d/{question.id}/opinion", {"opinion": "Somebody else's.", "name": "Ann"})
    assert "Zebras" in await ann.open(f"/d/{question.id}")
    await forged.open("/me")
    await forged.send("/me/forget", {"sure": "yes"})
    assert "Zebras" in await ann.open(f"/d/{question.id}")


@pytest.mark.parametrize("anonymous", [True, False], ids=["anonymous", "named"])
async def test_whoever_made_a_personal_link_comes_into_no_other_question_with_it(
    house: House, anonymous: bool
) -> None:
    trap, question = await house.ask("Lunch?", anonymous=anonymous), await house.ask("Is our boss good?")
    link = await house.personal_link(trap, "Ann")
    ann, maker = house.somebody(), house.somebody()
    await ann.open(link)
    await ann.open(await house.invite(question))
    await ann.send(f"/d/{question.id}/opinion", {"opinion": "Zebras, says Ann."})
    await ann.open("/ask")
    await ann.send("/ask", ASKED)
    assert ann.path.endswith("/manage")
    for opened in (link, await house.invite(question)):
        await maker.open(opened)
    assert "Zebras" not in maker.page
    assert "Ann's question" not in await maker.open("/")
    await maker.open(ann.path)
    assert maker.status == 404


async def test_an_invitation_keeps_the_person_of_a_personal_link(house: House) -> None:
    deliberation = await house.ask()
    ann = await house.named(deliberation, "Ann")
    await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine."})
    await ann.open(await house.invite(deliberation))
    assert "Mine." in ann.page


async def test_a_member_reads_who_else_can_open_their_link_before_they_write(house: House) -> None:
    sentence = "The person who sent it to you could open it too"
    deliberation = await house.ask()
    ann = await house.named(deliberation, "Ann")
    assert ann.page.index(sentence) < ann.page.index("<textarea")
    way_out = "ask for the link for everyone"
    assert way_out in ann.page
    await house.access.invitations.tune_open_link(deliberation.id, admits=False)
    assert way_out not in await ann.open(f"/d/{deliberation.id}")
    await house.access.invitations.tune_open_link(deliberation.id, admits=True)
    assert sentence not in (await house.visitor(deliberation)).page
    rating, _ = await house.until_rating()
    ann = await house.named(rating, "Ann")
    assert ann.page.index(sentence) < ann.page.index('name="rating"')


async def test_whoever_made_an_anonymous_link_neither_reads_nor_changes_what_was_given_by_it(
    house: House,
) -> None:
    deliberation = await house.ask(position_statement="Cars should go.", quorum=2, ask_quality=True)
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Bob")
    bob, maker = house.somebody(), house.somebody()
    assert "but not read or change it" in await maker.open(link)
    await bob.open(link)
    for text in ("Zebras.", "  Zebras again. "):
        assert text.strip() in await bob.send(f"{path}/opinion", {"opinion": text, "baseline": "6"})
    told = html.escape(page_lines.given_elsewhere("Bob"), quote=False)
    for act, fields in (("opinion", {"opinion": "Lions."}), ("opinion/withdraw", {"sure": "yes"})):
        house.clock.advance(timedelta(seconds=1))
        await maker.open("/me")
        assert told in await maker.send(f"{path}/{act}", fields)
        # Nobody loses what they wrote.
        assert (maker.status, fields.get("opinion", "") in maker.page) == (403, True)
    shown = await maker.open(path)
    assert (told in shown, "<textarea" in shown, "checked" in shown) == (True, False, False)
    assert "Zebras" not in shown + await maker.open("/me")
    # The same browser knows what it gave, however it comes, and may change it.
    assert 'name="baseline" value="6" checked' in await bob.open(link)
    await (await house.visitor(deliberation)).send(f"{path}/opinion", {"opinion": "Mine."})
    await house.work()
    for act, fields in (("rating", {"rating": "7"}), ("rating/withdraw", {"sure": "yes"})):
        await maker.open(path)
        assert (told in maker.page, 'name="rating"' in maker.page) == (True, False)
        await maker.open("/me")
        assert told in await maker.send(f"{path}/{act}", fields)
    await bob.open(path)
    await bob.send(f"{path}/rating", {"rating": "2", "quality": "5"})
    assert ("Change my rating" in bob.page, told in bob.page) == (True, False)
    assert [kept.value for kept in await house.contributions.ratings(deliberation.id, 1)] == [2]


async def test_a_form_sent_twice_is_of_the_same_browser_though_no_answer_arrived(house: House) -> None:
    deliberation = await house.ask()
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Bob")
    bob, maker = house.somebody(), house.somebody()
    for each in (bob, maker):
        await each.open(link)
    before, form = bob.cookies, bob.page
    for text in ("Zebras.", "Zebras.", "Zebras, again.", "Zebras."):
        _go_back_to(before, bob)
        bob.page = form
        house.clock.advance(timedelta(seconds=1))
        await bob.send(f"{path}/opinion", {"opinion": text})
        assert (bob.status, "another browser" in bob.page) == (200, False)
    # Whoever guesses the words is told nothing.
    for text in ("Zebras.", "Lions."):
        await maker.open("/me")
        await maker.send(f"{path}/opinion", {"opinion": text})
        assert (maker.status, "another browser" in maker.page) == (403, True)


def _go_back_to(cookies: dict[str, str], person: Person) -> None:
    """Replay a copy of this browser's cookies."""
    person.client.session.cookie_jar.clear()
    person.client.session.cookie_jar.update_cookies(cookies, person.client.make_url("/"))


PATIENT = WebConfig(secret="a secret for tests only", base_url="http://127.0.0.1", writes_per_minute=600)


@pytest.mark.parametrize("config", [PATIENT], ids=["patient"])
async def test_with_texts_in_hand_a_spare_link_and_old_cookies_nobody_finds_out_who_wrote_which(
    house: House,
) -> None:
    deliberation = await house.ask(position_statement="Cars should go.")
    path = f"/d/{deliberation.id}"
    links = {name: await house.personal_link(deliberation, name) for name in ("Ann", "Bob", "Cem", "Spare")}
    members = {name: house.somebody() for name in ("Ann", "Bob", "Cem")}
    maker = await house.visitor(await house.ask("Another one?"))
    fresh = maker.cookies
    said = [("opinion", {"opinion": f"{name} says.", "baseline": "6"}) for name in members]
    voted = [("rating", {"rating": step}) for step in "456"]
    voted += [("reason", {"reason": f"{name} wants it."}) for name in members]

    async def guesses(acts: list[tuple[str, dict[str, str]]]) -> None:
        for act, fields in acts:
            _go_back_to(fresh, maker)
            await maker.open(links["Spare"])
            await maker.send(f"{path}/{act}", fields)
            house.clock.advance(timedelta(seconds=1))

    async def learns_nothing() -> None:
        for name in members:
            told = html.escape(page_lines.given_elsewhere(name), quote=False)
            _go_back_to(fresh, maker)
            page = await maker.open(links[name])
            assert (told in page, "<textarea" in page, " checked" in page) == (True, False, False)
            await maker.open("/me")
            await maker.send(f"{path}/rating", {"rating": "6"})
            assert (maker.status, told in maker.page) == (403, True)

    for (name, person), (act, fields) in zip(members.items(), said, strict=True):
        await person.open(links[name])
        await person.send(f"{path}/{act}", fields)
    await guesses(said)
    await learns_nothing()
    await dispatch(CloseOpinions(Actor("web", "asker"), deliberation.id), house.ports)
    await house.work()
    for person, *given in zip(members.values(), voted[:3], voted[3:], strict=True):
        for act, fields in given:
            await person.open(path)
            await person.send(f"{path}/{act}", fields)
    await guesses(said + voted)
    await learns_nothing()
    kept = await house.contributions.ratings(deliberation.id, 1)
    theirs = [_participant(house, deliberation, links[name]) for name in members]
    assert [each.value for who in theirs for each in kept if each.participant == who] == [4, 5, 6]


def _participant(house: House, deliberation: Deliberation, link: str) -> str:
    """As whom somebody takes part who came by this personal link."""
    token = link.rsplit("/", 1)[1]
    user = read_link(LinkKind.PERSONAL, token, house.config, house.clock.now()).user
    return house.ports.pseudonyms.of(deliberation, user)


async def test_what_was_refused_lets_nobody_in_who_guessed_what_is_said_later(house: House) -> None:
    deliberation = await house.ask(quorum=2)
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Ann")
    ann, maker = house.somebody(), house.somebody()
    for each in (maker, ann):
        await each.open(link)
    for text in ("Yes", "No"):
        # A step that is not asked for.
        await maker.send(f"{path}/opinion", {"opinion": text, "baseline": "3"})
        assert maker.status == 422
    assert await house.contributions.giver(deliberation.id, _participant(house, deliberation, link)) is None
    await ann.send(f"{path}/opinion", {"opinion": "No"})
    assert ann.status == 200
    assert "another browser" in await maker.open(path)
    await maker.open("/me")
    await maker.send(f"{path}/opinion", {"opinion": "Yes"})
    assert maker.status == 403
    assert [each.text for each in await house.contributions.opinions(deliberation.id)] == ["No"]


async def test_what_was_withdrawn_fits_nobodys_later_answer(house: House) -> None:
    deliberation = await house.ask(position_statement="Cars should go.", quorum=2)
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Ann")
    ann, maker = house.somebody(), house.somebody()
    for each in (maker, ann):
        await each.open(link)
    same: dict[str, dict[str, str]] = {"opinion": {"opinion": "Yes", "baseline": "6"}}

    async def gives_and_withdraws(act: str) -> None:
        await maker.open(path)
        assert (await maker.send(f"{path}/{act}", same[act]), maker.status)[1] == 200
        house.clock.advance(timedelta(seconds=9))
        await maker.send(f"{path}/{act}/withdraw", {"sure": "yes"})
        assert maker.status == 200
        house.clock.advance(timedelta(seconds=9))

    await gives_and_withdraws("opinion")
    await ann.send(f"{path}/opinion", same["opinion"])
    assert ("Yes" in ann.page, "another browser" in await maker.open(path)) == (True, True)
    assert "checked" not in maker.page
    await ann.open(path)
    await ann.send(f"{path}/opinion/withdraw", {"sure": "yes"})
    for _ in range(2):
        await (await house.visitor(deliberation)).send(f"{path}/opinion", {"opinion": "Mine."})
    await house.work()
    same |= {"rating": {"rating": "6"}, "reason": {"reason": "Too dear."}}
    for act in ("rating", "reason"):
        await gives_and_withdraws(act)
        await ann.open(path)
        await ann.send(f"{path}/{act}", same[act])
        shown = await maker.open(path)
        assert ("another browser" in shown, "checked" in shown, "dear" in shown) == (True, False, False)
        await ann.open(path)
        await ann.send(f"{path}/{act}/withdraw", {"sure": "yes"})
        house.clock.advance(timedelta(seconds=9))


async def test_a_browser_that_is_several_people_in_turn_finds_what_each_of_them_gave(house: House) -> None:
    deliberation = await house.ask()
    path, browser, maker = f"/d/{deliberation.id}", house.somebody(), house.somebody()
    links = {name: await house.personal_link(deliberation, name) for name in ("Ann", "Bob")}
    for turn in range(2):
        for name, link in links.items():
            await browser.open(link)
            if browser.path != path:
                await browser.send(browser.path)
            assert (f"{name} says {turn - 1}." in browser.page) is (turn > 0)
            await browser.send(f"{path}/opinion", {"opinion": f"{name} says {turn}."})
            assert browser.status == 200
            house.clock.advance(timedelta(seconds=1))
    said = sorted(each.text for each in await house.contributions.opinions(deliberation.id))
    assert said == ["Ann says 1.", "Bob says 1."]
    assert "another browser" in await maker.open(links["Ann"])


async def test_what_is_known_of_no_browser_is_read_by_none_and_can_still_be_deleted(house: House) -> None:
    """As an earlier version kept it."""
    deliberation = await house.ask()
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Ann")
    participant = _participant(house, deliberation, link)
    said = Opinion(participant=participant, text="Zebras.", given_at=house.clock.now())
    await house.contributions.put_opinion(deliberation.id, said)
    ann = house.somebody()
    page = await ann.open(link)
    assert ("another browser" in page, "Zebras" in page, "<textarea" in page) == (True, False, False)
    await ann.open("/me")
    await ann.send(f"{path}/opinion", {"opinion": "Zebras."})
    assert ann.status == 403
    await ann.open("/me")
    await ann.send("/me/forget", {"sure": "yes"})
    assert await house.contributions.giver(deliberation.id, participant) is None


FIRST_GIVEN = {
    "opinion": ({"opinion": "Zebras."}, {"opinion": "Lions."}),
    "rating": ({"rating": "2"}, {"rating": "6"}),
    "reason": ({"reason": "Zebras."}, {"reason": "Lions."}),
}


async def _asked_for(kind: str, house: House) -> Deliberation:
    """A question in the phase in which this is given."""
    return await house.ask() if kind == "opinion" else (await house.until_rating())[0]


@pytest.mark.parametrize("kind", FIRST_GIVEN)
async def test_of_two_browsers_that_come_by_one_personal_link_at_once_one_is_kept_and_one_told(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    deliberation = await _asked_for(kind, house)
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Bob")
    people = [house.somebody(), house.somebody()]
    for each in people:
        await each.open(link)
    _meet_at_the_store(house, monkeypatch, f"put_{kind}")
    given = FIRST_GIVEN[kind]
    await asyncio.gather(
        *(each.send(f"{path}/{kind}", fields) for each, fields in zip(people, given, strict=True))
    )
    assert sorted(each.status for each in people) == [200, 403]
    lost = [each.status for each in people].index(403)
    # Nobody loses what they wrote.
    told = html.escape(page_lines.given_elsewhere("Bob"), quote=False)
    (words,) = given[lost].values()
    assert (told in people[lost].page, kind == "rating" or words in people[lost].page) == (True, True)
    for each, is_theirs in zip(people, (lost == 1, lost == 0), strict=True):
        page = await each.open(path)
        assert (told not in page, '<form method="post" action="' + path in page) == (is_theirs, is_theirs)
    (kept,) = given[1 - lost].values()
    if kind == "rating":
        assert f'name="rating" value="{kept}" required checked' in people[1 - lost].page
    else:
        assert (kept in people[1 - lost].page, kept in people[lost].page) == (True, False)


@pytest.mark.parametrize("kind", FIRST_GIVEN)
async def test_a_browser_that_sends_two_forms_by_its_personal_link_at_once_is_refused_neither(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    deliberation = await _asked_for(kind, house)
    bob = await house.named(deliberation, "Bob")
    _meet_at_the_store(house, monkeypatch, f"put_{kind}")
    action, token = f"/d/{deliberation.id}/{kind}", {"csrf": bob.csrf}
    answers = await asyncio.gather(
        *(bob.client.post(action, data={**token, **fields}) for fields in FIRST_GIVEN[kind])
    )
    assert [each.status for each in answers] == [200, 200]
    assert "another browser" not in await bob.open(f"/d/{deliberation.id}")


def _meet_at_the_store(house: House, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The first two of these come there in the same instant, after everything that is looked at before."""
    put, waiting, both = getattr(house.contributions, name), iter((1, 2)), asyncio.Event()

    async def meeting(*given: Any, **more: Any) -> Any:
        if next(waiting, None) == 2:
            both.set()
        await both.wait()
        return await put(*given, **more)

    monkeypatch.setattr(house.contributions, name, meeting)


async def test_a_name_on_a_personal_link_is_not_taken_by_whoever_types_it_in_the_same_instant(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliberation = await house.ask(anonymous=False)
    action = f"/d/{deliberation.id}/opinion"
    put, typed, answered = house.contributions.put_opinion, asyncio.Event(), asyncio.Event()

    async def held(id_: str, opinion: Opinion, baseline: Any, signing: Signing, *more: Any) -> Any:
        if signing is Signing.TYPED:
            typed.set()
            await answered.wait()
        return await put(id_, opinion, baseline, signing, *more)

    monkeypatch.setattr(house.contributions, "put_opinion", held)
    visitor = await house.visitor(deliberation)
    sending = asyncio.create_task(visitor.send(action, {"opinion": "Lions.", "name": "ann"}))
    await typed.wait()
    # The name was free when it was looked at.
    ann = await house.named(deliberation, "Ann")
    await ann.send(action, {"opinion": "Zebras."})
    answered.set()
    assert page_lines.NAME_IN_USE in html.unescape(await sending)
    assert "Lions." in visitor.page
    # From now on it is refused at once, however both come.
    for order in (1, -1):
        both = [
            ann.send(action, {"opinion": "Zebras."}),
            visitor.send(action, {"opinion": "Lions.", "name": "Ann"}),
        ]
        await asyncio.gather(*both[::order])
        assert page_lines.NAME_TAKEN in html.unescape(visitor.page)
    assert [each.text for each in await house.contributions.opinions(deliberation.id)] == ["Zebras."]


async def test_once_nothing_is_left_of_it_a_personal_link_is_for_whoever_answers_first(house: House) -> None:
    deliberation = await house.ask()
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Bob")
    phone, laptop = house.somebody(), house.somebody()
    for each in (phone, laptop):
        await each.open(link)
    await phone.send(f"{path}/opinion", {"opinion": "Zebras."})
    await phone.send(f"{path}/opinion/withdraw", {"sure": "yes"})
    house.clock.advance(timedelta(seconds=1))
    await laptop.open(path)
    assert "Lions." in await laptop.send(f"{path}/opinion", {"opinion": "Lions."})
    assert "another browser" in await phone.open(path)


async def test_somebody_who_rates_without_an_opinion_is_known_by_their_browser(house: House) -> None:
    deliberation, _ = await house.until_rating()
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Bob")
    bob, maker = house.somebody(), house.somebody()
    for each in (bob, maker):
        await each.open(link)
    for value in ("2", "3"):
        house.clock.advance(timedelta(seconds=1))
        await bob.send(f"{path}/rating", {"rating": value})
    await maker.open("/me")
    assert "another browser" in await maker.send(f"{path}/rating", {"rating": "7"})
    assert [kept.value for kept in await house.contributions.ratings(deliberation.id, 1)] == [3]


async def test_who_deletes_what_another_browser_gave_gives_nothing_in_its_place(house: House) -> None:
    deliberation = await house.ask()
    path, link = f"/d/{deliberation.id}", await house.personal_link(deliberation, "Bob")
    bob, maker = house.somebody(), house.somebody()
    for each in (bob, maker):
        await each.open(link)
    await bob.send(f"{path}/opinion", {"opinion": "Zebras."})
    assert page_lines.hidden_opinions(1) in html.unescape(await maker.open("/me"))
    await maker.send("/me/forget", {"sure": "yes"})
    assert await house.contributions.opinion_count(deliberation.id) == 0
    for person in (bob, maker):
        await person.open(link)
        assert "no longer works" in person.page


async def test_forgetting_erases_what_somebody_gave_as_whomever(house: House) -> None:
    by_link, shared = await house.ask("By link?"), await house.ask("Shared?")
    ann = await house.named(by_link, "Ann")
    await ann.send(f"/d/{by_link.id}/opinion", {"opinion": "One."})
    await ann.open(await house.invite(shared))
    await ann.send(f"/d/{shared.id}/opinion", {"opinion": "Two."})
    await ann.open("/me")
    await ann.send("/me/forget", {"sure": "yes"})
    assert "Everything you submitted is deleted." in ann.page
    counts = [await house.contributions.opinion_count(d.id) for d in (by_link, shared)]
    assert counts == [0, 0]


async def test_who_is_forgotten_by_a_personal_link_does_nothing_any_more_where_it_was_decided_by_name(
    house: House,
) -> None:
    # Nobody signs in an anonymous question: the name on the link is all that is known.
    deliberation, _ = await house.until_rating()
    ann = await house.named(deliberation, "Ann")
    await ann.send(f"/d/{deliberation.id}/rating", {"rating": "6"})
    d = (await house.deliberations.load(deliberation.id)).settled(house.clock.now())
    decision = Decision(decided="No bags.", who="ann, Bo", recorded_at=house.clock.now())
    await house.deliberations.save(d.with_decision(decision, house.clock.now()))
    await ann.open("/me")
    await ann.send("/me/forget", {"sure": "yes"})
    kept = (await house.deliberations.load(deliberation.id)).decision
    assert kept is not None
    assert (kept.decided, kept.who) == ("No bags.", "Bo")


async def test_past_questions_are_looked_for_by_so_many_characters(house: House) -> None:
    visitor = await house.visitor(await house.ask())
    page = await visitor.open(f"/?past={'x' * (finding_results.PAST_WORDS + 50)}")
    (box,) = re.findall(r'<input type="search"[^>]*>', page)
    assert f'maxlength="{finding_results.PAST_WORDS}" value="{"x" * finding_results.PAST_WORDS}"' in box


async def test_two_visitors_of_the_shared_link_are_two_participants(house: House) -> None:
    deliberation = await house.ask()
    for number in range(2):
        visitor = await house.visitor(deliberation)
        await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": f"Visitor {number}"})
    assert await house.contributions.opinion_count(deliberation.id) == 2


async def test_whoever_was_not_invited_finds_nothing(house: House) -> None:
    known = await house.ask()
    secret = await house.ask("What about the secret?")
    visitor = await house.visitor(known)
    for path in ("", "/events", "/manage", "/export.json"):
        await visitor.open(f"/d/{secret.id}{path}")
        assert visitor.status in (403, 404)
        assert "secret" not in visitor.page
    await visitor.open(f"/d/{known.id}")
    await visitor.send(f"/d/{secret.id}/opinion", {"opinion": "Let me in."})
    assert visitor.status == 404
    assert await house.contributions.opinion_count(secret.id) == 0


async def test_another_teams_question_does_not_exist_even_for_admins(house: House, admin: Person) -> None:
    foreign = await house.ask("Foreign?", team="other")
    for path in ("", "/manage", "/events", "/export.json", "/export.csv"):
        await admin.open(f"/d/{foreign.id}{path}")
        assert admin.status == 404
        assert "There is no such question here." in admin.page


async def test_a_stranger_is_told_to_open_their_link(house: House) -> None:
    deliberation = await house.ask()
    stranger = house.somebody()
    await stranger.open(f"/d/{deliberation.id}")
    assert stranger.status == 403
    assert "Open the link you were sent" in stranger.page
    assert QUESTION not in stranger.page


async def test_what_people_write_is_never_markup(house: House, admin: Person) -> None:
    deliberation = await house.ask(f"Q {HOSTILE}", context=f"C {HOSTILE}", anonymous=False)
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": f"O {HOSTILE}", "name": HOSTILE})
    ann = await house.named(deliberation, HOSTILE)
    pages = [
        visitor.page,
        await visitor.open("/"),
        await visitor.open("/me"),
        ann.page,
        await ann.open("/me"),
        await admin.open(f"/d/{deliberation.id}/manage"),
        await admin.send(f"/d/{deliberation.id}/manage/links", {"names": HOSTILE}),
        await admin.open("/admin"),
    ]
    await admin.open("/ask")
    pages.append(await admin.send("/ask", {"question": HOSTILE, "context": HOSTILE, "quorum": HOSTILE}))
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;" in pages[0]


async def test_a_digest_is_lists_under_headings_and_members_words_are_only_words(house: House) -> None:
    drafter = Mediator(DigestGenerator(), LexicalRewardModel(), minimum_usable=1)
    house.mediator.mediate = drafter.mediate  # type: ignore[method-assign]
    deliberation = await house.ask("Should we ban cups?", quorum=3)
    people = [await house.visitor(deliberation) for _ in range(3)]
    for person, opinion in zip(
        people, (f"Yes, ban {HOSTILE}", "No, cups are useful.", "Only at the fair."), strict=True
    ):
        await person.send(f"/d/{deliberation.id}/opinion", {"opinion": opinion})
    await house.work()

    page = await people[0].open(f"/d/{deliberation.id}")

    assert "Here is where we stand" in page
    assert "No common statement without a language model" in page
    assert re.search(r"<h3>We differ on</h3>\s*<div class=\"groups sides\">", page)
    assert '<p class="label">Yes (1 of 3)</p>' in page
    assert "<li>“Cups are useful.”</li>" in page
    assert re.search(r"<h3>Some of us need</h3>.*<li>“Only at the fair.”</li>", page, re.DOTALL)
    assert "<li>“Ban &lt;script&gt;alert" in page
    assert "<script>alert" not in page
    await people[0].send(f"/d/{deliberation.id}/rating", {"rating": "6"})
    assert "Likely and actual agreement" not in people[0].page


@pytest.mark.parametrize("rating", ["", "8", "-1", "six", "٣", "99999999999"])
async def test_a_rating_off_the_scale_is_refused(house: House, rating: str) -> None:
    deliberation, people = await house.until_rating()
    await people[0].open(f"/d/{deliberation.id}")
    await people[0].send(f"/d/{deliberation.id}/rating", {"rating": rating})
    assert re.search("Choose", people[0].page)
    assert await house.contributions.ratings(deliberation.id, 1) == []


async def test_the_three_step_scale_offers_three_steps(house: House) -> None:
    deliberation, people = await house.until_rating(scale="three")
    page = await people[0].open(f"/d/{deliberation.id}")
    assert re.findall(r'name="rating" value="(\d)"', page) == ["2", "4", "6"]


async def test_the_texts_of_drafts_are_for_those_who_run_it(house: House, admin: Person) -> None:
    deliberation, people = await house.until_rating(4)
    for rater in people[1:]:
        await rater.open(f"/d/{deliberation.id}")
        await rater.send(f"/d/{deliberation.id}/rating", {"rating": "3"})
    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/close-rating")
    assert "How members rated" in await people[2].open(f"/d/{deliberation.id}")
    assert "Their texts are not shown" in people[2].page
    managed = await admin.open(f"/d/{deliberation.id}/manage")
    assert "Only you see their texts" in managed
    assert "Their texts are not shown" not in managed
    for page in (managed, people[2].page):
        assert "What this group said" in page
        assert "What this group may agree on" not in page


async def test_the_result_is_told_in_pictures_and_in_tables(house: House) -> None:
    deliberation, people = await house.until_rating(5, candidates=4)
    for person, rating in zip(people[:3], ("6", "7", "2"), strict=True):
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": rating})
    await dispatch(CloseRating(Actor("web", "asker"), deliberation.id), house.ports)
    page = await people[0].open(f"/d/{deliberation.id}")
    assert "<strong>2 of 3</strong> agree, 1 disagrees" in page
    assert page.count('role="img"') == 3
    assert "0 gave 1, 1 gave 2, 0 gave 3, 0 gave 4, 0 gave 5, 1 gave 6, 1 gave 7." in page
    assert page.count("As a table") == 3
    assert "Candidate 4: 5.09." in page


async def test_why_drafting_failed_is_told_to_those_who_run_it_alone(house: House, admin: Person) -> None:
    house.mediator.failure = GenerationError("The model gave no answer.")
    deliberation, people = await house.until_rating()
    assert "The model gave no answer" not in await people[0].open(f"/d/{deliberation.id}")
    assert "The model gave no answer" in await admin.open(f"/d/{deliberation.id}")


async def test_nobody_is_forgotten_without_the_tick_and_whoever_is_has_left(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine."})
    await visitor.open("/me")
    await visitor.send("/me/forget")
    assert "Tick the box first" in visitor.page
    assert await house.contributions.opinion_count(deliberation.id) == 1
    await visitor.send("/me/forget", {"sure": "yes"})
    await visitor.open("/me")
    assert visitor.status == 403


async def test_own_opinions_come_newest_first_and_nobody_is_looked_for_where_they_are_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, named, last = [await house.ask(words) for words in ("First?", "Named?", "Last?")]
    browser = await house.visitor(first)
    await browser.open(await house.personal_link(named, "Ann"))
    await browser.open(await house.invite(last))
    for deliberation in (first, named, last):
        house.clock.advance(timedelta(seconds=1))
        await browser.open(f"/d/{deliberation.id}")
        await browser.send(f"/d/{deliberation.id}/opinion", {"opinion": f"On {deliberation.question}"})
    looked: list[str] = []
    opinion = house.contributions.opinion

    async def counted(id_: str, participant: str) -> Opinion | None:
        looked.append(id_)
        return await opinion(id_, participant)

    monkeypatch.setattr(house.contributions, "opinion", counted)
    page = await browser.open("/me")
    assert re.findall("On (First|Named|Last)", page) == ["Last", "Named", "First"]
    # This browser itself is looked for everywhere, the link's person in its one question.
    assert sorted(looked) == sorted([first.id, named.id, named.id, last.id])


async def test_a_personal_link_never_silently_turns_one_person_into_another(house: House) -> None:
    here, elsewhere = await house.ask(), await house.ask("Elsewhere?")
    ann = await house.named(here, "Ann")
    for deliberation in (here, elsewhere):
        await ann.open(await house.personal_link(deliberation, "Bo"))
        assert "Continue as Bo?" in ann.page
        assert ">Ann</a>" in await ann.open("/me")
    link = (await house.personal_link(here, "Bo")).removeprefix(house.config.base_url)
    await ann.open(link)
    await ann.send(link)
    assert ">Bo</a>" in await ann.open("/me")
    assert "Ann" not in ann.page


async def test_whoever_takes_part_already_is_asked_before_a_personal_link_replaces_them(house: House) -> None:
    deliberation = await house.ask()
    for person in (await house.visitor(deliberation), await house.admin()):
        await person.open(await house.personal_link(deliberation, "Bo"))
        assert "Continue as Bo?" in person.page


async def test_whoever_asked_questions_is_told_that_they_could_not_run_them_any_more(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    link = await house.personal_link(deliberation, "Bo")
    assert "can no longer close" not in await visitor.open(link)
    await visitor.open("/ask")
    await visitor.send("/ask", {"question": "Shall <we> meet?", "minimum_opinions": "2"})
    asked = visitor.path
    page = await visitor.open(link)
    assert "Continue as Bo?" in page
    assert "Shall &lt;we&gt; meet?" in page
    assert "can no longer close, extend or" in page
    assert deliberation.question not in page
    assert "as an admin" not in page
    # Whoever stays goes on running it; whoever continues does not, as they were told.
    assert asked.endswith("/manage")
    assert "Shall &lt;we&gt; meet?" in await visitor.open(asked)
    await visitor.send(link.removeprefix(house.config.base_url))
    await visitor.open(asked)
    assert visitor.status in (403, 404)


async def test_an_admin_is_told_that_they_would_be_none_any_more(house: House) -> None:
    deliberation = await house.ask()
    admin = await house.admin()
    assert "You are signed in here as an admin" in await admin.open(
        await house.personal_link(deliberation, "Bo")
    )


async def test_nobody_is_asked_who_they_are_without_need(house: House) -> None:
    first, second, third = [await house.ask(question) for question in ("First?", "Second?", "Third?")]
    ann = await house.visitor(first)
    link = await house.personal_link(second, "Ann")
    for opened, deliberation in (
        (link, second),
        (link, second),
        (await house.personal_link(third, "ann"), third),
    ):
        await ann.open(opened)
        assert ann.path == f"/d/{deliberation.id}"


async def test_home_lists_the_questions_that_somebody_was_invited_to(house: House) -> None:
    first, second = await house.ask("First?"), await house.ask("Second?")
    await house.ask("Third?")
    visitor = await house.visitor(first)
    await visitor.open(await house.invite(second))
    page = await visitor.open("/")
    assert page.index("Second?") < page.index("First?")
    assert "Third?" not in page
    await house.deliberations.delete(first.id)
    assert "First?" not in await visitor.open("/")


async def test_while_no_draft_comes_the_page_says_until_when_it_is_tried(house: House) -> None:
    deliberation = await house.ask(retry_for=timedelta(hours=2))
    visitor = await house.visitor(deliberation)
    await house.deliberations.save(deliberation.closed(NOON).set_back(NOON))
    assert "tries again until 23 November 2026, 14:00 UTC" in await visitor.open(f"/d/{deliberation.id}")


async def test_strangers_can_read_what_this_is(house: House) -> None:
    stranger = house.somebody()
    assert "open the link you were sent" in await stranger.open("/")
    assert "welfare function" in await stranger.open("/how")
    assert "until 90 days after the question ends" in stranger.page


async def test_scheduled_and_cancelled_questions_say_so(house: House, admin: Person) -> None:
    deliberation = await house.ask(opens_at=NOON + timedelta(days=1))
    visitor = await house.visitor(deliberation)
    assert "This question opens" in visitor.page
    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/cancel", {"sure": "yes"})
    assert "Ended without a statement" in await visitor.open(f"/d/{deliberation.id}")


async def test_a_question_in_drafting_has_a_way_without_javascript(house: House) -> None:
    deliberation = await house.ask(quorum=2)
    people = [await house.visitor(deliberation) for _ in range(2)]
    for person in people:
        await person.send(f"/d/{deliberation.id}/opinion", {"opinion": "One."})
    page = await people[0].open(f"/d/{deliberation.id}")
    assert "A statement is being drafted" in page
    assert f'<noscript><p><a href="/d/{deliberation.id}">Reload this page</a>' in page


async def test_a_late_opinion_is_refused_before_everything_else_on_the_page(house: House) -> None:
    deliberation, _ = await house.until_rating(2)
    late = await house.visitor(deliberation)
    page = await late.send(f"/d/{deliberation.id}/opinion", {"opinion": "Too late, but long."})
    assert late.status == 422
    main = page.partition("<main")[2]
    assert main.index("This was not sent") < main.index("Too late, but long.</textarea>")
    assert main.index("Too late, but long.</textarea>") < main.index("<h1")
    assert page.count(" autofocus") == 1
    assert f'href="/d/{deliberation.id}">reload this page' in page
