"""Where the words are that people read: in `bot.wording`, and not in the adapters, nor in the rooms above it.

Two words with a space between them are taken for a sentence. What is none, or is not for members, askers and
admins, is listed below with the reason.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.web.middleware import ONE_ADDRESS
from bot.service.studies import NOT_LEARNING

ROOT = Path(__file__).parents[1]
ROOMS = ("adapters/slack", "adapters/discord", "adapters/web", "bot/service", "bot/chat", "bot/worker")
TWO_WORDS = re.compile(r"[A-Za-z]{2,}\S* +\{?[A-Za-z]")
# Whole modules.
ELSEWHERE = {
    "adapters/slack/config.py": "what is wrong with the settings, for whoever starts Accord",
    "adapters/discord/config.py": "the same",
    "adapters/web/config.py": "the same",
    "adapters/slack/checkup.py": "what `accord doctor` prints",
    "adapters/discord/checkup.py": "the same",
    "adapters/discord/views/translations.py": "other languages for what `bot.wording` says",
    "adapters/discord/views/window_translations.py": "the same",
}
# What has two words and is no sentence, with a brace where something is put in.
NO_SENTENCES = {
    "<!date^{}^{date_short_pretty} at {time}|{}>": "Slack's way to write a time",
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
    "the store does not answer\n": "to a program that watches us",
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
    "{}:left out:{}": "what a choice is drawn from",
    "set back": "a metric's label",
    "%s has not been heard for %d s: what members do there waits, or is found again once it is back": (
        "for the log"
    ),
    "see above.": "for the log",
    # Exceptions: a worker tries again, and nobody reads them.
    "The mediation of this round is not in the store, though its statement was chosen.": "an exception",
    "Somebody else moved this question on.": "an exception",
    # What `accord study start` prints.
    NOT_LEARNING: "to whoever starts a study",
}


def sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text with two words that is no docstring and not for a log, with its line."""
    for node in ast.iter_child_nodes(tree):
        if _for_a_log(node) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        text = _text(node)
        if text is None:
            yield from sentences(node)
            continue
        if TWO_WORDS.search(text):
            yield node.lineno, text  # type: ignore[attr-defined]
        # What is put into a text may have texts of its own.
        yield from (found for part in _parts(node) for found in sentences(part))


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


def found() -> list[tuple[str, int, str]]:
    """All that these rooms say for themselves: the module, the line, the text."""
    return [
        (str(path.relative_to(ROOT)), line, text)
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, text in sentences(ast.parse(path.read_text()))
    ]


def test_no_room_but_the_wording_has_sentences_of_its_own() -> None:
    stray = [
        f"{module}:{line}: {text!r}"
        for module, line, text in found()
        if module not in ELSEWHERE and text not in NO_SENTENCES
    ]
    assert stray == [], "move these into bot/wording"


def test_nothing_is_excused_that_is_not_there() -> None:
    there = found()
    assert set(ELSEWHERE) == {module for module, _, _ in there if module in ELSEWHERE}
    assert set(NO_SENTENCES) - {text for _, _, text in there} == set()


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
