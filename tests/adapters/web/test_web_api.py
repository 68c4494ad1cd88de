"""The HTTP API: the same rules and promises as on pages, for software with a token."""

import hashlib
import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.web.api.openapi import document
from adapters.web.api.table import ENDPOINTS
from adapters.web.config import WebConfig
from bot.domain.actors import Actor
from bot.domain.api_tokens import Scope
from bot.domain.deliberation import Phase
from bot.domain.model_notice import ModelNotice
from bot.domain.study import Study
from bot.service import api_tokens
from bot.wording import texts
from engine.types import AnyArm, Arm
from tests.web_house import House, Person, make_house

API = "/api/v1"


class Client:
    """Software with a token; `answer` is the last body."""

    def __init__(self, house: House, token: str) -> None:
        self._person = house.somebody()
        self._token = token
        self.id = token.split("_")[1]
        self.status = 0
        self.headers: Any = {}

    async def __call__(self, method: str, path: str, body: Any = None, key: str = "", **params: str) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Idempotency-Key": key} if key else {})
        response = await self._person.client.request(
            method, API + path, json=body, headers=headers, params=params
        )
        self.status, self.headers = response.status, response.headers
        text = await response.text()
        return json.loads(text) if "json" in response.headers["Content-Type"] else text


async def made(house: House, *scopes: Scope, name: str = "Wiki", team: str = "web") -> Client:
    wish = api_tokens.Wish("web", "web", name, frozenset(scopes or Scope), 30)
    _, text = await api_tokens.make(
        Actor(team, "boss", admin=True), wish, house.access.tokens, house.clock.now()
    )
    return Client(house, text)


@pytest.fixture
async def client(house: House) -> Client:
    """May do everything."""
    return await made(house)


async def asked(client: Client, **given: Any) -> Any:
    question = await client("POST", "/questions", {"question": "Ban plastics?", **given})
    assert client.status == 201, question
    return question


async def answered(client: Client, id_: str, who: str, text: str = "Yes.", **given: Any) -> Any:
    body = {"text": text, "edition": 1, **given}
    return await client("PUT", f"/questions/{id_}/participants/{who}/opinion", body)


async def test_software_plays_a_whole_question(house: House, client: Client) -> None:
    question = await asked(client, terms={"quorum": 3}, context="Single-use.")
    assert (question["phase"], question["terms"]["quorum"], question["link"]) == ("opinions", 3, None)
    for who in ("ann", "ben", "cem"):
        told = await answered(client, question["id"], who, f"Words of {who}.")
        assert client.status == 200, told
    await house.work()
    path = f"/questions/{question['id']}"
    statement = await client("GET", f"{path}/statement")
    assert "phase plastics out" in statement["text"]
    assert "Drafted" in statement["made"] or "words" in statement["made"]
    for who, value in (("ann", 6), ("ben", 5), ("cem", 2)):
        await client("PUT", f"{path}/participants/{who}/rating", {"value": value, "round": 1})
        assert client.status == 200
    why = {"text": "Too fast.", "round": 1}
    await client("PUT", f"{path}/participants/cem/reason", why)
    assert client.status == 200
    reads = await made(house, Scope.READ, Scope.RESULTS)
    await reads("GET", f"{path}/reasons")
    assert reads.status == 403
    assert (await client("GET", f"{path}/reasons"))["items"] == []  # one alone would be somebody's
    await client("POST", f"{path}/close", {"closes": "vote"})
    await house.work()
    results = await client("GET", f"{path}/results")
    assert results["ratings"]["counts"] == [0, 1, 0, 0, 1, 1, 0]
    assert results["predicted"]["people"] == 3
    exported = await client("GET", f"{path}/export.json")
    assert sorted(each["text"] for each in exported["opinions"]) == [
        f"Words of {who}." for who in ("ann", "ben", "cem")
    ]
    assert not any(who in json.dumps(exported) for who in ("api:", '"ann"'))
    assert "Words of ann." in await client("GET", f"{path}/export.csv")


async def test_ratings_and_predictions_are_hidden_until_they_are_shown_on_pages(
    house: House, client: Client
) -> None:
    question = await asked(client, terms={"quorum": 3})
    for who in ("ann", "ben", "cem"):
        await answered(client, question["id"], who)
    await client("GET", f"/questions/{question['id']}/statement")
    assert client.status == 409
    await house.work()
    path = f"/questions/{question['id']}"
    await client("PUT", f"{path}/participants/ann/rating", {"value": 6, "round": 1})
    for reader in ({}, {"participant": "ben"}, {"participant": "nobody"}):
        seen = await client("GET", f"{path}/results", **reader)
        assert (seen["ratings"], seen["predicted"]) == (None, None), reader
    after_rating = await client("GET", f"{path}/results", participant="ann")
    assert after_rating["ratings"] is None
    assert after_rating["predicted"] is not None


