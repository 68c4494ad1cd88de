"""`accord api-token …` as a person at a terminal meets it."""

import json

import pytest

from bot.wording.api_lines import FORGOTTEN

pytestmark = pytest.mark.redis


def test_a_token_is_printed_once_listed_without_its_secret_renewed_and_revoked(accord):
    words = ("--name", "Wiki", "--scope", "questions:read", "--scope", "take-part", "--days", "9")
    made = accord("api-token", "create", *words)
    assert (made.returncode, made.stdout[:7]) == (0, "accord_"), made.stderr
    _, id_, secret = made.stdout.strip().split("_")
    listed = json.loads(accord("api-token", "list", "--json").stdout)
    assert (listed["id"], listed["name"], listed["last_used"]) == (id_, "Wiki", "never")
    assert listed["scopes"] == "questions:read,take-part"
    assert secret not in accord("api-token", "list").stdout
    renewed = accord("api-token", "renew", id_)
    assert renewed.stdout.split("_")[1] == id_
    assert renewed.stdout != made.stdout
    assert accord("api-token", "revoke", id_).stdout == "Revoked.\n"
    assert accord("api-token", "list").stdout == ""


def test_what_cannot_be_used_is_one_line(accord):
    for words in (
        ("create", "--name", " ", "--scope", "take-part"),
        ("create", "--name", "Wiki", "--scope", "everything"),
        ("revoke", "f" * 16),
    ):
        done = accord("api-token", *words)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert "Value error" not in done.stderr


def test_what_somebody_gave_is_deleted_once_it_was_confirmed_also_without_the_token(accord):
    asked = accord("api-token", "forget", "f" * 16, "ann", input="n\n")
    assert (asked.returncode, asked.stdout.strip()) == (130, "")
    done = accord("api-token", "forget", "f" * 16, "ann", "--yes")
    assert (done.returncode, done.stdout) == (0, f"{FORGOTTEN}\n")
    wrong = accord("api-token", "forget", "accord", "ann", "--yes")
    assert (wrong.returncode, "a token's ID" in wrong.stderr) == (2, True)
