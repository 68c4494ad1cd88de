"""Where the words are that people read: in `bot.wording`, and not in the adapters, nor in the rooms above it.

There and in the domain every one is marked, so that it gets into the catalogues. Two words with a space
between them are taken for a sentence. What is none, or is not for members, askers and admins, is listed below
with the reason.
"""

import ast
import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest

from adapters.web.middleware import ONE_ADDRESS
from bot.service.studies import NOT_LEARNING
from tests.messages import KEYWORDS

ROOT = Path(__file__).parents[1]
ROOMS = ("adapters/slack", "adapters/discord", "adapters/web", "bot/service", "bot/chat", "bot/worker")
# Their sentences stand where they are, each in `_`, `_n`, `N_`, `sentence` or an error of ours.
MARKED = ("bot/domain", "bot/wording")
# Modules there whose sentences are still to be marked.
UNMARKED: frozenset[str] = frozenset()
TWO_WORDS = re.compile(r"[A-Za-z]{2,}\S* +\{?[A-Za-z]")
# Whole modules.
ELSEWHERE = {
    "adapters/slack/config.py": "what is wrong with the settings, for whoever starts Accord",
    "adapters/discord/config.py": "the same",
    "adapters/web/config.py": "the same",
    "adapters/web/api/models.py": "what the API says of itself, to developers",
    "adapters/web/api/openapi.py": "the same",
    "adapters/web/api/problems.py": "the same",
    "adapters/slack/checkup.py": "what `accord doctor` prints",
    "adapters/discord/checkup.py": "the same",
    "adapters/discord/views/translations.py": "what commands are called in other languages",
}
# What has two words and is no sentence, with a brace where something is put in.
NO_SENTENCES = {
    "the bank": "an option's value",
    "Who we are in this workspace is still being looked up.": "for the log",
    "Who we are in this workspace cannot be looked up.": "for the log",
    "not signed by Slack, or too long ago": "to a program that calls us",
    "not a request of Slack's": "to a program that calls us",
    "this request came before": "to Slack",
    "try again": "to Slack",
    "The link has expired.": "an exception; the page that follows has its own words",
    "The link is not one of ours.": "the same",
    "no connection to {}\n": "to a program that watches us",
    "The state store did not answer within {} seconds.\n": "to a program that watches us",
    "metrics are for this machine, or for anyone who has the token\n": "to a program that watches us",
    ONE_ADDRESS: "for the log",
    # Headers.
    "public, max-age=31536000, immutable": "a header",
    "max-age=31536000; includeSubDomains": "a header",
    "camera=(), geolocation=(), microphone=()": "a header",
    "noindex, nofollow": "a header",
    "text/event-stream; charset=utf-8": "a header",
    'attachment; filename="{}"': "a header",
    # Keys of what is kept.
    "workspaces of organisations": "a key",
    "bot of {}": "a key",
    "bot of organisation {}": "a key",
    "organisation of {}": "a key",
    "looked for {} {} {}": "a key",
    "{}:in place of {}": "a key",
    "met in {}": "a key",
    "end not shown": "a key",
    "told of the failure of {}: {}": "a key",
    "told of no draft: {} {}": "a key",
    "asked how it went: {} {} {}": "a key",
    "{}:left out:{}": "what a choice is drawn from",
    "set back": "a metric's label",
    "%s has not been heard for %d s: what members do there waits, or is found again once it is back": (
        "for the log"
    ),
    "see above.": "for the log",
    # Exceptions: a worker tries again, and nobody reads them.
    "The mediation of this round is not in the store, though its statement was chosen.": "an exception",
    "The statement that is revised is not in the store, though it was rated.": "an exception",
    "Somebody else moved this question on.": "an exception",
    # What `accord study start` prints.
    NOT_LEARNING: "to whoever starts a study",
}
# The same in the rooms whose sentences are marked.
NOT_MARKED = {
    # Errors of programs: forms and settings are checked before.
    "the secret for participant keys is empty": "an error in a program",
    "there is no such time zone": "an error in a program",
    "a week always has this weekday": "an error in a program",
    "a schedule is either once or weekly": "an error in a program",
    "each arm is compared once": "an error in a program",
    "the arm revised needs a statement to revise": "an error in a program",
    "members are told of every model that drafts": "an error in a program",
    "own emoji have to be as many as the scale has steps": "an error in a program",
    "the quorum must not be below the minimum number of opinions": "an error in a program",
    # Values.
    "id of a secret key": "what a key's id is made with",
    "the usual": "a value in the log of changes",
    **dict.fromkeys(
        (
            *("View Channel", "Send Messages", "Embed Links", "Attach Files", "Read Message History"),
            *("Add Reactions", "Create Polls", "Create Public Threads", "Send Messages in Threads"),
        ),
        "as Discord calls it",
    ),
    # What is read in members' words.
    **dict.fromkeys(("pacific time", "mountain time", "central time", "eastern time"), "a spelling"),
    **dict.fromkeys(("week's end", "next week's end", "month's end"), "a spelling"),
    "str | tuple[str, str]": "a type",
}
# No sentence has these.
PATTERN = re.compile(r"\\b|\(\?[:P!=<]|\)\?")


