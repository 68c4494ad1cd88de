"""Plays of what `tests.pictures.story` does not show: other ways to ask, to rate and to come in.

Gives:  plays, as there, for `test_languages`; what no camera sees goes into `told`.
"""

import re
from datetime import timedelta
from typing import Any

from adapters.slack.views import names
from adapters.web.links import admin_link, results_link
from bot.domain.commands import CloseOpinions, CloseRating
from bot.domain.study import Study
from bot.worker.schedules import post_due_schedules
from engine.types import Arm
from tests.pictures.story import TEXTS, Stages
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace
from tests.promises.places import QUESTION, ChatPlace, Place
from tests.slack_server import Message, User
from tests.web_house import Person

POSITION = "Vouchers would do"
STUDY = Study(id="s1", group="g1", arms=(Arm.ZERO_SHOT, Arm.BEST_OPINION, Arm.LEAVE_ONE_OUT), seed=3)


def elsewhere(place: Place, told: list[str]) -> Stages:
    """What this platform shows beside a question that is rated in private."""
    if isinstance(place, SlackPlace):
        return on_slack(place, told)
    if isinstance(place, DiscordPlace):
        return on_discord(place, told)
    assert isinstance(place, WebPlace)
    return on_pages(place, told)


# -- channels ------------------------------------------------------------------------------------


async def on_slack(place: SlackPlace, told: list[str]) -> Stages:
    """The app's tab, a question that is rated by reactions, and a schedule."""
    boss, member = place.house.slack.user("boss", is_admin=True), place.people[1]
    place.room.members.append(boss.id)
    told += [await tab(place, user) for user in (boss, member)]
    asked = {"identity": "named", "rating_by": "reactions", "position_statement": POSITION}
    place.id = (await place.house.ask(place.people[0], place.room, **asked)).id
    for person in range(3):
        await place.opine(person, TEXTS[person], baseline=6)
    await place.run(CloseOpinions)
    ballot = (await place.load()).ballot
    assert ballot is not None
    message = place.room.message(ballot.message)
    assert message is not None
    for person in range(3):
        await place.people[person].react(message, "blush")
    async for stage in reasoned_on_slack(place, message, told):
        yield stage
    told += [await place.sees(1), await place.manages()]
    yield "rated by reactions"
    await place.run(CloseRating)
    async for stage in scheduled(place, told):
        yield stage
    await place.keep_template("Retro", QUESTION)
    # The tab shows what was changed.
    await place.team_has(retention_days=30, language="fr")
    told += [await tab(place, user) for user in (boss, member)]
    for button in (names.MINE, names.TEAM_SETTINGS, names.LIBRARY, names.ASK_HOME, names.ASK_TEMPLATE):
        assert boss.home is not None
        await boss.click(boss.home, button)
        await boss.sees_modal()
        while boss.views:
            await boss.close()
    yield "the app's tab and its windows"


async def reasoned_on_slack(place: SlackPlace, ballot: Message, told: list[str]) -> Stages:
    """Reasons by name, in windows: refused, saved, withdrawn."""
    for person, text in ((1, " "), (1, TEXTS[1]), (2, TEXTS[2])):
        await place.before_reason(person, ballot)
        yield "a reason is written"
        told.append(await place.send_reason(person, text))
    asked = await place.withdraw_reason(1, ballot)
    told.append(asked.shown)
    yield "withdrawing a reason"
    told.append(await asked.yes())


async def tab(place: SlackPlace, user: User) -> str:
    """What the app's tab shows somebody now."""
    before = user.home.hash if user.home else ""
    await user.open_home()
    await place.house.slack.until(lambda: user.home and user.home.hash != before, what="the app's tab")
    assert user.home is not None
    return user.home.shown