async def test_what_pages_say_before_somebody_writes_is_said_and_who_passes_it_on(
    house: House, client: Client
) -> None:
    team = await house.ports.teams.team("web")
    await house.ports.teams.save_team(team.model_copy(update={"keep_feedback": True}), None)
    question = await asked(client)
    said = question["before_you_write"]
    assert "“Wiki”" in said["opinion"][0]
    page = await (await house.admin()).open(f"/d/{question['id']}")
    assert all(line in page.replace("&#39;", "'") for line in said["opinion"][1:])
    assert said["learning"]["label"] in page
    await answered(client, question["id"], "ann")
    own = await client("GET", f"/questions/{question['id']}/participants/ann")
    assert own["opinion"] == {"text": "Yes.", "name": None, "may_learn": False, "about": {}}
    await answered(client, question["id"], "ann", may_learn=True)
    own = await client("GET", f"/questions/{question['id']}/participants/ann")
    assert own["opinion"]["may_learn"] is True


async def test_in_a_study_it_is_said_which_models_read_it_too_and_that_an_opinion_may_be_quoted(
    house: House, client: Client
) -> None:
    arms: tuple[AnyArm, ...] = ("model:tiny", Arm.BEST_OPINION)
    told = {"tiny": ModelNotice(drafter="Tiny on ai.example.org", drafter_at=("ai.example.org",))}
    study = Study(id="s1", group="g1", arms=arms, models=told, seed=3)
    asked_so = await house.ask(study=study, position_statement="We should ban them.")
    question = await client("GET", f"/questions/{asked_so.id}")
    assert client.status == 200, question
    before = question["before_you_write"]["opinion"]
    page = html.unescape((await house.visitor(asked_so)).page)
    assert all(line in page for line in before[1:])
    said = " ".join(before)
    assert "Tiny on ai.example.org" in said
    assert str(texts.STUDY_NOTE) in said
    assert str(texts.STUDY_QUOTES_NOTE) in said


async def test_software_speaks_for_nobody_but_its_own_people(house: House, client: Client) -> None:
    other = await made(house, name="Other")
    question = await asked(client, terms={"anonymous": False}, link=True)
    await answered(client, question["id"], "ann", name="Ann")
    own = await other("GET", f"/questions/{question['id']}/participants/ann")
    assert own["opinion"] is None
    taken = await answered(other, question["id"], "ann", name="Ann")
    assert other.status == 409, taken
    await house.personal_link(await house.deliberations.load(question["id"]), "Bea")
    await answered(other, question["id"], "bea", name="Bea")
    assert other.status == 409
    nameless = await answered(other, question["id"], "dan")
    assert (other.status, nameless["detail"]) == (409, "This question is answered by name. Write yours.")


async def test_new_people_come_in_only_where_anybody_can_who_has_the_link(
    house: House, client: Client
) -> None:
    theirs = await house.ask()
    await answered(client, theirs.id, "ann")
    await house.access.invitations.tune_open_link(theirs.id, admits=False)
    house.clock.advance(timedelta(seconds=1))
    for who, status in (("ann", 200), ("ben", 403)):
        await answered(client, theirs.id, who, "Now.")
        assert client.status == status


async def test_a_question_of_another_team_is_as_if_there_were_none(house: House, client: Client) -> None:
    theirs = await house.ask(team="T9")
    elsewhere = await made(house, team="T9")
    ours = await asked(client)
    missing = await client("GET", "/questions/aaaabbbbccccdddd")
    for path in ("", "/statement", "/results", "/reasons", "/export.json", "/participants/ann"):
        found = await client("GET", f"/questions/{theirs.id}{path}")
        nothing = await client("GET", f"/questions/aaaabbbbccccdddd{path}")
        assert (client.status, found) == (404, nothing)
    assert missing["status"] == 404
    assert [each["id"] for each in (await elsewhere("GET", "/questions"))["items"]] == [theirs.id]
    assert [each["id"] for each in (await client("GET", "/questions"))["items"]] == [ours["id"]]


