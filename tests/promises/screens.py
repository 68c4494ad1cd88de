"""Plays of what `tests.pictures.story` does not show: other ways to ask, to rate and to come in.

Gives:  plays, as there, for the pictures and for `test_languages`; what no camera sees goes into `told`.
"""

import re
from datetime import timedelta
from typing import Any

from adapters.slack.views import names
from adapters.web.links import admin_link, results_link
from bot.domain.commands import CloseOpinions, CloseRating
from bot.domain.deliberation import Deliberation
from bot.domain.ratings import RatingBy
from bot.domain.rounds import Preference
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
ARMS = (Arm.ZERO_SHOT, Arm.BEST_OPINION, Arm.LEAVE_ONE_OUT, Arm.REVISED)
STUDY = Study(id="s1", group="g1", arms=ARMS, seed=3)


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
    async for stage in revised(place, told):
        yield stage
    await place.run(CloseRating)
    told.append(await place.sees(1))
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
    async for stage in revised(place, told):
        yield stage
    ballot = place.house.ballot(await place.load())
    for person in range(3):
        await place.people[person].vote(ballot, 6)
        await place.give_reason(person, TEXTS[person])
    await (await place.withdraw_reason(2)).yes()
    await place.before_reason(1)
    await place.run(CloseRating)
    await place.send_reason(1, TEXTS[3])
    told += [await place.sees(1), (await place.forget_me(0)).shown]
    yield "reasons withdrawn and refused"
    async for stage in scheduled(place, told):
        yield stage


async def revised(place: ChatPlace, told: list[str]) -> Stages:
    """The statement is revised, and each says which of both they prefer."""
    asked = await place.revise()
    told.append(asked.shown)
    yield "revising the statement"
    told.append(await asked.yes())
    await place.work()
    for person in range(3):
        told.append(await place.prefer(person, Preference.REVISED))
    told += [await place.sees(1), await place.manages()]
    yield "a second round"


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
    """The ways in and out, what is refused, a study and reasons."""
    await place.ask()
    d = await place.load()
    for play in (
        come_in(place, d),
        filled_in(place, d),
        links_end(place, d),
        studied(place),
        reasoned(place),
    ):
        async for stage in play:
            yield stage
    async for stage in left(place, d):
        yield stage


async def come_in(place: WebPlace, d: Deliberation) -> Stages:
    """By every link, as nobody, as a member, as another one and as an admin."""
    house = place.house
    stranger, result = house.somebody(), results_link(house.config, place.team, d.id)
    personal, another = [await house.personal_link(d, f"Person {number}") for number in (1, 2)]
    opened = (
        *(("the start page", "/"), ("own data of nobody", "/me"), ("asking as nobody", "/ask")),
        *(("admin pages as nobody", "/admin"), ("a question as nobody", f"/d/{d.id}")),
        *(("no such link", "/i/nonsense"), ("no such page", "/nowhere"), ("no result yet", result)),
        *(("by a personal link", personal), ("own questions", "/"), ("own data", "/me")),
        *(("admin pages as a member", "/admin"), ("managing as a member", f"/d/{d.id}/manage")),
        ("another person's link", another),
    )
    for stage, address in opened:
        await stranger.open(address)
        yield stage
    assert "Person 2" in stranger.page
    await stranger.send(stranger.path)
    yield "as another person"
    await house.somebody().open(await house.invite(d))
    yield "by the shared link"
    entry, latecomer = admin_link(house.config, now=house.clock.now()), house.somebody()
    await latecomer.open(entry)
    yield "an admin link"
    await place.asker.sign_in(entry)
    yield "questions of a team"
    await latecomer.send(latecomer.path)
    assert latecomer.status == 410
    yield "a used admin link"
    await place.asker.open(personal)
    yield "an admin's browser and a personal link"


async def filled_in(place: WebPlace, d: Deliberation) -> Stages:
    """Forms of the team, and everything that is sent where a question is run."""
    for path, fields in WRONG:
        stage = path.strip("/").replace("/", " ")
        await place.asker.open(path)
        yield stage
        await place.asker.send(path, fields)
        yield f"mistakes in {stage}"
    await place.asker.open("/me")
    yield "own data of an admin"
    await place.asker.open(f"/d/{d.id}/manage")
    for action, fields in MANAGED:
        await place.asker.send(f"/d/{d.id}/manage/{action}", fields)
        yield f"manage {action.replace('/', ' ')}"


