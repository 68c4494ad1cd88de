"""`accord webhook …` as an operator at a terminal meets it."""

import re

import pytest

pytestmark = pytest.mark.redis


@pytest.fixture
def webhook(accord):
    return lambda *words: accord("webhook", *words)


def test_a_webhook_is_added_listed_and_removed(webhook):
    added = webhook("add", "https://example.org/accord", "--event", "question.settled")
    assert added.returncode == 0, added.stderr
    # The secret alone, so that it can be piped on.
    assert re.fullmatch(r"whsec_\S{44}\n", added.stdout)
    assert webhook("add", "https://example.org/all", "--team", "T1").returncode == 0

    (line,) = webhook("list").stdout.splitlines()
    id_, state, url, events = line.split()
    assert (state, url, events) == ("on", "https://example.org/accord", "question.settled")
    (other,) = webhook("list", "--team", "T1").stdout.splitlines()
    assert other.endswith("question.closed,question.failed,question.opened,question.settled,statement.posted")
    for _ in range(2):
        assert webhook("remove", id_).returncode == 0
    none = webhook("list")
    assert (none.stdout, none.stderr) == ("", "Team web has no webhooks.\n")
    webhook("remove", other.split()[0], "--team", "T1")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "https://10.0.0.1/"), 2, "private addresses"),
        (("add", "http://example.org/"), 2, "https://"),
        (("add", "https://example.org/", "--event", "question.lost"), 2, "question.lost"),
        (("replay",), 2, "--all"),
        (("replay", "nope"), 2, "no undelivered message"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(webhook, words, code, said):
    done = webhook(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nothing_undelivered_is_nothing_to_list_or_replay(webhook):
    assert webhook("dead").stdout == ""
    assert webhook("replay", "--all").stdout == "There was nothing to send again.\n"


def test_private_addresses_are_for_the_operator_to_allow(accord):
    words = ("webhook", "add", "http://127.0.0.1:9000/", "--team", "T2")
    added = accord(*words, env={"ACCORD_WEBHOOKS_PRIVATE": "1"})
    assert added.returncode == 0, added.stderr