async def test_a_token_does_what_its_scopes_say_and_no_more(house: House) -> None:
    reads = await made(house, Scope.READ)
    for endpoint in ENDPOINTS:
        path = endpoint.at.format(question="q" * 16, participant="p", point="o", template="t", schedule="s")
        problem = await reads(endpoint.method, path, {})
        expected = 403 if endpoint.scope is not Scope.READ else None
        assert expected in (None, reads.status), (endpoint.at, problem)
    theirs = await house.ask()
    writes = await made(house, Scope.READ, Scope.WRITE)
    await writes("POST", f"/questions/{theirs.id}/cancel", {"sure": True})
    assert writes.status == 403
    manages = await made(house, Scope.READ, Scope.WRITE, Scope.MANAGE)
    await manages("POST", f"/questions/{theirs.id}/cancel", {})
    assert manages.status == 409
    assert (await house.deliberations.load(theirs.id)).phase is Phase.OPINIONS
    cancelled = await manages("POST", f"/questions/{theirs.id}/cancel", {"sure": True})
    assert cancelled["phase"] == "cancelled"


async def test_a_request_with_a_key_is_done_once_and_stands_for_no_other(
    house: House, client: Client
) -> None:
    body = {"question": "Once?"}
    first = await client("POST", "/questions", body, key="k1")
    house.clock.advance(timedelta(seconds=5))
    again = await client("POST", "/questions", body, key="k1")
    assert (client.status, again["id"]) == (201, first["id"])
    await client("POST", "/questions", {"question": "Twice?"}, key="k1")
    assert client.status == 422
    path = f"/questions/{first['id']}/participants/ann/opinion"
    late = {"text": "First.", "edition": 1}
    await client("PUT", path, late, key="k2")
    house.clock.advance(timedelta(seconds=5))
    await client("PUT", path, {"text": "Second.", "edition": 1}, key="k3")
    await client("PUT", path, late, key="k2")
    own = await client("GET", f"/questions/{first['id']}/participants/ann")
    assert own["opinion"]["text"] == "Second."


async def test_what_is_noted_of_a_request_with_a_key_tells_nothing_of_a_person(
    house: House, client: Client
) -> None:
    """It stays for an hour, also where they were forgotten meanwhile."""
    question = await asked(client)
    path = f"/questions/{question['id']}/participants/ann.lee"
    body = {"text": "No.", "edition": 1}
    await client("PUT", f"{path}/opinion", body, key="k1")
    await client("DELETE", "/participants/ann.lee", key="k2", sure="yes")
    assert client.status == 200
    noted = str(vars(house.notes))
    assert "k1" in noted
    assert "ann.lee" not in noted
    assert hashlib.sha256(json.dumps(body).encode()).hexdigest() not in noted


async def test_a_list_goes_on_where_it_stopped_whatever_is_asked_meanwhile(
    house: House, client: Client
) -> None:
    for number in range(5):
        await asked(client, question=f"Question {number}?")
        house.clock.advance(timedelta(seconds=number % 2))
    first = await client("GET", "/questions", limit="2")
    await asked(client, question="Meanwhile?")
    second = await client("GET", "/questions", limit="2", after=first["next"])
    third = await client("GET", "/questions", limit="2", after=second["next"])
    listed = [each["question"] for page in (first, second, third) for each in page["items"]]
    assert sorted(listed) == [f"Question {number}?" for number in range(5)]
    assert third["next"] is None
    await client("GET", "/questions", after="nonsense")
    assert client.status == 422
    assert (await client("GET", "/questions", state="over"))["items"] == []


async def test_nothing_is_taken_back_or_forgotten_before_it_was_asked_about(
    house: House, client: Client
) -> None:
    question = await asked(client)
    await answered(client, question["id"], "ann", "Mine.")
    path = f"/questions/{question['id']}/participants/ann/opinion"
    problem = await client("DELETE", path)
    assert (client.status, problem["asks"].split("?")[0]) == (409, "Withdraw your opinion")
    told = await client("DELETE", path, sure="yes")
    assert told["given_back"] == "Mine."
    house.clock.advance(timedelta(seconds=1))
    await answered(client, question["id"], "ann", "Mine again.")
    assert [each["text"] for each in (await client("GET", "/participants/ann"))["items"]] == ["Mine again."]
    await client("DELETE", "/participants/ann")
    assert client.status == 409
    house.clock.advance(timedelta(seconds=1))
    await client("DELETE", "/participants/ann", sure="yes")
    assert (client.status, (await client("GET", "/participants/ann"))["items"]) == (200, [])


