"""The question bank that comes with Accord, and search in it."""

from collections import Counter
from pathlib import Path

import pytest

from bot.domain.deliberation import QUESTION_LIMIT as LIMIT  # what a team's bank takes
from engine.questions import bank as module
from engine.questions.bank import BankedQuestion, bank, search, telling_words, topics


def made(*questions):
    return [
        BankedQuestion(id=str(at), question=text, affirming="", negating="", topic=0, split="train")
        for at, text in enumerate(questions)
    ]


def test_the_bank_holds_every_released_question_once_with_both_statements():
    found = bank()

    assert len(found) == len({each.id for each in found}) == len({each.question for each in found}) == 5_065
    assert Counter(each.split for each in found) == {"train": 4_500, "iid_test": 565}
    # One question was released without its statements; it is kept as it came.
    assert [each.id for each in found if each.affirming == each.negating] == ["S173969676"]
    assert all(each.affirming and each.negating for each in found)
    assert all(each.question.endswith("?") and len(each.question) <= LIMIT for each in found)


def test_whose_questions_they_are_is_said_beside_them():
    said = (Path(module.__file__).parent / "ATTRIBUTION.md").read_text(encoding="utf-8")

    assert "google-deepmind/habermas_machine" in said
    assert "CC BY 4.0" in said


def test_every_question_is_in_one_topic():
    found = topics()

    assert sum(each.questions for each in found) == 5_065
    assert all(each.words for each in found)
    assert "nuclear" in found[3].words


@pytest.mark.parametrize("asked", ["plastic bag", "BANNING plastic-bags!"])
def test_search_finds_words_whatever_their_endings_and_capitals(asked):
    assert "Should we ban all plastic bags?" in [each.question for each in search(asked)[:3]]


def test_a_rare_word_counts_more_than_a_common_one_and_two_more_than_one():
    among = made("Should tax rise?", "Should tax on yachts rise?", "Should tax fall?", "Should yachts sink?")

    assert [each.id for each in search("tax yachts", among)] == ["1", "3", "0", "2"]


def test_nothing_is_found_for_words_that_are_not_there_or_carry_no_meaning():
    assert search("xylophone quux") == search("the of and") == search("") == []


def test_a_group_is_told_by_words_that_the_others_lack():
    found = telling_words({0: ["tax on cars", "cars in towns"], 1: ["tax on ships", "ships at sea"]})

    assert found[0][0] == "cars"
    assert found[1][0] == "ships"
