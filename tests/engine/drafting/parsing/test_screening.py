"""Which drafts may stand for election."""

from dataclasses import replace

import pytest

from engine.drafting.parsing.screening import Screen, Unusable
from engine.prompts import CLOSING, EXAMPLES, INTRODUCTION
from engine.types import Brief, Draft

BRIEF = Brief(0, "Should we ban single-use plastics?", ("Yes.", "No."), seed=1)


def draft(text, finish_reason="stop"):
    return Draft(BRIEF, text, finish_reason)


@pytest.mark.parametrize("text", ["", " \n\t", "…", "🙂 — !", "\u200b"])
def test_a_draft_without_a_word_is_empty(text):
    assert Screen().judge(draft(text)) is Unusable.EMPTY


def test_a_draft_that_ran_out_of_length_is_cut_off():
    assert Screen().judge(draft("We agree that the", "length")) is Unusable.CUT_OFF


@pytest.mark.parametrize(
    "text",
    [
        INTRODUCTION,
        f"{CLOSING} ban it",
        "User: ban it",
        "Opinion: ban it",
        "ban it <|im_end|>",
        "SHOULD we ban single use plastics",
    ],
)
def test_a_draft_that_repeats_the_instructions_or_the_question_is_dropped(text):
    assert Screen().judge(draft(text)) is Unusable.INSTRUCTIONS


def test_a_draft_that_repeats_an_example_of_the_prompt_is_dropped():
    assert Screen().judge(draft(f"Yes. {EXAMPLES[0].statement}")) is Unusable.EXAMPLE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Ban it.", Unusable.TOO_SHORT),
        (" ".join(f"reason{at}" for at in range(121)), Unusable.TOO_LONG),
        (" ".join(f"reason{at}" for at in range(20)), None),
        (
            "我们应该禁止一次性塑料，同时给小商店两年时间来准备，并为真正需要的人保留例外，例如医院和行动不便的病人。",
            None,
        ),
        ("".join(chr(0x4E00 + at) for at in range(300)), Unusable.TOO_LONG),
    ],
    ids=["short", "long", "shortest", "chinese", "long-chinese"],
)
def test_a_length_that_was_asked_for_is_insisted_on(text, reason):
    assert Screen().judge(replace(draft(text), words=(20, 120))) is reason
    assert Screen().judge(draft(text)) is None


@pytest.mark.parametrize("again", ["Ban it, slowly.", "ban it slowly", " BAN it —\nslowly! "])
def test_a_draft_that_differs_only_in_case_space_or_punctuation_is_a_duplicate(again):
    screen = Screen()

    assert screen.judge(draft("Ban it, slowly.")) is None
    assert screen.judge(draft(again)) is Unusable.DUPLICATE


def test_a_draft_is_no_duplicate_of_one_that_was_dropped():
    screen = Screen()
    screen.judge(draft("Ban it.", "length"))

    assert screen.judge(draft("Ban it.")) is None


def test_screens_of_two_mediations_know_nothing_of_each_other():
    Screen().judge(draft("Ban it."))

    assert Screen().judge(draft("Ban it.")) is None