async def test_templates_and_schedules_are_kept_and_taken_out(house: House, client: Client) -> None:
    template = {"name": "Retro / week", "question": "What to change?", "terms": {"anonymous": False}}
    saved = await client("POST", "/templates", template)
    assert (client.status, saved["terms"]["anonymous"]) == (201, False)
    problem = await client("POST", "/templates", {**template, "question": "What else?"})
    assert (client.status, "Replace" in problem["asks"]) == (409, True)
    await client("POST", "/templates", {**template, "question": "What else?", "replaces": saved["version"]})
    assert client.status == 201
    weekly = {"weekday": 0, "at": "09:00", "zone": "Europe/Berlin"}
    plan = await client("POST", "/schedules", {"template": "Retro / week", "weekly": weekly}, key="s")
    again = await client("POST", "/schedules", {"template": "Retro / week", "weekly": weekly}, key="s")
    assert plan["id"] == again["id"]
    assert len((await client("GET", "/schedules"))["items"]) == 1
    for path in (f"/schedules/{plan['id']}", f"/templates/{saved['id']}"):
        await client("DELETE", path)
        assert client.status == 409
        await client("DELETE", path, sure="yes")
        assert client.status == 200
    assert (await client("GET", "/templates"))["items"] == (await client("GET", "/schedules"))["items"] == []


async def test_a_question_is_changed_and_moved_by_those_who_run_it(house: House, client: Client) -> None:
    question = await asked(client)
    path = f"/questions/{question['id']}"
    change = {
        "question": "Ban bottles?",
        "edition": 1,
        "terms": {"quorum": 4, "welfare": {"name": "rawlsian"}},
    }
    changed = await client("PATCH", path, change)
    assert (client.status, changed["edition"]) == (200, 2), changed
    assert (changed["question"], changed["terms"]["welfare"]) == ("Ban bottles?", "rawlsian")
    stale = await answered(client, question["id"], "ann")
    assert client.status == 409, stale
    later = (house.clock.now() + timedelta(days=3)).isoformat()
    moved = await client("PUT", f"{path}/deadline", {"closes_at": later})
    assert moved["closes_at"].startswith(later[:19])
    wrong = await client("PATCH", path, {"edition": 2, "terms": {"quorum": 2, "minimum_opinions": 5}})
    assert (client.status, wrong["errors"][0]["at"]) == (422, "body.terms")


async def test_every_refusal_is_a_problem(house: House, client: Client) -> None:
    person = house.somebody()

    async def refused(status: int, method: str, path: str, *, token: str = "", **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or client._token}", **sent.pop("headers", {})}
        response = await person.client.request(method, path, headers=headers, **sent)
        assert response.status == status, await response.text()
        assert response.content_type == "application/problem+json"
        problem = await response.json()
        assert (problem["status"], bool(problem["detail"])) == (status, True)
        return response

    await refused(404, "GET", "/api/v1/nothing")
    await refused(404, "GET", "/api/v1")
    assert (await refused(405, "PUT", "/api/v1/questions")).headers["Allow"] == "GET,HEAD,POST"
    unknown = await refused(401, "GET", "/api/v1/questions", token="accord_0000000000000000_abc")
    assert unknown.headers["WWW-Authenticate"].startswith("Bearer")
    await refused(415, "POST", "/api/v1/questions", data=b"{}", headers={"Content-Type": "text/plain"})
    json_headers = {"Content-Type": "application/json"}
    await refused(400, "POST", "/api/v1/questions", data=b"{", headers=json_headers)
    await refused(413, "POST", "/api/v1/questions", data=b"x" * 200_000, headers=json_headers)
    await refused(422, "POST", "/api/v1/questions", json={"question": "?", "unknown": 1})
    await refused(
        409, "POST", "/api/v1/questions", json={"question": "?", "opens_at": "9999-12-31T23:59:59Z"}
    )
    await refused(409, "POST", "/api/v1/templates", json={"name": "\u200b", "question": "?"})
    await refused(422, "GET", "/api/v1/questions?limit=5&limit=6")
    # The last: what it says it is cannot be read, so nothing more is read from there.
    encoded = {"headers": json_headers | {"Content-Encoding": "gzip"}}
    await refused(400, "POST", "/api/v1/questions", data=b"no gzip", **encoded)


