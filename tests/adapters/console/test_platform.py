"""The terminal as a chat platform."""

from datetime import UTC, datetime

import pytest

from adapters.console.platform import ConsolePlatform
from adapters.console.simulate import SIMULATED
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import PlatformError
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import Rating, Scale, Turnout, tally
from bot.domain.terms import Terms
from bot.wording.cards import (
    CancelledCard,
    FailedCard,
    ProgressCard,
    QuestionCard,
    ReminderNote,
    ResultCard,
    result_card,
    statement_card,
)
from bot.wording.texts import ANONYMOUS_NOTE, NAMED_NOTE, NO_MODEL_NOTE

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_deliberation(**changes: object) -> Deliberation:
    return Deliberation(
        id="d1",
        team="t",
        platform="console",
        channel="terminal",
        facilitator="f",
        question="Shall we [bold]try[/bold] it?",
        created_at=NOON,
        closes_at=NOON,
        **changes,
    )


def ratings_of(*values: int) -> list[Rating]:
    return [Rating(participant=f"p{n}", value=value, given_at=NOON) for n, value in enumerate(values)]


async def test_a_card_posted_twice_with_one_key_is_one_message_and_printed_once(screen):
    shown = screen()
    platform = ConsolePlatform(shown.console)
    card = QuestionCard(a_deliberation(), answered=0)
    first = await platform.post("terminal", card, key="d1")
    again = await platform.post("terminal", card, key="d1")
    other = await platform.post("terminal", card, key="d2")
    assert first == again != other
    assert shown.text().count("Shall we [bold]try[/bold] it?") == 2


async def test_the_question_says_when_it_closes_and_what_happens_with_names(screen):
    shown = screen(COLUMNS="200")
    platform = ConsolePlatform(shown.console)
    await platform.post("c", QuestionCard(a_deliberation(), 0), key="a")
    await platform.post("c", QuestionCard(a_deliberation(terms=Terms(anonymous=False)), 0), key="b")
    # It is broken where the screen ends.
    assert f"{ANONYMOUS_NOTE} Closes 2026-11-23 12:00 UTC." in " ".join(shown.text().split())
    assert NAMED_NOTE in shown.text()


async def test_only_what_changed_is_printed(screen):
    shown = screen()
    platform = ConsolePlatform(shown.console)
    deliberation = a_deliberation()
    message = await platform.post("c", QuestionCard(deliberation, 0), key="d1")
    before = len(shown.text())
    await platform.update(message, QuestionCard(deliberation.model_copy(update={"version": 2}), 0))
    assert len(shown.text()) == before
    await platform.update(message, QuestionCard(deliberation, 1))
    await platform.update(message, QuestionCard(deliberation, 1))
    await platform.update(message, QuestionCard(deliberation, 2))
    assert shown.text()[before:] == "1 opinion so far.\n2 opinions so far.\n"


async def test_a_message_that_was_never_posted_cannot_be_updated(screen):
    platform = ConsolePlatform(screen().console)
    with pytest.raises(PlatformError, match="no such message"):
        await platform.update(MessageRef(channel="c", message="9"), QuestionCard(a_deliberation(), 0))


async def test_while_a_vote_runs_only_how_many_have_rated_is_printed_again(screen, a_mediation):
    shown, asked, made = screen(), a_deliberation(), a_mediation()
    platform = ConsolePlatform(shown.console)
    message = await platform.post("c", statement_card(asked, made, Turnout(rated=0, answered=8)), key="d1")
    assert shown.text().endswith("0 of 8 rated.\n")
    for rated in (2, 2, 3):
        await platform.update(message, statement_card(asked, made, Turnout(rated=rated, answered=8)))
    assert shown.text().endswith("0 of 8 rated.\n2 of 8 rated.\n3 of 8 rated.\n")


async def test_progress_goes_to_the_console_for_errors_and_is_full_when_the_statement_comes(
    screen, a_mediation
):
    shown, errors = screen(), screen()
    platform = ConsolePlatform(shown.console, errors.console)
    message = await platform.post("c", QuestionCard(a_deliberation(), 0), key="d1")
    before = len(shown.text())
    await platform.update(message, ProgressCard(a_deliberation(), 0, 16))
    await platform.update(message, ProgressCard(a_deliberation(), 9, 16))
    assert len(shown.text()) == before
    await platform.update(message, statement_card(a_deliberation(), a_mediation()))
    assert errors.text().count("16/16") == 1


