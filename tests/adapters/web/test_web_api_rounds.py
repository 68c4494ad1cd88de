"""The HTTP API beyond one vote: points, further rounds, what was decided, juries; as on pages."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.api_tokens import Scope
from bot.domain.juries import MemberAttribute, SeatedJury
from bot.domain.points import POINT_LIMIT
from bot.wording import jury_lines, point_lines
from engine.errors import PromptRejectedError
from tests.adapters.web.test_web_api import Client, answered, asked, made
from tests.adapters.web.test_web_points import SAID
from tests.web_house import House

PEOPLE = ("ann", "ben", "cem")


@pytest.fixture
async def client(house: House) -> Client:
    """May do everything."""
    return await made(house)


async def voted_on(house: House, client: Client) -> str:
    """A question whose statement is out, and the path to it."""
    question = await asked(client, terms={"quorum": len(PEOPLE)})
    for who in PEOPLE:
        await answered(client, question["id"], who)
        house.clock.advance(timedelta(seconds=1))
    await house.work()
    return f"/questions/{question['id']}"


async def explained_by_all(client: Client, path: str) -> None:
    for who in PEOPLE:
        why = {"text": "It forgets the shops.", "round": 1}
        await client("PUT", f"{path}/participants/{who}/reason", why)
        assert client.status == 200


async def test_points_are_voted_on_one_after_the_other_and_added_once(house: House, client: Client) -> None:
    question = await asked(client, terms={"points": True})
    assert str(point_lines.OWN_POINT_NOTE) in question["before_you_write"]["point"]
    for who, text in zip(PEOPLE, SAID, strict=True):
        await answered(client, question["id"], who, text)
        house.clock.advance(timedelta(seconds=1))
    await house.work()
    path = f"/questions/{question['id']}/participants/ann/points"
    first = await client("GET", path, limit="20")
    assert (first["open"], len(first["next"]), first["left"]) == (True, 6, 6)
    assert not any("counts" in each or "participant" in each for each in first["next"])
    one, two, *_ = first["next"]
    await client("PUT", f"{path}/{one['id']}", {"side": "disagree"})
    marked = await client("POST", f"{path}/{two['id']}/spam")
    assert (client.status, marked["said"]) == (200, point_lines.marked_as_spam())
    seen = await client("GET", path, limit="20")
    assert seen["voted"] == [{**one, "side": "disagree"}]
    assert two["id"] not in [each["id"] for each in seen["next"]]
    for _ in range(2):
        await client("POST", path, {"text": "Repair must be cheap."}, key="p")
        assert client.status == 201
        house.clock.advance(timedelta(seconds=5))
    assert (await client("GET", path))["waiting"] == ["Repair must be cheap."]
    others = await client("GET", f"/questions/{question['id']}/participants/ben/points")
    assert (others["voted"], others["waiting"]) == ([], [])


async def test_points_are_for_those_who_may_take_part_and_where_there_are_some(
    house: House, client: Client
) -> None:
    theirs = await house.ask(points=True)
    await house.access.invitations.tune_open_link(theirs.id, admits=False)
    for method, path, body in (
        ("GET", "", None),
        ("POST", "", {"text": "Mine."}),
        ("PUT", "/p1", {"side": "agree"}),
        ("POST", "/p1/spam", None),
    ):
        await client(method, f"/questions/{theirs.id}/participants/ann/points{path}", body)
        assert client.status == 403, path
    without = await asked(client)
    await client("GET", f"/questions/{without['id']}/participants/ann/points")
    assert (client.status, without["before_you_write"]["point"]) == (409, [])
    await client(
        "POST", f"/questions/{without['id']}/participants/ann/points", {"text": "x" * (POINT_LIMIT + 1)}
    )
    assert client.status == 422


async def test_a_statement_is_revised_once_it_was_confirmed_and_kept_where_that_fails(
    house: House, client: Client
) -> None:
    path = await voted_on(house, client)
    await explained_by_all(client, path)
    problem = await client("POST", f"{path}/revise", {"round": 1})
    assert (client.status, problem["asks"].split("?")[0]) == (409, "Revise the statement")
    house.mediator.failure = PromptRejectedError("No.")
    await client("POST", f"{path}/revise", {"round": 1, "sure": True})
    await house.work()
    await client("POST", f"{path}/revise", {"round": 1, "sure": True})
    failed = await client("GET", path)
    assert (failed["phase"], failed["round"], bool(failed["failure"])) == ("mediating", 2, True)
    await client("POST", f"{path}/keep-statement", {"round": 3})
    assert client.status == 409
    for _ in range(2):
        kept = await client("POST", f"{path}/keep-statement", {"round": 2})
        assert (client.status, kept["phase"], kept["round"]) == (200, "settled", 1)


async def test_a_question_that_could_not_be_drafted_is_opened_again(house: House, client: Client) -> None:
    house.mediator.failure = PromptRejectedError("No.")
    path = await voted_on(house, client)
    later = (house.clock.now() + timedelta(days=2)).isoformat()
    for _ in range(2):
        again = await client("POST", f"{path}/reopen", {"closes_at": later}, key="r")
        assert (client.status, again["phase"]) == (200, "opinions")
    await client("POST", f"{path}/reopen", {"closes_at": "2020-01-01T00:00:00Z"})
    assert client.status == 409


async def test_what_was_decided_is_recorded_and_put_in_place_of_what_was(
    house: House, client: Client
) -> None:
    path = await voted_on(house, client)
    await client("PUT", f"{path}/outcome", {"decided": "Ban them."})
    assert client.status == 409
    await client("POST", f"{path}/close", {"closes": "vote", "sure": True})
    await house.work()
    told = await client("PUT", f"{path}/outcome", {"decided": "Ban them.", "who": "Ann", "by": "2026-12-01"})
    assert client.status == 200, told
    assert "Ban them." in " ".join(told["decided"])
    assert "Ann" in " ".join(told["decided"])
    house.clock.advance(timedelta(seconds=1))
    told = await client("PUT", f"{path}/outcome", {"nothing": True})
    assert "Ban them." not in " ".join(told["decided"])
    assert told["decided"]
    for wrong, at in (
        ({}, "body.decided"),
        ({"nothing": True, "decided": "Both."}, "body.decided"),
        ({"decided": "Ban them.", "by": "2020-01-01"}, "body.by"),
    ):
        problem = await client("PUT", f"{path}/outcome", wrong)
        assert (client.status, problem["errors"][0]["at"]) == (422, at), wrong
        assert problem["errors"][0]["said"]


async def test_those_who_do_not_run_a_question_do_not_steer_it(house: House, client: Client) -> None:
    writes = await made(house, Scope.READ, Scope.WRITE, name="Other")
    path = await voted_on(house, client)
    later = (house.clock.now() + timedelta(days=2)).isoformat()
    for step, body in (
        ("POST revise", {"round": 1, "sure": True}),
        ("POST reopen", {"closes_at": later}),
        ("POST keep-statement", {"round": 2}),
        ("PUT outcome", {"nothing": True}),
    ):
        method, _, name = step.partition(" ")
        await writes(method, f"{path}/{name}", body)
        assert writes.status == 403, step


async def with_jury(house: House) -> None:
    team = await house.ports.teams.team("web")
    asks = MemberAttribute(label="Team", values=("support", "sales"))
    jury = SeatedJury(name="Alike", attribute="Team", seats={"support": 4, "sales": 4})
    changed = team.model_copy(update={"attributes": (asks,), "juries": (jury,)})
    await house.ports.teams.save_team(changed, None)


async def test_a_question_is_asked_with_a_jury_and_what_people_say_of_themselves_is_theirs(
    house: House, client: Client
) -> None:
    await with_jury(house)
    question = await asked(client, terms={"jury": "alike"})
    terms: dict[str, Any] = question["terms"]
    assert terms["jury"] == {"name": "Alike", "about": "Team", "seats": {"support": 4, "sales": 4}}
    assert terms["about"] == [{"label": "Team", "answers": ["support", "sales"]}]
    before = " ".join(question["before_you_write"]["opinion"])
    assert str(jury_lines.ABOUT_NOTE) in before
    assert str(jury_lines.NO_SEAT_NOTE) in before
    path = f"/questions/{question['id']}"
    for about in ({"Team": "board"}, {"Shoe size": "sales"}):
        await answered(client, question["id"], "ann", about=about)
        assert client.status == 422
    await answered(client, question["id"], "ann", about={"Team": "sales"})
    house.clock.advance(timedelta(seconds=1))
    await answered(client, question["id"], "ann", "No.")
    own = await client("GET", f"{path}/participants/ann")
    assert (own["opinion"]["text"], own["opinion"]["about"]) == ("No.", {"Team": "sales"})
    house.clock.advance(timedelta(seconds=1))
    await answered(client, question["id"], "ann", "No.", about={})
    assert (await client("GET", f"{path}/participants/ann"))["opinion"]["about"] == {}
    problem = await client("POST", "/questions", {"question": "Q?", "terms": {"jury": "Nobody"}})
    assert (client.status, problem["errors"][0]["at"]) == (422, "body.terms.jury")


async def test_a_jury_is_chosen_and_left_out_before_anybody_has_answered(
    house: House, client: Client
) -> None:
    question = await asked(client)
    await with_jury(house)
    path = f"/questions/{question['id']}"
    changed = await client("PATCH", path, {"edition": 1, "terms": {"jury": "Alike"}})
    assert (changed["terms"]["jury"]["name"], len(changed["terms"]["about"])) == ("Alike", 1)
    changed = await client("PATCH", path, {"edition": 2, "terms": {"quorum": 9}})
    assert changed["terms"]["jury"]["name"] == "Alike"
    changed = await client("PATCH", path, {"edition": 3, "terms": {"jury": None}})
    assert changed["terms"]["jury"] is None
