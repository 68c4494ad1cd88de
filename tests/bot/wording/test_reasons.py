"""Sentences of the domain and of the engine: refusals, words of scales, failures, where a model runs."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.actors import NOT_IN_CHANNEL
from bot.domain.deliberation import (
    NOT_CANCELLED,
    NOT_NOW,
    Deliberation,
    Phase,
    checked_context,
    checked_position,
    checked_question,
)
from bot.domain.errors import (
    BotError,
    DomainError,
    GivenElsewhereError,
    NameInUseError,
    UnknownDeliberationError,
)
from bot.domain.library import ERRORS_SHOWN, read_bank
from bot.domain.model_notice import HERE, NEARBY, ModelNotice
from bot.domain.ratings import AGREEMENT_LEVELS, QUALITY_LEVELS, THREE_LEVELS, Scale, checked_quality
from bot.wording import texts
from bot.wording.language import PSEUDO, _, explained, reading
from bot.wording.models import in_their_words
from engine.drafting.http.troubles import Failure, SettingNames, Trouble, engine_error
from engine.drafting.local.llama import NAMES as LOCAL
from engine.sentence import Said
from tests.messages import untranslated

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SETTINGS = SettingNames(address="OPENAI_BASE_URL", access="OPENAI_API_KEY", prompt="ACCORD_PROMPT")
QUESTION = Deliberation(
    id="q1", team="T1", platform="slack", channel="C1", facilitator="fay", question="Tea?", created_at=NOW
)
TOO_MANY = ERRORS_SHOWN + 2


def test_words_of_the_domain_can_be_translated() -> None:
    levels = (*AGREEMENT_LEVELS, *THREE_LEVELS, *QUALITY_LEVELS)
    words = [*(each.label for each in levels), *NOT_NOW.values(), *NOT_CANCELLED.values(), NOT_IN_CHANNEL]
    with reading(PSEUDO):
        assert not [each for each in words if untranslated(_(each))]
    assert set(NOT_NOW) == set(Phase)


@pytest.mark.parametrize(
    ("refused", "english"),
    [
        (lambda: checked_question("x" * 1_001), "The question has 1,001 characters; the limit is 500."),
        (lambda: checked_context("x" * 2_001), "The background has 2,001 characters; the limit is 2,000."),
        (
            lambda: checked_position("x" * 501),
            "The position statement has 501 characters; the limit is 500.",
        ),
        (lambda: Scale.THREE.check(1), "A rating here is one of 2, 4, 6. Choose one of those."),
        (lambda: checked_quality(8), "Quality is a number from 1 to 7. Choose one of those."),
        (
            lambda: QUESTION.closed_by_hand(1, NOW),
            "The question stays open: it has 1 of the 2 opinions it needs. Wait for 1 more, move the "
            "deadline, or cancel the question.",
        ),
        (
            lambda: QUESTION.cancelled("Enough.", NOW, seen=Phase.RATING),
            "The question has changed since you looked, so it was not cancelled: it is collecting "
            "opinions. Look again, then cancel it.",
        ),
        (
            lambda: QUESTION.settled(NOW),
            "This question is still collecting opinions, so that can't be done now.",
        ),
        (
            lambda: read_bank("question,context\nTea?,\n,x\nTea?,\n", (), NOW),
            "Nothing was imported. Fix these lines and import the file again:\n"
            "Line 3: The question is empty. Write what the group should agree on.\n"
            "Line 4: The same question is on line 2. Remove one of them.",
        ),
        (
            lambda: read_bank("question,context\n" + ",x\n" * TOO_MANY, (), NOW),
            "Nothing was imported. Fix these lines and import the file again:\n"
            + "".join(
                f"Line {line}: The question is empty. Write what the group should agree on.\n"
                for line in range(2, ERRORS_SHOWN + 2)
            )
            + "And 2 more.",
        ),
    ],
)
def test_a_refusal_is_said_in_english_and_can_be_translated(refused, english: str) -> None:
    with pytest.raises(DomainError) as caught:
        refused()
    assert str(caught.value) == explained(caught.value) == english
    with reading(PSEUDO):
        assert untranslated(explained(caught.value)) == ""


@pytest.mark.parametrize("error", [GivenElsewhereError(), NameInUseError(), UnknownDeliberationError()])
def test_a_refusal_without_places_can_be_translated(error: BotError) -> None:
    with reading(PSEUDO):
        assert untranslated(explained(error)) == ""


@pytest.mark.parametrize("settings", [SETTINGS, LOCAL], ids=["elsewhere", "here"])
@pytest.mark.parametrize("trouble", Trouble)
def test_why_drafting_failed_is_kept_and_said_to_whoever_reads_it(
    trouble: Trouble, settings: SettingNames
) -> None:
    error = engine_error([Failure(trouble, 503)], settings)
    assert str(error).startswith(f"The text generator is {trouble} (HTTP 503): ")
    drafting = QUESTION.closed(NOW + timedelta(days=1))
    kept = Deliberation.model_validate_json(drafting.failed("…", NOW, error.said).model_dump_json())
    assert kept.reason is not None
    assert str(kept.reason) == explained(kept.reason) == str(error)
    assert texts.why_failed(kept) == texts.mediation_failed(str(error))
    with reading(PSEUDO):
        told = texts.why_failed(kept)
    assert untranslated(told) == ""
    assert "⟦The text generator⟧" in told
    assert kept.retried().reason is None


def test_a_sentence_without_places_is_kept_as_it_is() -> None:
    assert str(Said("{ is no place")) == "{ is no place"


@pytest.mark.parametrize(
    ("drafter", "at", "told"),
    [
        ("Llama 3.1 on ai.example.org", ("ai.example.org",), "⟦Llama 3.1 on ⟦ai.example.org⟧⟧"),
        (f"on {HERE}", (HERE,), f"⟦on ⟦{HERE}⟧⟧"),
        (f"Llama on {HERE} and {NEARBY}", (HERE, NEARBY), f"⟦Llama on ⟦{HERE}⟧ and ⟦{NEARBY}⟧⟧"),
        ("our own model", ("ai.example.org",), "our own model"),
        ("Llama", (), "Llama"),
        ("", (), ""),
    ],
)
def test_where_a_model_runs_is_said_in_the_readers_language(
    drafter: str, at: tuple[str, ...], told: str
) -> None:
    notice = ModelNotice(drafter=drafter, drafter_at=at)
    assert in_their_words(notice) == notice
    with reading(PSEUDO):
        assert in_their_words(notice).drafter == told