async def on_discord(place: DiscordPlace, told: list[str]) -> Stages:
    """A question with a poll on a position and one on the statement, reasons, and a schedule."""
    await place.team_has(keep_feedback=True)
    asked = {"identity": "named", "rated_by": "poll", "position": POSITION}
    place.id = (await place.house.ask(place.people[0], **asked)).id
    (poll,) = [each for each in place.house.own if each.poll is not None]
    for person in range(3):
        await place.people[person].vote(poll, 6)
        await place.opine(person, TEXTS[person])
    told += place.posted()
    await place.run(CloseOpinions)
    ballot = place.house.ballot(await place.load())
    for person in range(3):
        await place.people[person].vote(ballot, 5)
    for person in range(3):
        await place.give_reason(person, TEXTS[person])
    told += [await place.sees(1), await place.manages()]
    yield "rated in a poll, and why"
    await (await place.withdraw_reason(2)).yes()
    await place.before_reason(1)
    await place.run(CloseRating)
    await place.send_reason(1, TEXTS[3])
    told.append((await place.forget_me(0)).shown)
    yield "reasons withdrawn and refused"
    async for stage in scheduled(place, told):
        yield stage


async def scheduled(place: ChatPlace, told: list[str]) -> Stages:
    """A schedule posts, and later does not."""
    await place.keep_template("Retro", QUESTION)
    told.append(await place.schedule("Retro"))
    posted = len(place.posted())
    await due(place)
    assert len(place.posted()) > posted
    yield "a schedule has posted"
    await place.ports.library.remove_template(place.team, "Retro")
    await due(place)
    written = [text for person in range(len(place.people)) for text in place.written_to(person)]
    assert any("Retro" in text for text in written)
    told.append(await place.schedules())
    assert "Retro" in told[-1]
    yield "a schedule has not posted"


async def due(place: ChatPlace) -> None:
    """The time of the only schedule has come."""
    (kept,) = await place.ports.library.schedules(place.team)
    now = place.ports.clock.now()
    await place.ports.library.save_schedule(kept.model_copy(update={"next_at": now}))
    assert await post_due_schedules(place.ports) == 1
    await place.work()


# -- pages ---------------------------------------------------------------------------------------

# What is sent from the page where a question is run, one after the other.
MANAGED: tuple[tuple[str, dict[str, str]], ...] = (
    ("links", {"names": ""}),
    ("links", {"names": "Person 3\nPerson 4"}),
    ("links", {"names": "Person 3", "replace": "yes", "only": "yes"}),
    ("links/end", {}),
    ("links/end", {"all": "yes"}),
    *((f"open-link/{step}", {}) for step in ("pause", "resume", "renew", "close", "open")),
    ("open-link/newcomers", {"per_minute": "none"}),
    ("open-link/newcomers", {"per_minute": "1"}),
    ("result-link/renew", {}),
    ("result-link/close", {}),
    ("extend", {"closes_at": "", "closes_at_offset": "0"}),
    ("cancel", {}),
)


# Forms of the team's that say what is wrong at each field.
WRONG: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "/ask",
        {
            "question": "",
            "closes_at": "soon",
            "quorum": "1",
            "emoji": "x",
            "scale": "own",
            "retention_days": "x",
        },
    ),
    ("/admin/settings", {"retention_days": "none", "fewest_ratings": "1", "excluded_roles": ""}),
)


