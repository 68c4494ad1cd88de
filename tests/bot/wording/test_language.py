"""Languages: what is translated and when, and that the catalogues say what the code says."""

import json
import re
from collections import Counter
from datetime import date, time

import pytest

from bot.domain.errors import OpinionError
from bot.service.reply import Reply
from bot.wording import library_lines
from bot.wording.language import (
    ENGLISH,
    LANGUAGES,
    N_,
    PSEUDO,
    Phrase,
    _,
    _n,
    clock,
    composed,
    day,
    explained,
    listed,
    number,
    reading,
    spoken,
    told,
    weekday,
)
from tests import messages

TAG = re.compile(r"<[^>]+>")
ALL = [pytest.param(each, id=each) for each in messages.TRANSLATED]


# -- who reads -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locales", "language"),
    [
        (("de-AT",), "de"),
        (("pt_BR", "FR"), "fr"),
        (("es-419", "de"), "es"),
        (("en-US", "de"), "en"),
        (("", "it"), "en"),
        ((), "en"),
    ],
)
def test_a_locale_is_read_in_the_first_language_that_accord_speaks(
    locales: tuple[str, ...], language: str
) -> None:
    assert spoken(*locales) == language


def test_a_language_holds_to_the_end_of_its_block() -> None:
    with reading("de"):
        with reading("fr"):
            assert str(library_lines.TEMPLATES) == "Modèles"
        assert str(library_lines.TEMPLATES) == "Vorlagen"
    assert str(library_lines.TEMPLATES) == "Templates"


# -- sentences -----------------------------------------------------------------------------------


def test_a_sentence_without_a_translation_is_read_in_english() -> None:
    with reading("de"):
        assert _("No catalogue has this sentence.") == "No catalogue has this sentence."
        assert _n("{count} such thing", "{count} such things", 2) == "{count} such things"
        assert _("") == ""


def test_every_sentence_can_be_seen_to_be_one() -> None:
    with reading(PSEUDO):
        assert _("First post: {when}.").format(when="now") == "⟦First post: now.⟧"
        assert _n("one", "{count} more", 2).format(count=2) == "⟦2 more⟧"


def test_a_constant_is_translated_wherever_it_is_shown() -> None:
    phrase = N_("First post: {when}.")
    with reading("de"):
        assert (str(phrase), f"{phrase}", "{}".format(phrase)) == ("Zum ersten Mal {when}.",) * 3  # noqa: UP032
        assert phrase.format(when="morgen") == "Zum ersten Mal morgen."
        assert ("a" + phrase, phrase + "b") == ("aZum ersten Mal {when}.", "Zum ersten Mal {when}.b")
        assert phrase == "First post: {when}."
        assert {phrase: 1}["First post: {when}."] == 1


def test_what_is_written_out_as_it_is_goes_through_told_first() -> None:
    shown = {"title": library_lines.TEMPLATES, "rows": [{"text": library_lines.BANK}, ("x", 1, None)]}
    with reading("es"):
        assert json.loads(json.dumps(shown))["title"] == "Templates"
        assert told(shown) == {
            "title": "Plantillas",
            "rows": [{"text": "Banco de preguntas"}, ("x", 1, None)],
        }
        assert not isinstance(told(shown)["title"], Phrase)


def test_a_module_that_is_written_for_it_has_no_word_that_cannot_be_translated() -> None:
    with reading(PSEUDO):
        said = [str(each) for each in vars(library_lines).values() if isinstance(each, Phrase)]
        said += [
            library_lines.more_templates(2),
            library_lines.how_bank("/accord"),
            library_lines.read_in(""),
        ]
    assert len(said) > 20
    assert not [each for each in said if messages.untranslated(each)]


def test_an_error_says_in_its_readers_language_what_stands_in_its_places() -> None:
    error = OpinionError(
        "Your opinion has {length} characters; the limit is {limit}. Shorten it.", length=3001, limit=3000
    )
    assert str(error) == "Your opinion has 3,001 characters; the limit is 3,000. Shorten it."
    with reading("de"):
        assert explained(error) == "Deine Meinung hat 3.001 Zeichen; möglich sind 3.000. Kürze sie."
        assert Reply.refusing(error).text == explained(error)
        assert str(error).startswith("Your opinion")


def test_what_is_put_together_for_somebody_is_put_together_in_their_language() -> None:
    with reading("fr"):
        assert composed(lambda: library_lines.posts_first("lundi")) == "Première publication lundi."
        assert composed(library_lines.TEMPLATES) == "Modèles"


# -- numbers, times and lists --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("1,234", "2.5", "24 December 2026", "Monday", "A, B and C")),
        ("de", ("1.234", "2,5", "24. Dezember 2026", "Montag", "A, B und C")),
        ("fr", ("1\u202f234", "2,5", "24 décembre 2026", "lundi", "A, B et C")),
        ("es", ("1.234", "2,5", "24 de diciembre de 2026", "lunes", "A, B y C")),
    ],
)
def test_numbers_days_and_lists_are_written_as_the_language_does(
    language: str, said: tuple[str, ...]
) -> None:
    with reading(language):
        written = (number(1234), number(2.5), day(date(2026, 12, 24)), weekday(0), listed("ABC"))
        assert written == said
        assert clock(time(9, 30)) == "09:30"


# -- the catalogues ------------------------------------------------------------------------------


def test_the_template_has_every_sentence_of_the_code() -> None:
    assert messages.TEMPLATE.read_bytes() == messages.written(messages.extracted()), "run `make messages`"


@pytest.mark.parametrize("language", ALL)
def test_a_catalogue_has_every_sentence_of_the_template(language: str) -> None:
    template = messages.read(messages.TEMPLATE, language)
    now = messages.path_of(language).read_bytes()
    assert now == messages.written(messages.brought_up_to_date(language, template)), "run `make messages`"


@pytest.mark.parametrize("language", ALL)
def test_a_translation_has_the_places_and_tags_of_its_sentence(language: str) -> None:
    wrong = []
    for message in messages.sentences(messages.read(messages.path_of(language), language)):
        ours, theirs = messages.forms(message.id), messages.forms(message.string)
        # The form for one may leave its number out.
        places = {name for each in ours for name in messages.places(each)}
        needed = messages.places(ours[-1])
        for number_, each in enumerate(theirs):
            missing = set() if number_ < len(theirs) - 1 else needed - messages.places(each)
            unknown = messages.places(each) - places
            if each and (missing or unknown or _tags(each) != _tags(ours[-1])):
                wrong.append(each)
    assert not wrong


def _tags(sentence: str) -> Counter[str]:
    return Counter(TAG.findall(sentence))


@pytest.mark.parametrize("language", ALL)
def test_a_translation_has_every_plural_form_or_none(language: str) -> None:
    catalogue = messages.read(messages.path_of(language), language)
    for message in messages.sentences(catalogue):
        said = messages.forms(message.string)
        assert all(said) or not any(said), message.id
        assert len(said) == (1 if isinstance(message.id, str) else catalogue.num_plurals), message.id
        assert not message.fuzzy, message.id


def test_the_languages_are_those_that_have_a_catalogue() -> None:
    found = {path.name for path in messages.LOCALE.iterdir() if path.is_dir()}
    assert found == set(LANGUAGES) - {ENGLISH}