def sentences(tree: ast.AST, marks: Collection[str] = ()) -> Iterator[tuple[int, str]]:
    """Every text with two words that is no docstring and not for a log, with its line.

    marks: functions whose own texts are left out.
    """
    for node in ast.iter_child_nodes(tree):
        if _for_a_log(node) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in marks:
            yield from (found for part in _unmarked(node) for found in sentences(part, marks))
            continue
        text = _text(node)
        if text is None:
            yield from sentences(node, marks)
            continue
        if TWO_WORDS.search(text):
            yield node.lineno, text  # type: ignore[attr-defined]
        # What is put into a text may have texts of its own.
        yield from (found for part in _parts(node) for found in sentences(part, marks))


def _unmarked(call: ast.Call) -> list[ast.AST]:
    """What stands in a mark beside its own texts; put into something, so that it is looked at itself."""
    given = [*call.args, *(each.value for each in call.keywords)]
    return [ast.Tuple([each], ast.Load()) for each in given if not isinstance(each, ast.Constant)]


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return None


def _parts(node: ast.AST) -> list[ast.FormattedValue]:
    values = node.values if isinstance(node, ast.JoinedStr) else []
    return [each for each in values if isinstance(each, ast.FormattedValue)]


def _for_a_log(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "log"
    )


@cache
def found(rooms: tuple[str, ...] = ROOMS, marks: frozenset[str] = frozenset()) -> list[tuple[str, int, str]]:
    """All that these rooms say for themselves: the module, the line, the text."""
    return [
        (str(path.relative_to(ROOT)), line, text)
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, text in sentences(ast.parse(path.read_text()), marks)
    ]


@cache
def outside_the_catalogue() -> list[tuple[str, int, str]]:
    """The same of the rooms that have sentences, as far as nobody could translate it."""
    return [each for each in found(MARKED, frozenset(KEYWORDS)) if not PATTERN.search(each[2])]


def test_no_room_but_the_wording_has_sentences_of_its_own() -> None:
    stray = [
        f"{module}:{line}: {text!r}"
        for module, line, text in found()
        if module not in ELSEWHERE and text not in NO_SENTENCES
    ]
    assert stray == [], "move these into bot/wording"


def test_every_sentence_of_the_wording_and_the_domain_is_in_the_catalogue() -> None:
    stray = [
        f"{module}:{line}: {text!r}"
        for module, line, text in outside_the_catalogue()
        if module not in UNMARKED and text not in NOT_MARKED
    ]
    assert stray == [], "put these into `_`, `_n`, `N_`, `sentence` or an error of ours"


def test_nothing_is_excused_that_is_not_there() -> None:
    there = found()
    assert set(ELSEWHERE) == {module for module, _, _ in there if module in ELSEWHERE}
    assert set(NO_SENTENCES) - {text for _, _, text in there} == set()
    unmarked = outside_the_catalogue()
    assert set(NOT_MARKED) - {text for _, _, text in unmarked} == set()
    assert {
        module for module, _, text in unmarked if module in UNMARKED and text not in NOT_MARKED
    } == UNMARKED


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ('say("Nothing was saved.")', ["Nothing was saved."]),
        ('say(f"{count} older ones")', ["{} older ones"]),
        ("say(f\"{'Read it' if x else 'Go there'}\")", ["Read it", "Go there"]),
        ('def f():\n    """Two words."""\n    log.info("two words %s", 1)', []),
        ('say("word", "an_id", "two:words")', []),
    ],
    ids=["plain", "formatted", "inside", "docstring and log", "no words"],
)
def test_a_sentence_is_found_wherever_it_stands(code: str, texts: list[str]) -> None:
    assert [text for _, text in sentences(ast.parse(code))] == texts


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ('_("Nothing was saved.")', []),
        ('raise OpinionError("It has {n} words.", n=f"{n} or so")', ["{} or so"]),
        ('_(f"{count} older ones")', ["{} older ones"]),
        ('N_("One thing" if one else "Two things")', ["One thing", "Two things"]),
        ('raise ValueError("not so good")', ["not so good"]),
    ],
    ids=["marked", "in a place", "not as it is", "one of two", "no error of ours"],
)
def test_a_sentence_is_in_the_catalogue_where_it_stands_in_a_mark(code: str, texts: list[str]) -> None:
    assert [text for _, text in sentences(ast.parse(code), KEYWORDS)] == texts
