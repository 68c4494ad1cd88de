"""The language of a round: told from question and opinions together, and English in doubt."""

import pytest

from engine.language import UNNAMED, foreign_language

GERMAN = ["Sollen wir freitags von zu Hause arbeiten?", "Ja, gern.", "Nein, ich brauche die Kollegen."]
ENGLISH = ["Should we work from home on Fridays?", "Yes, it saves me two hours.", "No, I need people around."]


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (GERMAN, "German"),
        (["Faut-il interdire les voitures en ville ?", "Oui", "Non, pas encore"], "French"),
        (["¿Dónde cenamos esta noche?", "En casa, como siempre", "Me da igual dónde"], "Spanish"),
        (["Waar gaan we eten?", "We willen pizza", "Bij ons thuis, we hebben nog over"], "Dutch"),
        (["Gdzie jemy?", "W domu", "Wszystko mi jedno, byle tanio"], "Polish"),
        (["Где поедим сегодня?", "Дома", "Мне всё равно, где"], "Russian"),
        (["どこで食べる？", "家で", "駅前のラーメン屋"], "Japanese"),
        (["איפה נאכל?", "בבית"], "Hebrew"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_foreign_language_is_told_from_a_few_short_answers(texts, language):
    assert foreign_language(texts, ["en"]) == language


@pytest.mark.parametrize(
    "texts",
    [
        ENGLISH,
        ["Should we?", "Yes", "No"],
        ["Pizza or pasta?", "Pizza", "Pasta"],
        ["wher shud we eat", "dunno lol", "pizza plz", "idc anythin cheap"],
        ["Which database?", "PostgreSQL", "MySQL", "SQLite", "MongoDB", "PostgreSQL 17 + pgvector"],
        ["Where to?", "Lisbon", "Zürich", "München", "Reykjavik", "São Paulo", "Kraków"],
        ["How many?", "3", "5-6", "12"],
        ["👍?", "👍", "👎"],
        ["want", "hi"],
    ],
    ids=["sentences", "yes", "dishes", "typos", "products", "places", "numbers", "emoji", "words"],
)
def test_english_and_what_is_too_short_to_tell_is_english(texts):
    assert foreign_language(texts, ["en"]) is None


def test_what_most_is_written_in_decides():
    assert (
        foreign_language([ENGLISH[0], *GERMAN[1:], "Nur wenn das Telefon besetzt ist."], ["en"]) == "German"
    )
    assert foreign_language([*ENGLISH, GERMAN[2]], ["en"]) is None


def test_one_long_opinion_is_not_the_group_s_language():
    long = "Ich finde, wir sollten es ganz anders machen, nämlich so, wie es früher war. " * 50

    assert foreign_language([long], ["en"]) == "German"
    assert foreign_language([*ENGLISH, *ENGLISH, *ENGLISH, long], ["en"]) is None


def test_a_language_that_the_model_knows_is_not_foreign():
    assert foreign_language(GERMAN, ["en", "de"]) is None
    assert foreign_language(ENGLISH, ["de"]) == "English"


def test_what_no_file_can_hold_is_read_all_the_same():
    assert foreign_language(["Why? \x00 \ud83d", *ENGLISH, ""], ["en"]) is None


def test_another_script_is_foreign_even_where_its_language_is_not_sure():
    assert foreign_language(["去哪里吃？", "家里"], ["en"]) in ("Chinese", UNNAMED)
