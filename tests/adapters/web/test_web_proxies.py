"""Whom a request came from: only trusted proxies are believed, and only about what they saw themselves."""

from dataclasses import replace

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from adapters.web.config import WebConfig
from adapters.web.limits import came_by_a_stranger
from adapters.web.proxies import Proxies
from tests.web_house import make_house

NEAR, FAR, CLIENT = "10.0.0.2", "10.0.0.1", "192.0.2.9"


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded_for", "forwarded", "client"),
    [
        ("none", NEAR, [CLIENT], [f"for={CLIENT}"], NEAR),
        ("0", NEAR, [CLIENT], [], NEAR),
        ("10.0.0.0/8", "192.0.2.1", ["198.51.100.7"], ["for=198.51.100.7"], "192.0.2.1"),
        ("10.0.0.0/8", NEAR, [], [], NEAR),
        ("10.0.0.0/8", NEAR, [CLIENT], [], CLIENT),
        ("10.0.0.2", NEAR, [f"{CLIENT}, {FAR}"], [], FAR),
        ("10.0.0.0/8", NEAR, [f"1.1.1.1, {CLIENT}", FAR], [], CLIENT),
        ("10.0.0.0/8", f"::ffff:{NEAR}", [CLIENT], [], CLIENT),
        ("10.0.0.0/8", NEAR, [f"{FAR}, 10.0.0.7"], [], FAR),
        ("10.0.0.0/8", NEAR, [f"{CLIENT}:4711"], [], CLIENT),
        ("10.0.0.0/8", NEAR, ["[2001:db8::1]:4711"], [], "2001:db8::1"),
        ("10.0.0.0/8", NEAR, [], [f"for=1.1.1.1;proto=http, FOR={CLIENT}, for={FAR};by={NEAR}"], CLIENT),
        ("10.0.0.0/8", NEAR, [], ['for="[2001:db8::1]:4711";proto=https'], "2001:db8::1"),
        ("10.0.0.0/8", NEAR, [], ["for=_hidden"], "_hidden"),
        ("10.0.0.0/8", NEAR, [], [f'for="1.1.1.1, for={CLIENT}'], CLIENT),
        ("10.0.0.0/8", NEAR, [], ["for=1.1.1.1, proto=https"], "unknown"),
        ("10.0.0.0/8", NEAR, [CLIENT], [f"for={CLIENT}"], CLIENT),
        ("10.0.0.0/8", NEAR, [CLIENT], ["for=1.1.1.1"], NEAR),
        ("10.0.0.0/8", NEAR, ["2001:db8::a"], ['for="[2001:DB8:0::A]:4711"'], "2001:db8::a"),
        ("10.0.0.0/8", NEAR, [f"::ffff:{CLIENT}"], [f"for={CLIENT}"], CLIENT),
        ("::ffff:10.0.0.0/104", NEAR, [CLIENT], [], CLIENT),
        ("::ffff:10.0.0.2", f"::ffff:{NEAR}", [CLIENT], [], CLIENT),
        ("10.0.0.0/8", NEAR, [f"2001:db8::1, {FAR}"], [], "2001:db8::1"),
        ("2001:db8:ffff::/48", "2001:db8:ffff::2", [CLIENT], [], CLIENT),
        ("1", "192.0.2.1", [f"1.1.1.1, {CLIENT}"], [], CLIENT),
        ("2", "192.0.2.1", [f"1.1.1.1, {CLIENT}, {FAR}"], [], CLIENT),
        ("2", "192.0.2.1", [CLIENT], [], CLIENT),
    ],
)
def test_a_client_is_the_nearest_that_no_trusted_proxy_is(
    proxies: str, remote: str, forwarded_for: list[str], forwarded: list[str], client: str
) -> None:
    assert Proxies.parse(proxies).client(remote, forwarded_for, forwarded) == client


async def test_only_a_trusted_proxy_tells_whom_a_request_came_from(config: WebConfig) -> None:
    for trusted, statuses in (("127.0.0.1", [200, 200, 429]), ("192.0.2.0/24", [200, 429, 429])):
        house = await make_house(
            replace(config, requests_per_minute=1, trusted_proxies=Proxies.parse(trusted))
        )
        stranger, seen = house.somebody(), []
        for made_up, client in (("9.9.9.1", "1.1.1.1"), ("9.9.9.2", "1.1.1.2"), ("9.9.9.3", "1.1.1.1")):
            await stranger.open("/how", headers={"X-Forwarded-For": f"{made_up}, {client}"})
            seen.append(stranger.status)
        assert seen == statuses
        await house.close()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "x-forwarded-for", "forwarded"])
def test_a_proxy_that_nobody_set_up_is_noticed_however_it_writes_its_headers(
    config: WebConfig, header: str
) -> None:
    sent_on = make_mocked_request("GET", "/", headers=CIMultiDict({header: CLIENT}))
    assert came_by_a_stranger(sent_on, config)
    assert not came_by_a_stranger(sent_on, replace(config, trusted_proxies=Proxies(hops=1)))
