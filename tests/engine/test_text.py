"""Words and sentences of many languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.text import looks_english, normalised, sentences, stem, words

SPLITS = {
    "plain": ("Ban it. Tax it! Why not?", ["Ban it.", "Tax it!", "Why not?"]),
    "lower-case": ("ban it. it kills fish", ["ban it.", "it kills fish"]),
    "no-ending": ("just ban it", ["just ban it"]),
    "abbreviations": ("Ask Dr. Ito, e.g. by mail. He knows.", ["Ask Dr. Ito, e.g. by mail.", "He knows."]),
    "initials": (
        "J. Smith of the U.S. office said so. Fine.",
        ["J. Smith of the U.S. office said so.", "Fine."],
    ),
    "numbers": ("It costs 3.50 a day. Too much.", ["It costs 3.50 a day.", "Too much."]),
    "addresses": ("See example.org for it. Thanks.", ["See example.org for it.", "Thanks."]),
    "ellipsis": ("Well... maybe. Yes…", ["Well... maybe.", "Yes…"]),
    "weekdays": (
        "We open at 9 a.m. on Mon. and Tue. now. Fine.",
        ["We open at 9 a.m. on Mon. and Tue. now.", "Fine."],
    ),
    "prices": (
        "It is 5 $... or 10% of U.S. sales, e.g. at 5 p.m. on Jan. 3. See No. 7.",
        ["It is 5 $... or 10% of U.S. sales, e.g. at 5 p.m. on Jan. 3.", "See No. 7."],
    ),
    "german": (
        "Der 2. Stock ist z. B. am 3. Oktober frei. Vgl. Abs. 3, ca. 5 Mio. Räume.",
        ["Der 2. Stock ist z. B. am 3. Oktober frei.", "Vgl. Abs. 3, ca. 5 Mio. Räume."],
    ),
    "french": ("Non, c'est M. Roy. Voir p. 3 : rien.", ["Non, c'est M. Roy.", "Voir p. 3 : rien."]),
    "spanish": ("El Sr. Gil dice que no. ¿Por qué?", ["El Sr. Gil dice que no.", "¿Por qué?"]),
    "emoji": ("I like it! 🎉👍🏽 We should.😀 Now 🙂", ["I like it! 🎉👍🏽", "We should.😀", "Now 🙂"]),
    "quotes": ("He said “no.” She left.", ["He said “no.”", "She left."]),
    "lines": ("- ban it\n* tax it\n1. both\n\n---", ["ban it", "tax it", "both"]),
    "letters": ("a) price it\nb) no ban\n(iii) ask again", ["price it", "no ban", "ask again"]),
    "numbers-in-line": ("1. Ban bags. 2. Keep straws.", ["Ban bags.", "Keep straws."]),
    "table": ("| Item | Ban |\n|---|---|\n| bags | yes |", ["Item | Ban", "bags | yes"]),
    "wrapped": (
        "I think we should not ban bags because\nmy brother needs straws to drink and nobody asks\nhim. OK.",
        [
            "I think we should not ban bags because my brother needs straws to drink and nobody asks him.",
            "OK.",
        ],
    ),
    "wrapped-short": (
        "A ban helps only if shops\nhave something else, which\nis not the case.",
        ["A ban helps only if shops have something else, which is not the case."],
    ),
    "not-wrapped": ("ban bags and cups now\nkeep the straws", ["ban bags and cups now", "keep the straws"]),
    "own-lines": ("Ban bags and cups now\nKeep the straws", ["Ban bags and cups now", "Keep the straws"]),
    "chinese": ("塑料污染海洋。我们应该禁止它！好吗？", ["塑料污染海洋。", "我们应该禁止它！", "好吗？"]),
    "arabic": ("هل نمنع البلاستيك؟ نعم. الآن", ["هل نمنع البلاستيك؟", "نعم.", "الآن"]),
    "hindi": ("प्लास्टिक बुरा है। इसे रोको।", ["प्लास्टिक बुरा है।", "इसे रोको।"]),
    "nothing": (" … 🙂 \n", []),
}


@pytest.mark.parametrize(("text", "expected"), SPLITS.values(), ids=SPLITS.keys())
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    assert sentences(text) == expected


@given(st.text())
def test_a_sentence_is_a_piece_of_its_text(text):
    written = " ".join(text.split())
    for sentence in sentences(text):
        assert sentence in written
        assert normalised(sentence)


@given(st.text())
def test_the_normal_form_is_reached_in_one_step(text):
    form = normalised(text)

    assert normalised(form) == form


def test_a_long_run_of_stops_is_split_without_delay():
    assert sentences("." * 200_000 + "x") == ["x"]


@pytest.mark.parametrize(
    "other",
    [
        "we  should\nBAN it",
        "We should ban it!!!",
        "“We should — ban it”",
        "ｗｅ should ban it",
        "We should\u200b ban it ❤️",
    ],
)
def test_case_space_punctuation_and_width_do_not_change_the_normal_form(other):
    assert normalised(other) == "we should ban it"


def test_a_mark_meets_its_letter_across_an_unseen_character():
    assert normalised("caf\u0065\u200b\u0301") == "café"


def test_marks_that_belong_to_letters_are_kept():
    assert normalised("हिन्दी") == "हिन्दी"
    assert normalised("don’t") == "dont"


def test_scripts_without_spaces_give_pairs_of_characters():
    assert words(normalised("禁止塑料, ok")) == ["禁止", "止塑", "塑料", "ok"]


@pytest.mark.parametrize(
    "group",
    [
        ("ban", "bans", "banned", "banning"),
        ("plastic", "plastics"),
        ("tax", "taxes", "taxed", "taxation"),
        ("policy", "policies"),
    ],
    ids=lambda group: group[0],
)
def test_forms_of_an_english_word_share_a_stem(group):
    assert len({stem(word) for word in group}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Should we ban single-use plastics?", True),
        ("The fish would thank us for it.", True),
        ("¿Deberíamos prohibir los plásticos de un solo uso?", False),
        ("Sollten wir Plastik verbieten, weil es das Meer verschmutzt?", False),
        ("我们应该禁止一次性塑料吗？", False),
        ("", False),
    ],
)
def test_english_is_known_by_its_function_words(text, expected):
    assert looks_english(text) is expected