async def test_progress_that_ends_in_failure_stays_where_it_was(screen):
    shown, errors = screen(), screen()
    platform = ConsolePlatform(shown.console, errors.console)
    message = await platform.post("c", ProgressCard(a_deliberation(), 3, 16), key="d1")
    await platform.update(message, FailedCard(a_deliberation(failure="The drafter is away.")))
    assert "3/16" in errors.text()
    assert "No statement could be drafted. The drafter is away." in shown.text()


async def test_without_a_console_for_errors_progress_is_left_to_others(screen):
    shown = screen()
    await ConsolePlatform(shown.console).post("c", ProgressCard(a_deliberation(), 3, 16), key="d1")
    assert shown.text() == ""


async def test_the_statement_comes_with_how_it_was_made_and_without_what_is_predicted(screen, a_mediation):
    shown = screen(COLUMNS="200")
    card = statement_card(a_deliberation(), a_mediation(model_used=False))
    await ConsolePlatform(shown.console).post("c", card, key="d1")
    assert "We agree to try it." in shown.text()
    assert "Drafted from 3 opinions, chosen to be best on average." in shown.text()
    assert NO_MODEL_NOTE in shown.text()
    assert "Likely agreement" not in shown.text()


async def test_the_result_comes_with_what_was_predicted(screen, a_mediation):
    shown = screen(COLUMNS="200")
    card = result_card(a_deliberation(), a_mediation(), tally(ratings_of(7, 2)))
    await ConsolePlatform(shown.console).post("c", card, key="d1")
    assert "Predicted before the vote: Likely agreement ▰▰▰▰▱▱▱ 4.0 of 7" in shown.text()


async def test_the_question_says_first_which_model_reads_opinions(screen):
    shown = screen(COLUMNS="200")
    notice = ModelNotice(drafter="m-1 on ai.example.org")
    await ConsolePlatform(shown.console).post("c", QuestionCard(a_deliberation(), 0, notice), key="d1")
    assert "An AI model (m-1 on ai.example.org) reads what you write" in " ".join(shown.text().split())


async def test_the_result_is_a_histogram_with_the_mean(screen):
    shown = screen()
    card = ResultCard(a_deliberation(), "S", tally(ratings_of(7, 7, 4, 2)))
    await ConsolePlatform(shown.console).post("c", card, key="d1")
    assert f"7 Strongly agree    {'█' * 28} 2" in shown.text()
    assert "1 Strongly disagree" in shown.text()
    assert "Mean 5.0 of 7 from 4 ratings: 2 agree, 1 neutral, 1 disagree." in shown.text()
    assert SIMULATED.split(":")[0] not in shown.text()


async def test_a_three_point_scale_shows_three_rows(screen):
    shown = screen()
    card = ResultCard(a_deliberation(terms=Terms(scale=Scale.THREE)), "S", tally(ratings_of(6, 2)))
    await ConsolePlatform(shown.console).post("c", card, key="d1")
    assert "6 Agree" in shown.text()
    assert "Strongly" not in shown.text()


async def test_simulated_ratings_are_called_simulated(screen):
    shown = screen(COLUMNS="200")
    card = ResultCard(a_deliberation(), "S", tally(ratings_of(7)))
    await ConsolePlatform(shown.console, simulated=True).post("c", card, key="d1")
    assert SIMULATED in shown.text()


async def test_a_result_without_ratings_says_so(screen):
    shown = screen()
    await ConsolePlatform(shown.console).post("c", ResultCard(a_deliberation(), "S", tally([])), key="d1")
    assert "Nobody rated the statement." in shown.text()


async def test_a_cancelled_question_says_why(screen):
    shown = screen()
    card = CancelledCard(a_deliberation(cancelled_because="Only one opinion came in."))
    await ConsolePlatform(shown.console).post("c", card, key="d1")
    assert shown.text() == "Cancelled. Only one opinion came in.\n"


async def test_members_and_direct_messages_are_those_of_the_demo(screen):
    shown = screen()
    platform = ConsolePlatform(shown.console, members=["ana", "ben"])
    closes_at = datetime(2026, 11, 27, 17, tzinfo=UTC)
    one = a_deliberation().model_copy(update={"question": "To \x1b[31mban?", "closes_at": closes_at})
    await platform.direct_message("t", "ana", ReminderNote(one))
    assert list(await platform.members("t", "anywhere")) == ["ana", "ben"]
    assert (
        shown.text() == "To ana: You have not answered yet: “To ban?” closes 27 November 2026, 17:00 UTC.\n"
    )
