"""What members and admins are promised in Slack, as they see it: cards, reminders, the bank, isolation."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.slack.checkup import examine
from adapters.slack.config import SlackConfig
from adapters.slack.views import names
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.library import BankQuestion, Template
from bot.domain.team import Team, WhoMayAsk
from bot.domain.terms import Terms
from bot.wording import texts
from bot.worker.schedules import post_due_schedules
from tests.adapters.slack.test_slack_views import TERMS, deliberation, messages, views
from tests.slack_house import SlackHouse, card, install
from tests.slack_server import Channel, Message, User, View, payloads
from tests.slack_server.delivery import INTERACTIVE

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


@dataclass
class Later:
    """A clock that runs ahead."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@contextmanager
def later(house: SlackHouse, **by: float) -> Iterator[None]:
    """Workers whose clock runs ahead; gateways keep theirs."""
    before, house.ports = house.ports, replace(house.ports, clock=Later(timedelta(**by)))
    yield
    house.ports = before


async def says(house: SlackHouse, view: View, sentence: str) -> None:
    """Wait until a window does."""
    await house.slack.until(lambda: sentence in view.shown, what=sentence)


async def until_statement(
    house: SlackHouse, room: Channel, people: list[User], **values: Any
) -> Deliberation:
    """A question that everybody has answered, with its statement."""
    d = await house.ask(people[0], room, quorum=str(len(people)), **values)
    for number, member in enumerate(people):
        await house.opine(member, card(room), f"Opinion {number}")
    await house.settled()
    return await house.until_phase(d, Phase.RATING)


# -- the statement -------------------------------------------------------------------------------