async def test_a_client_that_asks_too_often_is_told_how_long_to_wait(config: WebConfig) -> None:
    house = await make_house(replace(config, api_requests_per_minute=2))
    client, other = await made(house), await made(house)
    await client("GET", "/questions")
    assert [client.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining")] == ["2", "1"]
    await client("GET", "/questions")
    problem = await client("GET", "/questions")
    assert (client.status, client.headers["Retry-After"], problem["retryable"]) == (429, "30", True)
    await other("GET", "/questions")
    assert other.status == 200
    await house.close()


async def test_strangers_try_no_more_addresses_and_tokens_than_pages(config: WebConfig) -> None:
    house = await make_house(replace(config, requests_per_minute=2))
    stranger = Client(house, "accord_0000000000000000_abc")
    statuses = []
    for path in ("/nothing", "/questions", "/nothing", "/questions"):
        await stranger("GET", path)
        statuses.append(stranger.status)
    assert statuses == [404, 401, 429, 429]
    await house.close()


async def test_a_store_that_is_away_is_a_problem_that_passes(house: House, client: Client) -> None:
    house.access.tokens.get = _away  # type: ignore[method-assign]
    problem = await client("GET", "/questions")
    assert (client.status, problem["retryable"]) == (503, True)


async def _away(id_: str) -> Any:
    from bot.domain.errors import StoreError

    raise StoreError("away")


async def test_admins_make_a_token_see_its_secret_once_and_revoke_it(house: House, admin: Person) -> None:
    await admin.open("/admin/software")
    await admin.send("/admin/software", {"name": " ", "questions:read": "yes"})
    assert (admin.status, "The token has no name" in admin.page) == (422, True)
    key = admin.hidden("key")
    await admin.send(
        "/admin/software", {"key": key, "name": "Wiki <b>", "questions:read": "yes", "days": "9"}
    )
    text = _shown(admin)
    assert text.startswith("accord_")
    assert "Wiki &lt;b&gt;" in admin.page
    assert text.rpartition("_")[2] not in str(await house.access.tokens.of_team("web"))
    client = Client(house, text)
    await client("GET", "/questions")
    assert client.status == 200
    await admin.send("/admin/software", {"key": key, "name": "Wiki", "questions:read": "yes"})
    assert len(await house.access.tokens.of_team("web")) == 1
    await admin.open("/admin/software")
    assert (_shown(admin), "last used on 2026-11-23" in admin.page) == ("", True)
    id_ = text.split("_")[1]
    await admin.send("/admin/software/renew", {"seen": id_, "sure": "yes"})
    renewed = Client(house, _shown(admin))
    await client("GET", "/questions")
    await renewed("GET", "/questions")
    assert (client.status, renewed.status) == (401, 200)
    await admin.send("/admin/software/revoke", {"seen": id_})
    await renewed("GET", "/questions")
    assert renewed.status == 200
    await admin.send("/admin/software/revoke", {"seen": id_, "sure": "yes"})
    await renewed("GET", "/questions")
    assert renewed.status == 401


def _shown(admin: Person) -> str:
    _, _, rest = admin.page.partition('id="secret" readonly value="')
    return rest.partition('"')[0]


async def test_a_token_expires_until_it_is_renewed_and_pages_for_admins_are_for_them(house: House) -> None:
    client = await made(house)
    house.clock.advance(timedelta(days=31))
    await client("GET", "/questions")
    assert client.status == 401
    # Else nobody could ever delete what its people gave.
    admin = await house.admin()
    await admin.open("/admin/software")
    await admin.send("/admin/software/renew", {"seen": client.id, "sure": "yes"})
    renewed = Client(house, _shown(admin))
    house.clock.advance(timedelta(days=29))
    await renewed("DELETE", "/participants/ann", sure="yes")
    assert renewed.status == 200
    stranger = house.somebody()
    await stranger.open("/admin/software")
    assert stranger.status == 403


async def test_every_route_is_described_and_every_described_one_answers(house: House, client: Client) -> None:
    described = document(house.config.base_url)
    routes = {
        (route.method, route.resource.canonical)
        for route in house.server.app.router.routes()
        if route.resource is not None
        and route.resource.canonical.startswith("/api/v1")
        and route.method != "HEAD"
    }
    told = {(method.upper(), path) for path, item in described["paths"].items() for method in item}
    assert routes == told
    fields = {"question": "q" * 16, "participant": "p", "point": "o", "template": "t", "schedule": "s"}
    for method, path in told:
        await client(method, path.removeprefix(API).format(**fields), {})
        answers = described["paths"][path][method.lower()]["responses"]
        assert str(client.status) in answers, (method, path, client.status)
    stranger = house.somebody()
    assert json.loads(await stranger.open("/api/openapi.json")) == described
    page = await stranger.open("/api")
    assert all(f"{method} {path}</code>" in page for method, path in told)
    contents = re.findall(r'<li><a href="#([a-z]+)">', page)
    assert len(contents) == len(described["tags"]) + 2
    assert all(f'<h2 id="{each}">' in page for each in contents)
