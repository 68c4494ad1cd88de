"""Sending to addresses that anybody may have typed: never into a private network, never for long."""

import asyncio
import socket
import threading

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.webhooks.sender import READ_LIMIT, HttpSender
from bot.domain.errors import WebhookError
from bot.domain.webhooks import Problem, checked_url, is_public
from bot.service.ports.webhooks import Answer

PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b:1::7f00:1",
    "2606:4700::5efe:10.0.0.1",
    "fec0::1",
    "3fff::1",
)


@pytest.fixture
async def looked_up(monkeypatch):
    """What names lead to, a list for each look-up, the last one from then on; and what was asked."""
    answers, asked = [["8.8.8.8"]], []

    def look_up(host, port, *_):
        asked.append(host)
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(_family(each), socket.SOCK_STREAM, 0, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers, asked


def _family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@pytest.mark.parametrize("address", PRIVATE)
async def test_nothing_is_sent_to_a_private_address_whether_typed_or_looked_up(looked_up, address):
    answers, _ = looked_up
    # One public address next to it does not help.
    answers[:] = [["8.8.8.8", address]]
    typed = f"https://[{address}]/" if ":" in address else f"https://{address}/"
    assert not is_public(address)
    with pytest.raises(WebhookError, match="private"):
        checked_url(typed, private=False)
    assert checked_url(typed, private=True) == typed
    async with HttpSender() as sender:
        assert await sender.send(typed, {}, b"{}") == Answer(Problem.NOT_ALLOWED)
        assert await sender.send("https://example.org/", {}, b"{}") == Answer(Problem.NOT_ALLOWED)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::8.8.8.8"])
def test_public_addresses_may_be_used(address):
    assert is_public(address)
    url = f"https://[{address}]:8443/x" if ":" in address else f"https://{address}:8443/x"
    assert checked_url(f" {url} ", private=False) == url


@pytest.mark.parametrize(
    "url", ["https://2130706433/", "https://127.1/", "https://0177.0.0.1/", "https://0x7f.1/"]
)
async def test_other_spellings_of_this_machine_are_refused_too(url):
    async with HttpSender() as sender:
        assert await sender.send(url, {}, b"{}") == Answer(Problem.NOT_ALLOWED)


async def test_the_connection_goes_to_the_address_that_was_checked(looked_up, monkeypatch):
    """A name that leads elsewhere at a second look-up is not looked up a second time."""
    answers, asked = looked_up
    answers[:] = [["8.8.8.8"], ["127.0.0.1"]]
    reached = []

    async def connect(addr_infos, **_):
        reached.append(addr_infos[0][4][0])
        raise OSError("no way out of here")

    monkeypatch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", connect)
    async with HttpSender() as sender:
        assert await sender.send("https://example.org/", {}, b"{}") == Answer(Problem.UNREACHABLE)
        assert (asked, reached) == (["example.org"], ["8.8.8.8"])
        # Next time it is looked up and checked again.
        assert await sender.send("https://example.org/", {}, b"{}") == Answer(Problem.NOT_ALLOWED)
    assert reached == ["8.8.8.8"]


async def test_names_that_are_never_found_keep_nothing_else_in_the_process_waiting(monkeypatch):
    end = threading.Event()

    def look_up(*_, **__):
        end.wait()
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    async with HttpSender() as sender, asyncio.timeout(30):
        sending = [asyncio.create_task(sender.send("https://example.org/", {}, b"{}")) for _ in range(64)]
        await asyncio.sleep(0)
        try:
            assert await asyncio.to_thread(lambda: "done") == "done"
        finally:
            end.set()
        await asyncio.gather(*sending)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "https://"),
        ("example.org/x", "https://"),
        ("ftp://example.org/", "https://"),
        ("https:///x", "https://"),
        ("https://example.org:port/", "https://"),
        ("https://exa mple.org/", "https://"),
        ("https://[::1/", "https://"),
        ("https://example.org/" + "x" * 2_000, "https://"),
        ("http://example.org/", "reads along"),
        ("https://ann:secret@example.org/", "password"),
        ("https://localhost/", "private"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_one_sentence(url, said):
    with pytest.raises(WebhookError, match=said) as refused:
        checked_url(url, private=False)
    assert "secret" not in str(refused.value)


async def test_an_endless_or_silent_answer_is_not_waited_for():
    written = 0

    async def endless(request):
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * READ_LIMIT)
            written += READ_LIMIT
            await asyncio.sleep(0)

    async def silent(request):
        await asyncio.sleep(60)
        return web.Response()

    app = web.Application()
    app.router.add_post("/endless", endless)
    app.router.add_post("/silent", silent)
    async with TestServer(app) as server, HttpSender(private=True, timeout_s=1.0) as sender:
        assert await sender.send(str(server.make_url("/endless")), {}, b"{}") == Answer(status=200)
        assert await sender.send(str(server.make_url("/silent")), {}, b"{}") == Answer(Problem.TIMED_OUT)
    assert written < 100 * READ_LIMIT


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("120", 120.0),
        ("999999999", 86_400.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("soon", 0.0),
        ("", 0.0),
    ],
)
async def test_what_a_receiver_asks_for_is_read_and_bounded(said, wait_s):
    async def busy(request):
        return web.Response(status=429, headers={"Retry-After": said})

    app = web.Application()
    app.router.add_post("/", busy)
    async with TestServer(app) as server, HttpSender(private=True) as sender:
        answer = await sender.send(str(server.make_url("/")), {}, b"{}")
    assert answer == Answer(Problem.ANSWERED, 429, wait_s)