async def on_pages(place: WebPlace, told: list[str]) -> Stages:
    """The ways in and out, and a study."""
    await place.ask()
    house, stranger, d = place.house, place.house.somebody(), await place.load()
    shared, result = await house.invite(d), results_link(house.config, place.team, d.id)
    personal, another = [await house.personal_link(d, f"Person {number}") for number in (1, 2)]
    paths = ("/", "/me", "/ask", "/admin", f"/d/{d.id}", "/i/nonsense", result, personal, "/", "/me", another)
    told += [await stranger.open(path) for path in paths]
    assert "Person 2" in stranger.page
    told.append(await stranger.send(stranger.path))
    yield "another person's link"
    entry = admin_link(house.config, now=house.clock.now())
    told += [await house.somebody().open(each) for each in (shared, entry)]
    await place.asker.sign_in(entry)
    latecomer = house.somebody()
    await latecomer.open(entry)
    told.append(await latecomer.send(latecomer.path))
    assert latecomer.status == 410
    told.append(await place.asker.open(personal))
    for path, fields in WRONG:
        await place.asker.open(path)
        told.append(await place.asker.send(path, fields))
    await place.asker.open(f"/d/{d.id}/manage")
    told += [await place.asker.send(f"/d/{d.id}/manage/{action}", fields) for action, fields in MANAGED]
    yield "links are made and ended"
    newest = await house.invite(d)
    told += [await house.somebody().open(each) for each in (shared, personal, newest, result)]
    await place.asker.send(f"/d/{d.id}/manage/open-link/pause")
    told.append(await house.somebody().open(newest))
    told.append(await stranger.open(f"/d/{d.id}"))
    told.append(await stranger.send(f"/d/{d.id}/opinion", {"csrf": "old", "opinion": POSITION}))
    yield "ended links"
    async for stage in studied(place, told):
        yield stage
    async for stage in reasoned(place, told):
        yield stage
    leaves = house.somebody()
    await leaves.open(await house.personal_link(d, "Person 5"))
    for person, action in (
        (leaves, "/sign-out/everywhere"),
        (place.asker, "/admin/sign-out"),
        (place.asker, "/sign-out"),
    ):
        await person.open("/me")
        told.append(await person.send(action))
        assert person.status == 200
    house.clock.advance(timedelta(days=99))
    told += [await house.somebody().open(each) for each in (newest, entry)]
    yield "out"


async def studied(place: WebPlace, told: list[str]) -> Stages:
    """A study, from before an answer to its end."""
    terms: dict[str, Any] = {"study": STUDY, "ask_quality": True, "position_statement": POSITION}
    house = place.house
    told.append((await house.visitor(await house.ask(**terms))).page)
    d, people = await house.until_rating(3, **terms)
    ann = people[0]
    told.append(await ann.open(f"/d/{d.id}"))
    first = statements(ann)[0]
    chosen: list[dict[str, str]] = [{}, {f"agreement-{first}": "9"}]
    for fields in (*chosen, {f"agreement-{first}": "6", f"quality-{first}": "2"}):
        told.append(await ann.send(f"/d/{d.id}/ratings", fields))
    told += [await ann.open("/"), await place.asker.open(f"/d/{d.id}/manage")]
    for person in people:
        await person.open(f"/d/{d.id}")
        every = {f"{scale}-{each}": "5" for scale in ("agreement", "quality") for each in statements(person)}
        told.append(await person.send(f"/d/{d.id}/ratings", every))
    yield "a study"
    await house.work()
    told += [await ann.open(f"/d/{d.id}"), await place.asker.open(f"/d/{d.id}/manage")]
    yield "the end of a study"


async def reasoned(place: WebPlace, told: list[str]) -> Stages:
    """Reasons by name: refused, saved next to a rating that is not, withdrawn, and read by the asker."""
    await place.team_has(keep_feedback=True)
    d, (ann, *_) = await place.house.until_rating(3, anonymous=False)
    stranger = await place.house.visitor(d)
    told.append(stranger.page)
    sent: tuple[tuple[Person, dict[str, str]], ...] = (
        (ann, {"reason": " "}),
        (ann, {"reason": TEXTS[0], "rating": "5"}),
        (stranger, {"reason": TEXTS[1], "name": ""}),
        (stranger, {"reason": TEXTS[1], "name": "Person 4"}),
    )
    for person, fields in sent:
        await person.open(f"/d/{d.id}")
        told.append(await person.send(f"/d/{d.id}/reason", fields))
    told += [await stranger.send(f"/d/{d.id}/rating", {"rating": "6", "reason": TEXTS[2]})]
    told += [await place.asker.open(f"/d/{d.id}/manage"), await ann.open("/me"), await ann.open(f"/d/{d.id}")]
    told.append(await ann.send(f"/d/{d.id}/reason/withdraw", {"sure": "yes"}))
    await place.house.deliberations.save((await place.house.deliberations.load(d.id)).settled(d.created_at))
    told.append(await ann.send(f"/d/{d.id}/reason", {"reason": TEXTS[2]}))
    assert ann.status == 422
    yield "reasons"


def statements(person: Person) -> list[str]:
    """Ids of those on the page that is open."""
    return list(dict.fromkeys(re.findall(r'name="agreement-([\w-]+)"', person.page)))
