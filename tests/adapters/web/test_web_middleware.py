"""What turns requests away, what every answer carries, and what no log holds."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import make_mocked_request

from adapters.web import health_pages, limits
from adapters.web.config import WebConfig
from adapters.web.limits import Buckets, OneAddress, Streams, client_of
from adapters.web.links import admin_link
from adapters.web.platform import WebPlatform
from adapters.web.proxies import Proxies
from bot.domain.errors import PlatformError, StoreError
from bot.wording.cards import QuestionCard, ReminderNote
from tests.bell import PATIENCE_S
from tests.web_house import NOON, House, Person, make_house

POSTS = [
    "/ask",
    "/me/forget",
    "/sign-out",
    "/sign-out/everywhere",
    "/admin/sign-out",
    "/admin/settings",
    "/d/{id}/opinion",
    "/d/{id}/opinion/withdraw",
    "/d/{id}/rating",
    "/d/{id}/rating/withdraw",
    "/d/{id}/manage/close",
    "/d/{id}/manage/retry",
    "/d/{id}/manage/reopen",
    "/d/{id}/manage/close-rating",
    "/d/{id}/manage/cancel",
    "/d/{id}/manage/extend",
    "/d/{id}/manage/links",
    "/d/{id}/manage/links/end",
    "/d/{id}/manage/open-link/close",
    "/d/{id}/manage/open-link/newcomers",
]


@pytest.mark.parametrize("path", POSTS)
async def test_no_form_is_taken_without_its_token(house: House, admin: Person, path: str) -> None:
    deliberation = await house.ask()
    stranger = await house.visitor(deliberation)
    for token in ("", stranger.csrf, "ünd"):
        await admin.send(path.format(id=deliberation.id), {"csrf": token, "opinion": "x", "sure": "yes"})
        assert admin.status == 403
        assert "nothing was changed" in admin.page
    assert await house.deliberations.load(deliberation.id) == deliberation


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_no_form_is_taken_from_another_site(house: House, headers: dict[str, str]) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "x"}, headers=headers)
    assert visitor.status == 403


async def test_our_own_forms_are_taken_under_every_name_of_the_site(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    own = {"Origin": f"http://127.0.0.1:{house.server.port}", "Sec-Fetch-Site": "same-origin"}
    for headers in (own, {"Origin": house.config.base_url}, {}):
        await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "x"}, headers=headers)
        assert visitor.status == 200


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
async def test_only_plain_forms_are_taken(house: House, kind: str) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    response = await visitor.client.post(
        f"/d/{deliberation.id}/opinion", data=b"{}", headers={"Content-Type": kind}
    )
    assert response.status == 415


async def test_a_form_in_no_known_encoding_is_a_page(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    for charset, body in (("no-such", b"csrf=x"), ("utf-8", b"csrf=\xff\xfe"), ("utf-16", b"c")):
        kind = f"application/x-www-form-urlencoded; charset={charset}"
        response = await visitor.client.post(
            f"/d/{deliberation.id}/opinion", data=body, headers={"Content-Type": kind}
        )
        assert response.status in (400, 403)
        assert "<h1>" in await response.text()


async def test_a_body_that_is_too_big_is_a_page(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "x" * 200_000})
    assert visitor.status == 413
    assert "Shorten it" in visitor.page


async def test_every_page_carries_the_headers(house: House, admin: Person) -> None:
    deliberation = await house.ask(points=True)
    paths = ["/", "/how", "/me", "/admin", "/ask", "/admin/settings", "/nope", f"/d/{deliberation.id}"]
    paths += [
        "/admin/webhooks",
        "/admin/software",
        "/api",
        "/api/openapi.json",
        "/admin/library",
        "/admin/library/template",
        f"/d/{deliberation.id}/manage/question",
    ]
    paths += [
        f"/d/{deliberation.id}/manage",
        f"/d/{deliberation.id}/present",
        f"/d/{deliberation.id}/export.json",
        "/healthz",
    ]
    paths += [f"/d/{deliberation.id}/points", f"/d/{deliberation.id}/points/manage"]
    await admin.open("/ask")
    await admin.send("/ask/try", {"question": "Simulated?", "key": "once", "start": "1"})
    paths.append(admin.path)
    for path in paths:
        await admin.open(path)
        policy = admin.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert admin.headers["X-Content-Type-Options"] == "nosniff"
        assert admin.headers["Referrer-Policy"] == "same-origin"
        assert admin.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in admin.headers
        assert " style=" not in admin.page
        assert "<script>" not in admin.page


async def test_files_are_kept_for_ever_and_found_by_their_content(house: House) -> None:
    stranger = house.somebody()
    page = await stranger.open("/")
    href = page.split('rel="stylesheet" href="')[1].split('"')[0]
    await stranger.open(href)
    assert "immutable" in stranger.headers["Cache-Control"]
    assert stranger.headers["Content-Type"] == "text/css; charset=utf-8"
    await stranger.open("/static/x/..%2f..%2fapp.py")
    assert stranger.status == 404


@pytest.fixture
async def https() -> AsyncIterator[House]:
    house = await make_house(
        WebConfig(secret="a secret for tests only", base_url="https://accord.example.org")
    )
    yield house
    await house.close()


async def test_over_https_cookies_are_secure_and_hsts_is_sent(https: House) -> None:
    stranger = https.somebody()
    await stranger.open(admin_link(https.config, now=NOON), allow_redirects=False)
    assert stranger.headers["Set-Cookie"].startswith("__Host-accord=")
    assert "Secure" in stranger.headers["Set-Cookie"]
    assert stranger.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/d/x/opinion", 405)])
async def test_errors_are_pages_with_one_sentence(house: House, path: str, status: int) -> None:
    stranger = house.somebody()
    await stranger.open(path)
    assert stranger.status == status
    assert "<h1>" in stranger.page
    assert "Traceback" not in stranger.page


async def test_a_store_that_does_not_answer_is_a_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    for error, status in ((StoreError("secret detail"), 503), (RuntimeError("secret detail"), 500)):
        _break(house, monkeypatch, error)
        await visitor.open(f"/d/{deliberation.id}")
        assert visitor.status == status
        assert "secret detail" not in visitor.page


def _break(house: House, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def broken(*args: object) -> None:
        raise error

    monkeypatch.setattr(house.deliberations, "load", broken)
    monkeypatch.setattr(house.upkeep, "try_write", broken)


async def test_probes_tell_the_process_from_its_store(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = house.somebody()
    assert await stranger.open("/healthz") == "ok\n"
    assert await stranger.open("/readyz") == "ready\n"
    _break(house, monkeypatch, StoreError("The state store is full."))
    assert await stranger.open("/readyz") == "The state store is full.\n"
    assert stranger.status == 503
    await stranger.open("/healthz")
    assert stranger.status == 200


async def test_a_store_that_hangs_is_not_ready_and_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def frozen() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(house.upkeep, "try_write", frozen)
    monkeypatch.setattr(health_pages, "STORE_ANSWERS_WITHIN_S", 0.05)
    stranger = house.somebody()
    async with asyncio.timeout(PATIENCE_S):
        await stranger.open("/readyz")
    assert stranger.status == 503
    assert await stranger.open("/healthz") == "ok\n"


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::1"),
        ("not an address", "not an address", "another"),
    ],
)
def test_a_client_counts_by_its_address_or_its_household(address: str, same: str, other: str) -> None:
    config = WebConfig(
        secret="a secret for tests only", base_url="http://127.0.0.1", trusted_proxies=Proxies(hops=1)
    )

    def client(of: str) -> str:
        return client_of(make_mocked_request("GET", "/", headers={"X-Forwarded-For": of}), config)

    assert client(address) == client(same)
    assert client(address) != client(other)


async def test_metrics_are_for_this_machine(house: House) -> None:
    stranger = house.somebody()
    assert "commands_total" in await stranger.open("/metrics")
    for header in ("X-Forwarded-For", "Forwarded", "x-real-ip", "via"):
        await stranger.open("/metrics", headers={header: "127.0.0.1"})
        assert stranger.status == 403


async def test_metrics_are_for_whoever_has_the_token(config: WebConfig) -> None:
    house = await make_house(replace(config, metrics_token="letmein"))
    stranger = house.somebody()
    for given, status in (
        ({}, 403),
        ({"Authorization": "Bearer no"}, 403),
        ({"Authorization": "Bearer letmein"}, 200),
    ):
        await stranger.open("/metrics", headers=given)
        assert stranger.status == status
    await house.close()


async def test_a_client_that_asks_too_often_waits(config: WebConfig) -> None:
    house = await make_house(replace(config, requests_per_minute=3))
    stranger = house.somebody()
    for _ in range(3):
        await stranger.open("/how")
        assert stranger.status == 200
    await stranger.open("/how")
    assert stranger.status == 429
    assert 0 < int(stranger.headers["Retry-After"]) <= 60
    assert "Wait a moment" in stranger.page
    await stranger.open("/healthz")
    assert stranger.status == 200
    await house.close()


async def test_a_person_who_changes_too_much_waits_and_can_still_read(config: WebConfig) -> None:
    house = await make_house(replace(config, writes_per_minute=2))
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    for number in range(3):
        await visitor.open(f"/d/{deliberation.id}")
        await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": f"{number}"})
    assert visitor.status == 429
    await visitor.open(f"/d/{deliberation.id}")
    assert visitor.status == 200
    other = await house.visitor(deliberation)
    await other.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine."})
    assert other.status == 200
    await house.close()


async def test_a_forwarded_address_counts_only_behind_trusted_proxies(config: WebConfig) -> None:
    for proxies, statuses in ((0, [200, 429]), (1, [200, 200]), (2, [200, 429])):
        house = await make_house(
            replace(config, requests_per_minute=1, trusted_proxies=Proxies(hops=proxies))
        )
        stranger = house.somebody()
        seen = []
        for spoofed, real in (("9.9.9.1", "1.1.1.1"), ("9.9.9.2", "1.1.1.2")):
            await stranger.open("/how", headers={"X-Forwarded-For": f"{spoofed}, 8.8.8.8, {real}"})
            seen.append(stranger.status)
        assert seen == statuses
        await house.close()


async def test_a_client_cannot_make_up_its_address(config: WebConfig) -> None:
    house = await make_house(replace(config, requests_per_minute=1, trusted_proxies=Proxies(hops=1)))
    stranger = house.somebody()
    for spoofed, status in (("9.9.9.1", 200), ("9.9.9.2", 429)):
        await stranger.open("/how", headers={"X-Forwarded-For": f"{spoofed}, 1.1.1.1"})
        assert stranger.status == status
    for address, status in (("2001:db8:0:1::1", 200), ("2001:db8:0:1::2", 429), ("2001:db8:0:2::1", 200)):
        await stranger.open("/how", headers={"X-Forwarded-For": address})
        assert stranger.status == status
    await house.close()


async def test_what_somebody_wrote_is_on_the_page_that_turns_it_away(
    config: WebConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await make_house(replace(config, writes_per_minute=2))
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    to, form = f"/d/{deliberation.id}/opinion", {"opinion": "Long & hard to write."}
    await visitor.send(to, form | {"csrf": "too old"})
    for status, sent in ((403, form | {"csrf": "too old"}), (429, form)):
        await visitor.send(to, sent)
        assert visitor.status == status
        assert "Long &amp; hard to write.</textarea>" in visitor.page
    other = await house.visitor(deliberation)
    await other.send(to, form, headers={"Origin": "https://evil.example"})
    assert other.status == 403
    assert "Long" not in other.page
    await other.open(f"/d/{deliberation.id}")
    _break(house, monkeypatch, StoreError("down"))
    await other.send(to, form)
    assert other.status == 503
    assert "Long &amp; hard to write.</textarea>" in other.page
    await house.close()


async def test_an_ended_link_gives_back_what_was_written(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await house.access.invitations.put_open_link(deliberation.id, None)
    await visitor.send(f"/d/{deliberation.id}/opinion", {"opinion": "Mine."})
    assert visitor.status == 403
    assert "Mine.</textarea>" in visitor.page


def _minutes_of(watch: OneAddress, at: list[float], seen: list[tuple[str, str]], *, forwarded: bool) -> bool:
    """What some minutes of requests come to, by address and person, and another request after them."""
    for address, person in seen:
        assert not watch.saw(address, person, forwarded=forwarded)
    at[0] += limits.WATCHED_S
    return watch.saw("one", "late", forwarded=forwarded)


@pytest.mark.parametrize(
    ("seen", "forwarded", "told"),
    [
        ([("one", f"person {n % 5}") for n in range(50)], False, True),
        ([("one", "")] * 50, True, True),
        ([("one", "alone")] * 50, False, False),
        ([("one", f"person {n}") for n in range(5)], False, False),
        ([(f"address {n % 2}", f"person {n}") for n in range(50)], True, False),
    ],
    ids=["several people", "a proxy's requests", "one person", "few requests", "two addresses"],
)
def test_everybody_at_one_address_is_noticed(
    seen: list[tuple[str, str]], forwarded: bool, told: bool
) -> None:
    at = [0.0]
    watch = OneAddress(lambda: at[0])
    assert _minutes_of(watch, at, seen, forwarded=forwarded) is told


def test_everybody_at_one_address_is_said_once() -> None:
    at = [0.0]
    watch, crowd = OneAddress(lambda: at[0]), [("one", f"person {n}") for n in range(50)]
    assert _minutes_of(watch, at, crowd, forwarded=True)
    assert not _minutes_of(watch, at, crowd, forwarded=True)


async def test_a_proxy_that_nobody_set_up_is_logged_without_its_address(
    config: WebConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(limits, "WATCHED_S", 0.0)
    monkeypatch.setattr(limits, "FEWEST_REQUESTS", 1)
    for proxies, said in ((0, 1), (1, 0)):
        house = await make_house(replace(config, trusted_proxies=Proxies(hops=proxies)))
        stranger = house.somebody()
        caplog.clear()
        for number in range(5):
            await stranger.open("/how", headers={"X-Forwarded-For": f"192.0.2.{number}"})
        warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
        assert len(warnings) == said
        assert all("ACCORD_TRUSTED_PROXIES" in each for each in warnings)
        assert not any("127.0.0.1" in each or "192.0.2" in each for each in warnings)
        await house.close()


def test_a_bucket_fills_again() -> None:
    now = 0.0
    buckets = Buckets(60, clock=lambda: now)
    assert [buckets.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert buckets.wait_s("a") == pytest.approx(1.0)
    now = 1.0
    assert buckets.wait_s("a") == 0.0
    assert buckets.wait_s("a") > 0


def test_buckets_take_a_bounded_amount_of_memory() -> None:
    buckets = Buckets(1, keep=100, clock=lambda: 0.0)
    for number in range(1_000):
        buckets.wait_s(str(number))
    assert len(buckets) == 100
    assert buckets.wait_s("999") > 0


def test_streams_are_counted_and_given_back() -> None:
    streams = Streams(most=3, most_per_client=2, most_per_person=1)
    with (
        streams.one("a", "ann") as first,
        streams.one("a", "ann") as same_person,
        streams.one("a", "bo") as second,
        streams.one("a", "cy") as same_client,
        streams.one("b", "cy") as third,
        streams.one("c", "di") as over_all,
    ):
        assert (first, second, third) == (True, True, True)
        assert (same_person, same_client, over_all) == (False, False, False)
    with streams.one("a", "ann") as again:
        assert again


async def test_no_log_holds_what_people_wrote_nor_any_token(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.DEBUG):
        deliberation = await house.ask("Zebra question?", anonymous=False, quorum=2)
        ann = await house.named(deliberation, "Annabella Zebra")
        visitor = await house.visitor(deliberation)
        for person in (ann, visitor):
            await person.send(
                f"/d/{deliberation.id}/opinion", {"opinion": "Zebra opinion", "name": "Zebra Bo"}
            )
        await house.work()
        await ann.open(f"/d/{deliberation.id}")
        await ann.send(f"/d/{deliberation.id}/opinion", {"opinion": "Zebra late", "name": "Zebra"})
        link = admin_link(house.config, now=NOON)
        admin = house.somebody()
        await admin.sign_in(link)
        await admin.open(link[:-3])
        await admin.open(f"/d/{deliberation.id}/export.csv")
        _break(house, monkeypatch, RuntimeError("a page failed for a reason"))
        await admin.open(f"/d/{deliberation.id}")
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "a page failed" in said
    assert "zebra" not in said.lower()
    assert link.rsplit("/", 1)[1][:40] not in said
    for cookie in admin.client.session.cookie_jar:
        assert cookie.value not in said


async def test_the_page_is_the_message(house: House) -> None:
    platform = WebPlatform()
    deliberation = await house.ask()
    card = QuestionCard(deliberation, answered=0)
    first = await platform.post("web", card, key=deliberation.id)
    assert await platform.post("web", card, key=deliberation.id) == first
    await platform.update(first, card)
    assert list(await platform.members("web", "web")) == []
    with pytest.raises(PlatformError):
        await platform.direct_message("web", "visitor-1", ReminderNote(deliberation))