async def links_end(place: WebPlace, d: Deliberation) -> Stages:
    """Somebody comes by links that have ended, or has come by one."""
    house, member = place.house, await place.house.visitor(d)
    personal = await house.personal_link(d, "Person 4")
    newest = await house.invite(d)
    await place.asker.open(f"/d/{d.id}/manage")
    await place.asker.send(f"/d/{d.id}/manage/open-link/pause")
    await house.somebody().open(newest)
    yield "nobody new"
    for action, fields in (("open-link/renew", {}), ("links/end", {"all": "yes"})):
        await place.asker.send(f"/d/{d.id}/manage/{action}", fields)
    for link in (newest, personal, results_link(house.config, place.team, d.id)):
        await house.somebody().open(link)
        yield "a link that has ended"
    await member.open(f"/d/{d.id}")
    yield "no longer let in"
    await member.send(f"/d/{d.id}/opinion", {"csrf": "old", "opinion": POSITION})
    yield "a form that is too old"


async def left(place: WebPlace, d: Deliberation) -> Stages:
    """Signing out, and coming long after."""
    house, leaves = place.house, place.house.somebody()
    await leaves.open(await house.personal_link(d, "Person 5"))
    entry, newest = admin_link(house.config, now=house.clock.now()), await house.invite(d)
    for person, action in (
        (leaves, "/sign-out/everywhere"),
        (place.asker, "/admin/sign-out"),
        (place.asker, "/sign-out"),
    ):
        await person.open("/me")
        await person.send(action)
        assert person.status == 200
        yield action.strip("/").replace("/", " ")
    house.clock.advance(timedelta(days=99))
    for link in (newest, entry):
        await house.somebody().open(link)
        yield "long after"


async def studied(place: WebPlace) -> Stages:
    """A study, from before an answer to its end."""
    terms: dict[str, Any] = {"study": STUDY, "ask_quality": True, "position_statement": POSITION}
    house = place.house
    await house.visitor(await house.ask(**terms))
    yield "asked in a study"
    d, people = await house.until_rating(3, **terms)
    ann = people[0]
    await ann.open(f"/d/{d.id}")
    yield "statements of a study"
    first = statements(ann)[0]
    chosen: list[dict[str, str]] = [{}, {f"agreement-{first}": "9"}]
    for fields in (*chosen, {f"agreement-{first}": "6", f"quality-{first}": "2"}):
        await ann.send(f"/d/{d.id}/ratings", fields)
        yield "rating a study"
    await ann.open("/")
    yield "questions with a study"
    await place.asker.open(f"/d/{d.id}/manage")
    yield "managing a study"
    for person in people:
        await person.open(f"/d/{d.id}")
        every = {f"{scale}-{each}": "5" for scale in ("agreement", "quality") for each in statements(person)}
        await person.send(f"/d/{d.id}/ratings", every)
    yield "everything is rated"
    await house.work()
    await ann.open(f"/d/{d.id}")
    yield "the end of a study"
    await place.asker.open(f"/d/{d.id}/manage")
    yield "managing an ended study"


async def reasoned(place: WebPlace) -> Stages:
    """Reasons by name: refused, saved next to a rating that is not, withdrawn, and read by the asker."""
    await place.team_has(keep_feedback=True)
    d, (ann, *_) = await place.house.until_rating(3, anonymous=False, rating_by=RatingBy.BUTTONS)
    stranger = await place.house.visitor(d)
    yield "rating as a newcomer"
    sent: tuple[tuple[str, Person, str, dict[str, str]], ...] = (
        ("an empty reason", ann, "reason", {"reason": " "}),
        ("a reason and an unsaved rating", ann, "reason", {"reason": TEXTS[0], "rating": "5"}),
        ("a reason without a name", stranger, "reason", {"reason": TEXTS[1], "name": ""}),
        ("a reason by name", stranger, "reason", {"reason": TEXTS[1], "name": "Person 4"}),
        ("a rating and an unsaved reason", stranger, "rating", {"rating": "6", "reason": TEXTS[2]}),
    )
    for stage, person, action, fields in sent:
        await person.open(f"/d/{d.id}")
        await person.send(f"/d/{d.id}/{action}", fields)
        yield stage
    await place.asker.open(f"/d/{d.id}/manage")
    yield "managing with reasons"
    await ann.open("/me")
    yield "own reasons"
    await ann.open(f"/d/{d.id}")
    await ann.send(f"/d/{d.id}/reason/withdraw", {"sure": "yes"})
    yield "a reason withdrawn"
    await place.house.deliberations.save((await place.house.deliberations.load(d.id)).settled(d.created_at))
    await ann.send(f"/d/{d.id}/reason", {"reason": TEXTS[2]})
    assert ann.status == 422
    yield "a reason too late"


def statements(person: Person) -> list[str]:
    """Ids of those on the page that is open."""
    return list(dict.fromkeys(re.findall(r'name="agreement-([\w-]+)"', person.page)))
