"""Sentences that are put together, and tables that must be complete."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

from bot.domain import ratings
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.library import Schedule, Template
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import Rating, RatingBy, Scale, tally
from bot.domain.study import Study
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.wording import card_lines, confirmations, texts
from bot.wording.fields import FIELDS
from bot.wording.language import LANGUAGES, PSEUDO, _, reading, told
from engine import digest
from engine.types import Arm, KindRead, PartialReading, Shortfall, WelfareName
from tests.messages import untranslated

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def question(**changes):
    about = {"id": "d1", "team": "t", "platform": "p", "channel": "c", "facilitator": "f", "question": "?"}
    return Deliberation(**about, created_at=NOON, **changes)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "Strongly disagree"),
        (3.4, "Somewhat disagree"),
        (4.0, "Neutral"),
        (4.6, "Somewhat agree"),
        (7, "Strongly agree"),
        (0.2, "Strongly disagree"),
        (7.9, "Strongly agree"),
    ],
)
def test_a_rating_has_the_words_of_the_nearest_step(value, words):
    assert texts.rating_words(value) == words


@pytest.mark.parametrize("reason", ["no draft was usable", "No draft was usable."])
def test_a_failure_is_told_in_whole_sentences(reason):
    told = texts.mediation_failed(reason)
    assert "usable. All opinions are saved" in told
    assert ".." not in told


@pytest.mark.parametrize(
    ("deliberations", "words"), [(0, "Nothing of yours"), (1, "in one question."), (3, "in 3 questions.")]
)
def test_forgetting_says_how_much_was_erased(deliberations, words):
    assert words in texts.forgotten(deliberations)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        ((0, 0, 1), "You are no longer named in what was decided or in who hid points, in one question."),
        (
            (2, 0, 3),
            "are removed. You are no longer named in what was decided or in who hid points, in 3 questions.",
        ),
        ((0, 1, 1), "in one question. We couldn't look in one question"),
    ],
)
def test_a_name_that_went_is_no_question_from_which_something_was_erased(count, words):
    told = texts.forgotten(*count)
    assert words in told
    assert ("Deleted" in told) == bool(count[0])
    assert "Nothing" not in told


@pytest.mark.parametrize(
    ("period", "failed", "words"),
    [
        (timedelta(hours=6), False, "yet and keeps trying for up to 6 hours. All"),
        (timedelta(hours=6), True, "yet and tries again until 18:00. All"),
        (timedelta(0), False, "yet. All"),
    ],
    ids=["nothing comes", "it failed", "no more tries"],
)
def test_while_no_draft_comes_everybody_reads_for_how_long_it_is_tried(period, failed, words):
    drafting = question(phase=Phase.MEDIATING, terms=Terms(retry_for=period))
    shown = drafting.set_back(NOON) if failed else drafting
    assert words in texts.still_drafting(shown, lambda at: f"{at:%H:%M}")


def test_whoever_asked_reads_whether_drafting_is_tried_again_by_itself():
    assert "for up to 6 hours" in texts.no_draft_yet(question(), None)
    assert "try again by itself" in texts.no_draft_yet(question(terms=Terms(retry_for=timedelta(0))), None)


@pytest.mark.parametrize(("days", "words"), [(1, "until one day after"), (90, "until 90 days after")])
def test_until_when_what_members_write_is_kept_is_said_of_a_question_and_of_a_team(days, words):
    assert words in texts.kept_note(question(terms=Terms(retention_days=days)))
    assert words in texts.kept_note(Team(id="t", retention_days=days))


def test_a_study_has_several_statements_rated():
    one = question(phase=Phase.RATING)
    study = Study(id="s", group="g", arms=(Arm.ZERO_SHOT, Arm.BEST_OPINION), seed=1)
    several = one.model_copy(update={"terms": Terms(study=study)})
    assert texts.phase_name(one) == "Rating the statement"
    assert texts.phase_name(several) == "Rating the statements"


def test_every_phase_and_every_welfare_function_has_words():
    assert set(texts.PHASE_NAMES) == set(Phase)
    assert set(texts.WELFARE_WORDS) == set(WelfareName)


LLAMA = "Llama 3.1 on ai.example.org"
QUOTES = "the result quotes your words, without your name."


@pytest.mark.parametrize(
    ("notice", "says"),
    [
        (
            ModelNotice(),
            [
                "No AI model writes the result: it quotes your words, without your name. If one is set up "
                "later, it doesn't read this."
            ],
        ),
        (None, [f"An AI model may read what you write. If none does, {QUOTES}"]),
        (
            ModelNotice(drafter=LLAMA),
            [
                f"An AI model ({LLAMA}) reads what you write and drafts the statement",
                "If a model is set up anywhere else later, it doesn't read this. "
                f"If it replaces the one that drafts, {QUOTES}",
            ],
        ),
        (ModelNotice(drafter=LLAMA, last_resort=True), [f"If the AI model is down, {QUOTES}"]),
        (
            ModelNotice(drafter=LLAMA, judge="j on j.org"),
            [LLAMA, "Another AI model (j on j.org) reads it to"],
        ),
        (
            ModelNotice(judge="j on j.org"),
            [
                "it quotes your words, without your name.",
                "An AI model (j on j.org) reads what you write to predict",
            ],
        ),
    ],
    ids=["no-model", "not-known-yet", "a-model", "last-resort", "another-judges", "only-a-judge"],
)
def test_before_they_write_members_are_told_which_model_reads_it_and_whether_they_are_quoted(notice, says):
    told = texts.model_note(notice)
    assert [words for words in says if words not in told] == []


QUOTED = "the new one may quote your reason word for word, without your name."


@pytest.mark.parametrize(
    ("notice", "says"),
    [
        (
            None,
            [str(texts.REASONS_MAY_BE_READ_NOTE), "If no AI model revises it, the new statement may quote"],
        ),
        (ModelNotice(), ["No AI model reads reasons.", QUOTED]),
        (ModelNotice(drafter="*d*"), ["an AI model (-d-) may read reasons and use your words"]),
        (
            ModelNotice(drafter="*d*", judge="*j*"),
            ["an AI model (-d-) may read reasons", "Another AI model (-j-) may read them to predict"],
        ),
        (ModelNotice(judge="*j*"), ["an AI model (-j-) may read reasons to predict", QUOTED]),
        (
            ModelNotice(drafter="*d*", last_resort=True),
            [
                "an AI model (-d-) may read reasons",
                "If the AI model is down then, the new statement may quote",
            ],
        ),
    ],
    ids=["not-known-yet", "no-model", "a-model", "another-judges", "only-a-judge", "a-last-resort"],
)
def test_before_they_say_why_members_are_told_of_every_model_that_may_read_it(notice, says):
    names, *read, kept = texts.reason_notes(question(), notice, lambda name: name.replace("*", "-"))
    assert [said in told for said, told in zip(says, read, strict=True)] == [True] * len(says)
    assert "anonymous" in names
    assert "deletes" in kept


def test_wherever_it_is_said_what_is_deleted_or_learnt_from_reasons_are_named():
    retention = next(each for each in FIELDS if each.name == "retention_days")
    said = [texts.LEARNING_OFF, texts.OWN_LEARNING_NOTE, texts.STOP_LEARNING_NOTE]
    said += [texts.STOP_LEARNING_COPIES, texts.FORGET_GOES, retention.hint]
    said += [confirmations.keeping_shorter(7, before, 0).follows for before in ([30], [30, 90])]
    assert [each for each in map(str, said) if "reasons" not in each] == []


@pytest.mark.parametrize(
    ("drafter", "judge", "says"),
    [
        ("", "", texts.WITHHELD_NOTE),
        (LLAMA, "", texts.OTHER_WITHHELD_NOTE),
        ("", "j on j.org", texts.OTHER_WITHHELD_NOTE),
    ],
    ids=["none-read", "the-drafter-read", "the-judge-read"],
)
def test_with_a_statement_it_is_said_that_a_model_in_use_did_not_read_the_opinions(drafter, judge, says):
    read = ModelNotice(drafter=drafter, judge=judge)
    assert "didn't read" not in texts.drafted_by(bool(drafter), read)
    withheld = read.model_copy(update={"withheld": True})
    assert texts.drafted_by(bool(drafter), withheld).endswith(says)


@pytest.mark.parametrize(
    ("model_used", "reading", "says"),
    [
        (True, None, "Drafted by an AI model."),
        (False, None, texts.NO_MODEL_NOTE),
        (
            True,
            PartialReading(fewest=20, most=20, shortened=0, unread=0),
            "each draft is based on 20 of them",
        ),
        (
            True,
            PartialReading(fewest=18, most=21, shortened=3, unread=0),
            "18 to 21 of them. Shortened: 3.",
        ),
        (True, PartialReading(fewest=2, most=3, shortened=0, unread=1), "Not read for any draft: 1."),
        (
            True,
            PartialReading(fewest=59, most=59, shortened=0, unread=1, groups=12),
            "a statement for each of 12 smaller groups, and drafted from those. Not read for any draft: 1.",
        ),
        (
            True,
            PartialReading(
                fewest=9,
                most=9,
                shortened=0,
                unread=1_230,
                kinds=(
                    KindRead(words=("buses", "tickets"), opinions=1_900, unread=1_210),
                    KindRead(words=("bikes",), opinions=40, unread=0),
                    KindRead(words=(), opinions=60, unread=20),
                ),
            ),
            "Not read for any draft: 1,230 (1,210 of 1,900 on buses, tickets; 20 of 60 on other things).",
        ),
    ],
    ids=["nothing-unusual", "no-model", "a-sample", "shortened", "unread", "in-groups", "unread-by-kind"],
)
def test_a_reader_is_told_how_the_statement_was_drafted(model_used, reading, says):
    told = texts.how_it_was_drafted(model_used, reading)

    assert says in told
    assert ("Drafted by an AI model" in told) is model_used


def test_a_reader_is_told_why_there_are_fewer_drafts_than_were_asked_for():
    told = texts.how_it_was_drafted(True, None, shortfall=Shortfall(drafted=9, asked=16, tokens_per_s=5.2))

    assert "slow (5 tokens a second)" in told
    assert "only 9 of 16 drafts" in told


def test_a_digest_that_is_no_statement_is_not_called_one():
    digest = "Here is where we stand\n\nWe differ on\n• “Ban bags.”"

    assert texts.statement_title("Ban bags.") == "What this group may agree on"
    assert texts.statement_title(digest) == "Here is where we stand"
    assert texts.statement_title("Ban bags.", Phase.SETTLED) == "What this group said"
    assert texts.to_rate("Ban\nbags.") == "A statement to rate: Ban bags."
    assert texts.to_rate(digest) == "Here is where we stand, to rate: “Ban bags.”"


def test_a_reader_is_told_when_another_model_predicted_agreement():
    assert texts.STAND_IN_NOTE in texts.how_it_was_drafted(True, None, stood_in_for="llm:m (judge/1)")


@pytest.mark.parametrize(
    ("value", "bar"),
    [
        (1.0, "▰▱▱▱▱▱▱ 1.0 of 7 · Strongly disagree"),
        (5.2, "▰▰▰▰▰▱▱ 5.2 of 7 · Somewhat agree"),
        (7, "▰▰▰▰▰▰▰ 7.0"),
    ],
)
def test_agreement_is_a_picture_in_text(value, bar):
    assert texts.agreement_bar(value).startswith(bar)


@pytest.mark.parametrize(
    ("dissenters", "says"),
    [(0, "; nobody is likely"), (1, "; one member is likely"), (1_200, "; 1,200 members are likely")],
)
def test_what_is_likely_says_how_many_may_disagree(dissenters, says):
    told = texts.likely_agreement(5.0, dissenters, 5_000)

    assert told.startswith("Likely agreement ▰▰▰▰▰▱▱ 5.0 of 7")
    assert f"{says} to disagree." in told
    assert texts.likely_agreement(None, dissenters, 5_000) == ""


@pytest.mark.parametrize("people", [2, 3, 4])
def test_nobody_is_counted_in_a_group_under_five(people):
    for dissenters in range(people + 1):
        assert texts.likely_agreement(5.0, dissenters, people) == (
            "Likely agreement ▰▰▰▰▰▱▱ 5.0 of 7 · Somewhat agree."
        )
    assert "nobody" in texts.likely_agreement(5.0, 0, 5)


def test_why_nobody_is_predicted_is_one_sentence_and_the_welfare_function_is_not_claimed():
    why = "the reward model does not read German"

    assert texts.how_it_was_drafted(True, None, unpredicted=why) == (
        "Drafted by an AI model. The reward model does not read German, so nobody's agreement is predicted: "
        "this is the draft closest to the others and to the opinions."
    )
    assert texts.drafted_from(5, "utilitarian", why) == "Drafted from 5 opinions."
    assert texts.drafted_from(1, "rawlsian", None) == (
        "Drafted from one opinion, chosen to be nobody left behind."
    )


def test_where_the_judge_failed_and_nobody_is_predicted_one_sentence_says_both():
    why = "the reward model does not read German"

    assert texts.how_it_was_drafted(True, None, unpredicted=why, stood_in_for="llm:m (judge/1)") == (
        "Drafted by an AI model. The language model couldn't predict agreement for this round, and the "
        "reward model does not read German, so nobody's agreement is predicted: this is the draft closest to "
        "the others and to the opinions."
    )


def test_that_drafts_were_tied_is_said():
    assert texts.how_it_was_drafted(True, None, tied=3) == (
        "Drafted by an AI model. 3 drafts are likely to be equally welcome. This is the one closest to the "
        "others and to the opinions."
    )
    assert "equally welcome" not in texts.how_it_was_drafted(True, None)


def test_the_result_has_a_line_for_each_step_highest_first():
    values = [7] * 24 + [4] * 12 + [1]
    counted = tally(Rating(participant=f"p{n}", value=v, given_at=NOON) for n, v in enumerate(values))
    lines = texts.distribution(counted, Scale.SEVEN).splitlines()
    assert lines[0] == "7 ████████ 24 Strongly agree"
    assert lines[1] == "6 ░░░░░░░░  0 Agree"
    assert lines[3] == "4 ████░░░░ 12 Neutral"
    assert lines[6] == "1 █░░░░░░░  1 Strongly disagree"
    assert "24 agree, 12 neutral, 1 disagree" in texts.result_sentence(counted)


def test_without_ratings_there_is_a_sentence_and_no_picture():
    assert texts.distribution(tally([]), Scale.THREE) == ""
    assert texts.result_sentence(tally([])) == "Nobody rated the statement."


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        (Terms(), texts.PRIVATE_RATING_NOTE),
        (Terms(rating_by=RatingBy.REACTIONS), texts.PRIVATE_RATING_NOTE),
        (Terms(anonymous=False), "Reactions are public"),
        (Terms(anonymous=False, rating_by=RatingBy.BUTTONS), texts.PRIVATE_RATING_NOTE),
        (Terms(anonymous=False, rating_by=RatingBy.POLL), "The poll is public"),
    ],
)
def test_whoever_rates_is_told_who_sees_it(terms, says):
    assert says in texts.rating_note(question(terms=terms))


@pytest.mark.parametrize("module", [texts, card_lines], ids=lambda each: each.__name__)
def test_every_constant_of_it_can_be_translated(module: ModuleType) -> None:
    # Words of a scale and of a digest are kept in English, and translated where they are shown.
    theirs = {*vars(ratings), *vars(digest)}
    own = [each for name, each in vars(module).items() if name.isupper() and name not in theirs]
    with reading(PSEUDO):
        said = [each for value in own for each in strings(told(value))]
    assert said
    assert [each for each in said if untranslated(each) and re.search("[a-z]{3} ", each)] == []


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(tuple(value.values()))
    elif isinstance(value, tuple):
        for each in value:
            yield from strings(each)


def test_what_follows_is_told_in_the_readers_language() -> None:
    template = Template(name="1", question="2")
    about = {"id": "1", "team": "1", "platform": "1", "channel": "1", "by": "1"}
    schedules = [Schedule(**about, template=name, once=NOON) for name in ("1", None)]
    with reading(PSEUDO):
        asks = [
            confirmations.stopping_learning(),
            confirmations.closing_vote(2, 5),
            confirmations.keeping_shorter(1, [30, 90], 1),
            confirmations.keeping_shorter(1, [30], 1),
            confirmations.removing_template(template, schedules),
            confirmations.replacing_template(template, []),
            *map(confirmations.removing_schedule, schedules),
        ]
        assert [each for each in asks if untranslated(f"{each.asks} {each.follows}")] == []


@pytest.mark.parametrize(
    ("before", "at_once", "says"),
    [
        (
            [30],
            1,
            "1 question will be deleted sooner, with its opinions, ratings and reasons: 7 days after it "
            "ends instead of 30. It ended longer ago than that, so it is deleted now. You can't "
            "undo this.",
        ),
        (
            [30, 90],
            1,
            "2 questions will be deleted sooner, with their opinions, ratings and reasons: 7 days after "
            "they end instead of up to 90. 1 of them ended longer ago than that, so it is deleted now. "
            "You can't undo this.",
        ),
        (
            [30, 30],
            2,
            "2 questions will be deleted sooner, with their opinions, ratings and reasons: 7 days after "
            "they end instead of 30. They all ended longer ago than that, so they are deleted now. You can't "
            "undo this.",
        ),
    ],
    ids=["one", "several", "all alike"],
)
def test_it_is_asked_in_whole_sentences_whether_questions_are_kept_shorter(before, at_once, says):
    assert confirmations.keeping_shorter(7, before, at_once).follows == says


def test_what_is_kept_in_english_is_told_in_the_readers_language():
    failed = question(failure=texts.mediation_failed(texts.UNFORESEEN))
    few = question(cancelled_because=texts.too_few_opinions(1, 3))
    assert (texts.why_failed(failed), texts.why_cancelled(few)) == (failed.failure, few.cancelled_because)
    assert texts.why_cancelled(question()) == ""
    with reading(PSEUDO):
        assert texts.too_few_opinions(1, 3) == few.cancelled_because
        assert texts.mediation_failed(texts.UNFORESEEN) == failed.failure
        assert not untranslated(texts.why_failed(failed))
        assert not untranslated(texts.why_cancelled(few))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_step_fits_into_its_box_on_a_page(language):
    # Seven stand next to each other, and no browser breaks a word for certain.
    levels = (*ratings.AGREEMENT_LEVELS, *ratings.QUALITY_LEVELS)
    with reading(language):
        longest = max((word for level in levels for word in _(level.label).split()), key=len)
    assert len(longest) <= len("desacuerdo"), longest
