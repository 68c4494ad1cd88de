"""Log lines: where and what kind, never what anybody wrote."""

import asyncio
import gc
import json
import logging

import pytest

from bot.domain.errors import StoreError, VersionConflictError
from bot.ops import logs
from engine.errors import GeneratorUnavailableError

OPINION = "Ban them, says zanzibar."


@pytest.fixture
def log():
    """A logger of ours whose lines can be read."""
    return _reading(logging.getLogger("bot.somewhere"))


def _reading(logger):
    logger.lines = []
    handler = logging.Handler()
    handler.setFormatter(logs.JsonLines())
    handler.emit = lambda record: logger.lines.append(handler.format(record))
    logger.handlers[:] = [handler]
    logger.setLevel(logging.DEBUG)
    return logger


def fail(*, because=None):
    try:
        raise ValueError(OPINION)
    except ValueError as exc:
        if because is None:
            raise
        raise because from exc


def logged(logger):
    assert OPINION not in "".join(logger.lines)
    assert len(logger.lines) == 1
    return json.loads(logger.lines[0])


def test_an_error_that_quotes_an_opinion_is_logged_by_kind_and_place(log):
    try:
        fail()
    except ValueError:
        log.exception("%s failed", "GiveOpinion")
    line = logged(log)
    assert (line["level"], line["logger"], line["message"]) == (
        "error",
        "bot.somewhere",
        "GiveOpinion failed",
    )
    assert line["error"] == "ValueError"
    assert [place.rpartition("/")[2].partition(":")[0] for place in line["at"]] == ["test_logs.py"] * 2


def test_the_kind_of_an_errors_cause_is_logged_too(log):
    try:
        fail(because=StoreError("The store does not answer."))
    except StoreError:
        log.warning("trying again", exc_info=True)
    assert logged(log)["error"] == "StoreError from ValueError"


def test_a_line_is_one_line_of_json_whatever_is_in_it():
    # by hand: what pytest keeps of a log goes from one test process to another, and half a character cannot
    said = "two\nlines, “quotes” and \ud83d"
    line = logs.JsonLines().format(logging.LogRecord("bot.a", logging.INFO, __file__, 1, said, None, None))
    assert "\n" not in line
    assert json.loads(line)["message"].startswith("two\nlines")


def test_lines_carry_the_question_that_they_are_about(log):
    with logs.deliberation("outer"):
        with logs.deliberation("inner"):
            log.info("in")
        log.info("out")
    log.info("elsewhere")
    about = [json.loads(line).get("deliberation_id") for line in log.lines]
    assert about == ["inner", "outer", None]


async def test_a_task_that_failed_unseen_does_not_tell_what_it_choked_on():
    asyncio_log = logging.getLogger("asyncio")
    before = (asyncio_log.handlers[:], asyncio_log.level)
    try:
        _reading(asyncio_log)

        async def choke():
            raise ValueError(OPINION)

        task = asyncio.create_task(choke())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()
        line = logged(asyncio_log)
    finally:
        asyncio_log.handlers[:], asyncio_log.level = before
    assert line["message"] == "Task exception was never retrieved"
    assert line["error"] == "ValueError"


@pytest.fixture
def untouched_logging():
    """Puts back what configuring changes."""
    root = logging.getLogger()
    changed = [root, *map(logging.getLogger, (*logs.OUR_ROOMS, *logs.QUIET_LIBRARIES))]
    before = [(logger, logger.level) for logger in changed], root.handlers[:]
    yield
    levels, root.handlers[:] = before
    for logger, level in levels:
        logger.setLevel(level)


@pytest.mark.usefixtures("untouched_logging")
def test_our_rooms_speak_at_their_level_and_libraries_only_when_something_is_wrong(capsys):
    logs.configure("DEBUG")
    for name in (
        "bot.service.dispatch",
        "adapters.web",
        "engine.mediator",
        "redis",
        "aiohttp.access",
        "streaq",
    ):
        logging.getLogger(name).debug("said at debug")
        logging.getLogger(name).warning("said as a warning")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    ours = {"bot.service.dispatch", "adapters.web", "engine.mediator"}
    assert {line["logger"] for line in lines if line["level"] == "debug"} == ours
    assert sum(line["level"] == "warning" for line in lines) == 6


def test_what_does_not_answer_is_said_once_a_minute_and_how_often_it_was_tried(log):
    now = [0.0]
    log.handlers[0].addFilter(logs.OnceAMinute(lambda: now[0]))

    def try_all():
        for error in (StoreError("away"), VersionConflictError("late"), GeneratorUnavailableError("busy")):
            try:
                raise error
            except (StoreError, GeneratorUnavailableError):
                log.warning("it failed", exc_info=True)
        log.error("the store does not answer", extra={"outage": StoreError.outage})
        log.info("an aside", extra={"outage": StoreError.outage})

    for _ in range(3):
        try_all()
    now[0] = logs.SAID_EVERY_S
    try_all()
    said = [
        (line["level"], line.get("error"), line.get("more"))
        for line in map(json.loads, log.lines)
        if line["level"] != "info"
    ]
    conflict = ("warning", "VersionConflictError", None)
    first = [("warning", "StoreError", None), conflict, ("warning", "GeneratorUnavailableError", None)]
    later = [("warning", "StoreError", 5), conflict, ("warning", "GeneratorUnavailableError", 2)]
    assert said == [*first, conflict, conflict, *later]
    assert sum("an aside" in line for line in log.lines) == 4


def test_a_client_that_tells_of_each_try_is_heard_once_a_minute():
    now = [0.0]
    client = _reading(logging.getLogger("slack_sdk.socket_mode.aiohttp"))
    client.handlers[0].addFilter(logs.OnceAMinute(lambda: now[0]))

    def try_again(number):
        client.error("Failed to connect (%s)", number)

    for number in range(3):
        try_again(number)
    now[0] = logs.SAID_EVERY_S
    try_again(3)
    assert [json.loads(line).get("more") for line in client.lines] == [None, 2]
    client.handlers.clear()


def test_a_client_that_has_another_trouble_on_the_same_line_is_heard_too():
    client = _reading(logging.getLogger("streaq.worker"))
    client.handlers[0].addFilter(logs.OnceAMinute(lambda: 0.0))
    for error in (OSError("away"), OSError("still away"), KeyError("a defect")):
        try:
            raise error
        except (OSError, KeyError):
            client.exception("Task failed!")
    assert [json.loads(line)["error"] for line in client.lines] == ["OSError", "KeyError"]
    client.handlers.clear()
