"""Juries: what members say about themselves is asked for openly, used for the choice alone, and forgotten."""

import pytest

from bot.domain.deliberation import Phase
from bot.domain.juries import MemberAttribute, SeatedJury
from bot.wording import jury_lines, texts
from tests.promises.drafting import Quoting
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.places import ChatPlace, Place

TEAM = MemberAttribute(label="Team", values=("support", "sales"))
SITE = MemberAttribute(label="Site", values=("Zürich-West", "Lisbon-Baixa"))
JURY = SeatedJury(name="Support alone", attribute="Team", seats={"support": 3, "sales": 0})


SAID = (
    "Paper bags tear in the rain, so I keep mine of cloth at hand every day.",
    "My shop sells four hundred plastic bags a week and lives on every one of them.",
    "Let every store in this town take a deposit for each bag that it hands out.",
    "Trams should be free for everybody who comes to the market without a car.",
    "Children learn at school how to mend what is broken, and should teach us.",
)


async def asked(place: Place, jury: SeatedJury | None = JURY) -> None:
    """A question with two questions about members, and this jury."""
    place.drafts_with(Quoting())
    await place.ask(attributes=(TEAM, SITE), jury=jury)


async def opinions(place: Place, supporters: int) -> None:
    for person, text in enumerate(SAID):
        await place.opine(person, text, about=("support" if person < supporters else "", ""))


async def known(place: Place, text: str) -> dict[str, str]:
    """What is kept of whoever wrote an opinion that begins so."""
    kept = await place.ports.contributions.opinions(place.id)
    return next((dict(each.attributes) for each in kept if each.text.startswith(text)), {})


async def test_what_answers_are_for_and_who_chooses_is_said_before_writing(place: Place) -> None:
    await asked(place)

    shown = place.plain(await place.before_writing(1))

    assert str(jury_lines.ABOUT_NOTE) in shown
    assert "The statement is chosen by a jury. Team: only support counts." in shown
    assert str(jury_lines.NO_SEAT_NOTE) in shown
    assert all(each in shown for each in ("Team", "Site", "sales", "Lisbon-Baixa"))


async def test_answers_are_kept_changed_and_left_out_and_nobody_else_sees_them(place: Place) -> None:
    await asked(place, jury=None)
    await place.opine(1, "Ban them.", about=("sales", "Lisbon-Baixa"))
    assert await known(place, "Ban") == {"Team": "sales", "Site": "Lisbon-Baixa"}
    for person in (0, 2, 3, 4):
        await place.opine(person, SAID[person], about=("", "Zürich-West"))
    assert await known(place, "Let") == {"Site": "Zürich-West"}

    await place.opine(1, "Ban them soon.", about=("", "Lisbon-Baixa"))
    assert await known(place, "Ban") == {"Site": "Lisbon-Baixa"}

    await place.close()
    await place.work()
    for person in range(5):
        await place.rate(person, 5)
    await place.close()
    await place.work()
    exported = await place.export()
    # The question's terms say what could be answered, in the order in which it was offered.
    offered = f'"{SITE.values[0]}", "{SITE.values[1]}"'
    told = " ".join(exported.text.split()).replace(offered, "")
    everything = [told, await place.manages(), *place.posted(), place.on_card(), await place.sees(2)]
    for value in SITE.values:
        assert not any(value in place.plain(shown) for shown in everything)


async def test_answers_go_with_the_opinion_and_with_whoever_is_forgotten(place: Place) -> None:
    await asked(place)
    for person, text in ((1, "Ban them."), (2, "Keep them."), (3, "Tax them.")):
        await place.opine(person, text, about=("sales", ""))

    await (await place.withdraw_opinion(1)).yes()
    await (await place.forget_me(2)).yes()

    kept = await place.ports.contributions.opinions(place.id)
    assert [(each.text, each.attributes) for each in kept] == [("Tax them.", {"Team": "sales"})]


async def test_a_jury_chooses_and_the_statement_says_whose_agreement_counted(place: Place) -> None:
    await asked(place)
    await opinions(place, supporters=3)
    await place.close()
    await place.work()

    made = await place.ports.mediations.mediation(place.id, 1)
    assert made is not None
    assert made.jury is not None
    assert made.jury.seats == {"support": 3}
    assert len(made.jury.spread) == len(made.candidates)
    assert "Chosen by a jury. Team: only support counts." in place.plain(await place.sees(1))


async def test_seats_of_fewer_than_three_people_choose_nothing_and_only_the_asker_is_told_why(
    place: Place,
) -> None:
    await asked(place, JURY.model_copy(update={"seats": {"support": 1}}))
    await opinions(place, supporters=2)
    await place.close()
    await place.work()

    d = await place.load()
    assert d.phase is Phase.MEDIATING
    told = texts.why_failed(d)
    assert "Team support: at least 3 needed" in told
    assert "Team support: at least 3" in place.plain(await place.manages())
    assert not any("at least 3 needed" in place.plain(shown) for shown in place.posted())


async def test_what_an_admin_calls_a_group_is_words_wherever_members_read_of_it(place: Place) -> None:
    hostile = "<!channel> *<b>bold</b>* @everyone"
    about = MemberAttribute(label="Team", values=(hostile, "sales"))
    place.drafts_with(Quoting())
    jury = SeatedJury(name="One", attribute="Team", seats={hostile: 3})
    await place.ask(attributes=(about, MemberAttribute(label="In", values=("@<!here>", "@b"))), jury=jury)
    before = await place.before_writing(1)
    for person, text in enumerate(SAID):
        await place.opine(person, text, about=(hostile,))
    await place.close()
    await place.work()

    assert "only <!channel>" in place.plain(before)
    for shown in (before, await place.sees(1), *place.posted()):
        assert not any(mark in shown for mark in ("only <!channel> *", "<!here>", "only <b>"))


@pytest.mark.parametrize("handle", ["@Support-Crew", "@support-crew"])
async def test_groups_of_the_platform_have_seats_without_anybody_being_asked(
    chat: ChatPlace, handle: str
) -> None:
    _join(chat, "Support-Crew", person=1)
    groups = MemberAttribute(label="Group", values=(handle, "@Nobodys"))
    await chat.ask(attributes=(groups,))

    shown = chat.plain(await chat.before_writing(1))
    await chat.opine(1, "Ban them.")
    await chat.opine(2, "Keep them.")

    assert f"which of these groups you are in, to choose the statement: {handle} and @Nobodys." in shown
    assert await known(chat, "Ban") == {"Group": handle}
    assert await known(chat, "Keep") == {}


def _join(chat: ChatPlace, group: str, person: int) -> None:
    if isinstance(chat, SlackPlace):
        chat.people[person].team.groups[group.lower()] = [chat.user(person)]
    elif isinstance(chat, DiscordPlace):
        chat.people[person].take(chat.house.discord.role(group))