async def test_the_card_tells_that_it_is_drafted_then_the_statement_and_the_thread_the_result_with_a_link(
    house: SlackHouse,
) -> None:
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await house.ask(people[0], room, quorum="3")
        message = card(room)
        for number, member in enumerate(people):
            await house.opine(member, message, f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        told = [str(call.args["blocks"]) for call in house.slack.calls("chat.update")]
        assert any("A statement is being drafted" in blocks for blocks in told)
        assert "Draft 1" in message.shown
        assert "Ratings are private: other members don't see yours." in message.shown
        assert "Reactions" not in message.shown
        for member, value in zip(people, (1, 6, 6), strict=True):
            await member.click(message, f"rate:{value}")
            await member.is_told("Rating saved")
        await house.settled()
        assert "2 agree" not in message.shown
        await people[0].command("/accord close", room)
        await house.until_phase(d, Phase.SETTLED)
        await house.work()
        (reply,) = room.thread(message.ts)

    assert "Mean 4.3 of 7 from 3 ratings: 2 agree, 0 neutral, 1 disagree." in message.shown
    # All bars begin in one column, and counts end in one; they stand on the card alone.
    assert "```7 ░░░░░░░░ 0 Strongly agree\n6 ████████ 2 Agree\n" in message.shown
    assert "\n1 ████░░░░ 1 Strongly disagree```" in message.shown
    # The thread is told in one line, which leads to it.
    assert reply.shown.startswith("The vote is closed. <")
    assert reply.shown.endswith("|See the result>")


# -- reminders -----------------------------------------------------------------------------------


async def test_only_those_who_have_not_answered_are_reminded_once_and_whoever_wants_none_gets_none(
    house: SlackHouse,
) -> None:
    ann, ben, cleo, dan = house.people(4)
    guest = house.slack.user("guest", is_restricted=True)
    room = house.slack.channel("general", ann, ben, cleo, dan, guest)
    await house.teams.save_team(Team(id=ann.team.id, exclude_guests=True))
    async with house.gateway():
        d = await house.ask(ann, room, deadline="in 5 hours")
        await house.opine(ben, card(room), "Mine")
        await dan.command("/accord settings", room)
        await dan.submit(await dan.sees_modal("mine"), {names.MINE: []})
        with later(house, hours=1):
            await house.work()
        assert not any(user.dms for user in (ann, ben, cleo, dan, guest))
        for _ in range(3):
            with later(house, hours=3.5):
                await house.work()

    reminded = {user.name: [m.shown for m in user.dms] for user in (ann, ben, cleo, dan, guest)}
    assert {name: len(told) for name, told in reminded.items()} == {
        "member0": 1,
        "member1": 0,
        "member2": 1,
        "member3": 0,
        "guest": 0,
    }
    assert "You have not answered yet" in reminded["member2"][0]
    assert d.closes_at is not None
    assert f"closes <!date^{int(d.closes_at.timestamp())}^" in reminded["member2"][0]


async def test_a_reminder_leads_to_the_opinion_s_window(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        d = await house.ask(ann, room, deadline="in 5 hours")
        with later(house, hours=3.5):
            await house.work()
        await ben.click(ben.dms[0], names.SHARE)
        assert not (await ben.submit(await ben.sees_modal("opinion"), {"opinion": "At last."})).errors

    assert [o.text for o in await house.contributions.opinions(d.id)] == ["At last."]


async def test_a_team_without_reminders_reminds_nobody(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    await house.teams.save_team(Team(id=ann.team.id, reminders=False))
    async with house.gateway():
        await house.ask(ann, room, deadline="in 5 hours")
        with later(house, hours=3.5):
            await house.work()

    assert not ann.dms
    assert not ben.dms


async def test_in_a_vote_by_reactions_the_card_counts_and_only_the_others_are_reminded(
    house: SlackHouse,
) -> None:
    people = ann, ben, _ = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        await until_statement(house, room, people, identity="named")
        ballot = next(message for message in room.shown if "React to this message" in message.shown)
        await ben.react(ballot, "blush")
        await house.slack.until(lambda: "1 of 3 rated" in card(room).shown, what="the turnout")
        with later(house, hours=22.5):
            await house.work()

    assert "You have not rated the statement on" in ann.dms[-1].shown
    assert not ben.dms


# -- asking --------------------------------------------------------------------------------------


async def test_a_deadline_that_was_picked_counts_unless_words_say_otherwise(house: SlackHouse) -> None:
    ann = house.slack.user("ann", tz="Asia/Tokyo")
    room = house.slack.channel("general", ann)
    picked = int((datetime.now(UTC) + timedelta(days=3)).timestamp())
    async with house.gateway():
        d = await house.ask(ann, room, deadline_at=picked)
        assert d.closes_at == datetime.fromtimestamp(picked, UTC)
        await ann.command("/accord ask Past?", room)
        refused = await ann.submit(await ann.sees_modal("ask"), {"deadline_at": 1_000_000_000})

    assert "in the past" in refused.errors["deadline"]


@pytest.mark.parametrize("where", ["global", "home"])
async def test_a_question_is_asked_from_anywhere_and_then_says_where(house: SlackHouse, where: str) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        if where == "global":
            await ann.shortcut(names.GLOBAL_SHORTCUT)
        else:
            await ann.open_home()
            await house.slack.until(lambda: ann.home is not None)
            assert ann.home is not None
            await ann.click(ann.home, names.ASK_HOME)
        view = await ann.sees_modal("ask")
        assert not (await ann.submit(view, {"question": "Why?", "channel": room.id})).errors
        await house.work()

    assert "Why?" in card(room).shown


async def test_a_team_says_who_may_ask_and_in_which_channels(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    ann, ben = house.people(2)
    here, elsewhere = house.slack.channel("here", boss, ann, ben), house.slack.channel("elsewhere", boss, ann)
    async with house.gateway():
        await boss.command("/accord settings", here)
        saved = await boss.submit(
            await boss.sees_modal("settings"),
            {"who_may_ask": "listed", "may_ask_users": [ann.id], "channels": [here.id]},
        )
        assert not saved.errors
        for user, room, sentence in ((ben, here, "Only some people can ask"), (ann, elsewhere, "channel")):
            await user.command("/accord ask Why?", room)
            assert sentence in (await user.sees_modal("notice")).shown
            await user.close()
        d = await house.ask(ann, here)

    team = await house.teams.team(boss.team.id)
    assert (team.who_may_ask, team.channels) == (WhoMayAsk.LISTED, frozenset({here.id}))
    assert [each.id for each in await house.deliberations.of_team(boss.team.id)] == [d.id]


async def test_how_this_works_is_told_for_the_question(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await house.ask(ann, room)
        # The window that says that it is posted is a notice too.
        await ann.close()
        await ann.click(card(room), names.HOW)
        shown = (await ann.sees_modal("notice")).shown

    assert texts.ANONYMOUS_NOTE in shown
    assert "until 90 days after the question ends" in shown


# -- phones --------------------------------------------------------------------------------------

# Slack's clients on phones cut a button's words off at about this length, and a window's title earlier.
BUTTON_SHOWN = 30
LABEL_SHOWN = 48


def parts_of(block: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in a message or view."""
    if isinstance(block, dict):
        yield block
    for part in block.values() if isinstance(block, dict) else block if isinstance(block, list) else ():
        yield from parts_of(part)


def test_labels_are_short_enough_for_phones() -> None:
    for terms in TERMS:
        for phase in Phase:
            d = deliberation("Why?", phase=phase, terms=terms)
            shown = [*messages("Why?", d), *views("Why?", d)]
            for part in parts_of(shown):
                if part.get("type") == "button" and "xxx" not in str(part):
                    assert len(part["text"]["text"]) <= BUTTON_SHOWN, part["text"]["text"]
                if part.get("type") == "input":
                    assert len(part["label"]["text"]) <= LABEL_SHOWN or part["block_id"] == names.BASELINE
                # Two columns are one under the other on a phone, and their rows fall apart.
                assert "fields" not in part
                if part.get("type") == "modal":
                    assert not part["title"]["text"].endswith("…")


# -- the library ---------------------------------------------------------------------------------


async def scheduled(house: SlackHouse, boss: User, room: Channel, values: dict[str, Any]) -> str:
    """A schedule, as an admin makes it on the app's tab; what the window says then."""
    await boss.open_home()
    await house.slack.until(lambda: boss.home is not None)
    assert boss.home is not None
    await boss.click(boss.home, names.LIBRARY)
    await boss.click(await boss.sees_modal("notice"), names.NEW_SCHEDULE)
    saved = await boss.submit(await boss.sees_modal("schedule"), {"channel": room.id, **values})
    assert not saved.errors
    told = (await boss.sees_modal("notice")).shown
    while boss.views:
        await boss.close()
    return told


async def test_the_bank_is_asked_in_slack_week_by_week_in_turn(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("general", boss)
    now = datetime.now(UTC)
    bank = [BankQuestion.of(f"Question {n}?", "", now, n) for n in range(2)]
    async with house.gateway():
        told = await scheduled(house, boss, room, {"weekday": "1", "time": "09:30"})
        assert "Import questions before its time comes" in told
        await house.ports.library.add_to_bank(boss.team.id, bank)
        for week in range(3):
            (schedule,) = await house.ports.library.schedules(boss.team.id)
            assert schedule.next_at is not None
            ahead = schedule.next_at - datetime.now(UTC) + timedelta(seconds=30)
            with later(house, seconds=ahead.total_seconds()):
                for _ in range(2):  # two workers, or one twice
                    await post_due_schedules(house.ports)
                await house.work()
            shown = room.shown[-1].shown
            assert f"Question {week % 2}?" in shown
            assert "Share your opinion" in shown

    questions = [d.question for d in await house.deliberations.of_team(boss.team.id)]
    assert sorted(questions) == ["Question 0?", "Question 0?", "Question 1?"]


async def test_a_template_is_asked_once_at_its_time_in_slack(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("general", boss)
    template = Template(name="Retro", question="What shall we change?", terms=Terms(minimum_opinions=3))
    await house.ports.library.put_template(boss.team.id, template)
    at = int((datetime.now(UTC) + timedelta(hours=2)).timestamp())
    async with house.gateway():
        await scheduled(house, boss, room, {"what": "0", "once": at})
        await post_due_schedules(house.ports)
        assert await house.deliberations.of_team(boss.team.id) == []
        for hours in (2.1, 2.2, 200):
            with later(house, hours=hours):
                await post_due_schedules(house.ports)

    (d,) = await house.deliberations.of_team(boss.team.id)
    assert (d.question, d.terms.minimum_opinions, d.channel) == ("What shall we change?", 3, room.id)


async def test_a_file_of_questions_is_imported_and_a_bad_one_is_refused_with_a_sentence(
    house: SlackHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = house.slack.user("boss", is_admin=True)
    given = {"text": 'question,context\n"Why, then?",Because\nHow?,'}

    async def download(team: str, url: str, limit: int) -> str:
        assert (team, url) == (boss.team.id, "https://files.slack.example/q.csv")
        return given["text"]

    async with house.gateway() as gateway:
        monkeypatch.setattr(gateway.parts.clients, "download", download)
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        assert boss.home is not None
        for sentence in ("Added 2 questions", "Line 2: This question is in the bank already"):
            await boss.click(boss.home, names.LIBRARY)
            await boss.click(await boss.sees_modal("notice"), names.IMPORT)
            view = await boss.sees_modal("import")
            payload = payloads.submission(house.slack.state, boss.person, view)
            files = {
                "f": {"type": "file_input", "files": [{"url_private": "https://files.slack.example/q.csv"}]}
            }
            payload["view"]["state"]["values"]["file"] = files
            answer = await house.slack.post.deliver(INTERACTIVE, payload, accepts_response=True)
            assert answer.acked
            await says(house, view, sentence)
            while boss.views:
                await boss.close()

    assert [q.question for q in await house.ports.library.bank(boss.team.id)] == ["Why, then?", "How?"]


# -- workspaces ----------------------------------------------------------------------------------

STEPS = ("close", "close-rating", "extend", "cancel", "retry", "reopen", "export")


async def everything(house: SlackHouse, team: str) -> str:
    """All that is kept of a workspace."""
    parts: list[Any] = [await house.teams.team(team), await house.teams.settings_changes(team)]
    for d in await house.deliberations.of_team(team):
        parts += [d, await house.contributions.opinions(d.id), await house.contributions.baselines(d.id)]
        parts += [
            await house.contributions.ratings(d.id, d.round),
            await house.mediations.mediation(d.id, d.round),
        ]
    library = house.ports.library
    parts += [await library.bank(team), await library.templates(team), await library.schedules(team)]
    return repr(parts)


def forged_click(house: SlackHouse, bob: User, message: Message, action: str, value: str) -> Any:
    """A click on a button that Slack never showed to this person."""
    done = {"type": "button", "action_id": action, "block_id": "b", "value": value}
    if action.startswith(names.QUALITY):
        done = {**done, "type": "static_select", "selected_option": {"value": "5"}, "value": None}
    done["action_ts"] = house.slack.state.new_ts()
    url = house.slack.response_urls.new(bob, message.channel, message)
    return payloads.click_on_message(house.slack.state, bob.person, message, done, {}, url)


def forged_window(house: SlackHouse, bob: User, callback: str, d: Deliberation) -> Any:
    """A window of another workspace's question, submitted by this person."""
    told = payloads.interaction(house.slack.state, bob.team, bob.person, "view_submission")
    about = json.dumps({"id": d.id, "channel": d.channel, "template": "Reds' template"})
    typed = {"opinion": "Bob was here.", "deadline": "tomorrow 5pm", "question": "Bob's question?"}
    values = {name: {name: {"type": "plain_text_input", "value": text}} for name, text in typed.items()}
    told["trigger_id"] = house.slack.state.new_trigger(bob.team, bob.id)
    view = {
        "id": "V0FORGED",
        "type": "modal",
        "callback_id": callback,
        "private_metadata": about,
        "hash": "1",
    }
    return {**told, "view": {**view, "state": {"values": values}, "blocks": [], "team_id": bob.team.id}}


@pytest.mark.parametrize("phase", [Phase.OPINIONS, Phase.RATING])
async def test_whatever_one_workspace_sends_it_sees_and_changes_nothing_of_another(
    many: SlackHouse, phase: Phase
) -> None:
    red, blue = many.slack.team("Red", installed=False), many.slack.team("Blue", installed=False)
    actions = [value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)]
    async with many.gateway("http"):
        for team in (red, blue):
            await install(many, team)
        ann, ada = many.slack.user("ann", red), many.slack.user("ada", red)
        bob = many.slack.user("bob", blue, is_admin=True)
        room, other = many.slack.channel("reds", ann, ada), many.slack.channel("blues", bob)
        template = Template(name="Reds' template", question="The reds' template?")
        await many.ports.library.put_template(red.id, template)
        d = await many.ask(ann, room, "The reds' question?", quorum="2")
        await many.opine(ann, card(room), "The reds' opinion.")
        if phase is Phase.RATING:
            await many.opine(ada, card(room), "Another of the reds'.")
            d = await many.until_phase(d, Phase.RATING)
            await ann.click(card(room), "rate:6")
            await ann.is_told("Rating saved")
        await many.ask(bob, other, "The blues' question?")
        before = await everything(many, red.id)
        clicks = [(action, value) for action in actions for value in (d.id, "Reds' template")]
        clicks += [(f"{names.DO}:{step}", d.id) for step in STEPS]
        clicks += [(f"{names.RATE}:5", d.id), (f"{names.QUALITY}:{d.id}", "")]
        forged = [forged_click(many, bob, card(other), action, value) for action, value in clicks]
        await asyncio.gather(*(many.slack.post.deliver(INTERACTIVE, each) for each in forged))
        for callback in actions:
            window = forged_window(many, bob, callback, d)
            answer = await many.slack.post.deliver(INTERACTIVE, window, accepts_response=True)
            assert "reds" not in str(answer.response).casefold()
        for word in (
            "list",
            "results",
            "status",
            "close",
            "cancel",
            "export",
            "extend in 2 days",
            "reopen in 2 days",
            "forget-me",
        ):
            await bob.command(f"/accord {word}", other)
        await bob.open_home()
        await many.slack.settled()
        after = await everything(many, red.id)

    assert after == before
    seen = [m.shown for m in [*bob.dms, *blue.ephemerals.get(bob.id, []), *other.shown]]
    seen += [view.shown for view in [*bob.views, *([bob.home] if bob.home else [])]]
    assert seen
    assert not any("reds" in shown.casefold() for shown in seen)


async def test_a_revoked_bot_token_is_dropped_and_a_person_s_own_is_none_of_ours(many: SlackHouse) -> None:
    red = many.slack.team("Red", installed=False)
    async with many.gateway("http"):
        await install(many, red)
        event = {"type": "tokens_revoked", "tokens": {"oauth": ["UANN"], "bot": []}}
        told = await many.slack.events.tell(red, event | {"event_ts": many.slack.state.new_ts()})
        assert told is not None
        assert told.acked
        await many.slack.settled()
        assert len(await many.parts.installations.workspaces()) == 1
        for _ in range(2):
            await many.slack.revoke(red)
        await many.slack.settled()

    assert await many.parts.installations.workspaces() == []


async def test_a_whole_deliberation_that_comes_again_changes_nothing(house: SlackHouse) -> None:
    people = house.people(4)
    room = house.slack.channel("general", *people)
    async with house.gateway("http"):
        d = await house.ask(people[0], room, identity="named")
        for number, member in enumerate(people):
            await house.opine(member, card(room), f"First {number}")
        await house.opine(people[1], card(room), "Second")
        await people[2].click(card(room), names.SHARE)
        await people[2].click(await people[2].sees_modal("opinion"), names.WITHDRAW)
        await house.settled()
        while people[2].views:
            await people[2].close()
        await people[0].command("/accord close", room)
        d = await house.until_phase(d, Phase.RATING)
        assert d.ballot is not None
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        for member in people:
            await member.react(ballot, "blush")
        await people[1].react(ballot, "rage")
        await people[2].unreact(ballot, "blush")
        await house.settled()
        before, said = await everything(house, d.team), len(room.shown)
        http = house.slack.http
        for request in list(http.sent):
            answered = await http.send(http.signed_anew(request))
            assert answered.status == 200
        await house.settled()
        await house.work()
        after = await everything(house, d.team)

    assert after == before
    assert len(room.shown) == said
    assert sorted(r.value for r in await house.contributions.ratings(d.id, 1)) == [1, 6, 6]
    assert sorted(o.text for o in await house.contributions.opinions(d.id)) == [
        "First 0",
        "First 3",
        "Second",
    ]


async def test_late_copies_bring_nothing_back_that_was_changed_since(house: SlackHouse) -> None:
    boss = house.slack.user("boss", is_admin=True)
    room = house.slack.channel("general", boss)
    async with house.gateway("http"):
        await boss.open_home()
        await house.slack.until(lambda: boss.home is not None)
        assert boss.home is not None
        await boss.click(boss.home, names.LIBRARY)
        await boss.click(await boss.sees_modal("notice"), names.NEW_TEMPLATE)
        made = {"name": "Retro", "question": "What shall we change?"}
        assert not (await boss.submit(await boss.sees_modal("template"), made)).errors
        while boss.views:
            await boss.close()
        await boss.click(boss.home, names.LIBRARY)
        await boss.click(await boss.sees_modal("notice"), names.DROP_TEMPLATE)
        d = await house.ask(boss, room)
        for words in ("in 3 days", "in 2 days"):
            await boss.command(f"/accord extend {words}", room)
            await boss.is_told("Deadline changed")
            await house.settled()
        await house.settled()
        before = await everything(house, boss.team.id)
        for request in list(house.slack.http.sent):
            assert (await house.slack.http.send(house.slack.http.signed_anew(request))).status == 200
        await house.settled()
        after = await everything(house, boss.team.id)

    assert after == before
    assert await house.ports.library.templates(boss.team.id) == []
    closes = (await house.load(d)).closes_at
    assert closes is not None
    assert closes - datetime.now(UTC) < timedelta(days=2)


# -- the doctor ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"bot_token": "xapp-1-A-1-b"}, "SLACK_BOT_TOKEN is no bot token: those begin with xoxb-"),
        ({"app_token": "xoxb-1-2"}, "SLACK_APP_TOKEN is no app-level token: those begin with xapp-"),
        ({"app_token": ""}, "SLACK_APP_TOKEN is missing (Socket Mode), and SLACK_SIGNING_SECRET too"),
        ({"bot_token": ""}, "SLACK_BOT_TOKEN is missing: it is under OAuth & Permissions"),
        ({"client_id": "1.2"}, "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together"),
        ({"bot_token": "", "client_id": "1.2", "client_secret": "s"}, "set ACCORD_BASE_URL"),
        ({}, None),
    ],
)
def test_settings_that_do_not_fit_are_named_with_where_to_find_them(
    given: dict[str, str], sentence: str | None
) -> None:
    config = SlackConfig(**{"secret": "s", "bot_token": "xoxb-1", "app_token": "xapp-1", **given})

    assert (config.problem() is None) if sentence is None else (sentence in str(config.problem()))


async def test_the_doctor_looks_at_tokens_permissions_and_both_ways_in(house: SlackHouse) -> None:
    token = house.slack.state.tokens[house.config.bot_token]

    async def told(**given: str) -> str:
        findings = await examine(replace(house.config, **given))
        assert house.config.bot_token not in str(findings)
        return " / ".join(f"{ok} {sentence}" for ok, sentence in findings)

    well = await told(base_url="https://accord.example.org")
    assert "False" not in well
    assert "Socket Mode opens" in well
    assert "https://accord.example.org/slack/events" in well
    assert "False" not in await told(base_url="http://accord.example.org")  # Socket Mode needs none
    without = await told(base_url="http://accord.example.org", app_token="")
    assert "False HTTP mode needs a public https address" in without
    assert "make an app-level token with connections:write" in await told(app_token="xapp-1-A-1-other")
    token.scopes -= {"emoji:read", "commands"}
    lacking = await told()
    assert "it cannot work without commands. Add commands, emoji:read under OAuth & Permissions" in lacking
    assert "Reinstall to Workspace" in lacking
    token.error = "token_revoked"
    assert "SLACK_BOT_TOKEN does not work" in await told()
