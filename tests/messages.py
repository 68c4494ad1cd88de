"""The catalogues: `make messages` takes every sentence out of the code, and brings all languages up to date.

Reads:  Python and templates; the catalogues in `bot/wording/locale/`.
Gives:  `accord.pot`, which has all sentences, and for each language `accord.po` with the translations that it
        had; a sentence that is gone goes with its translation. Nothing is guessed from a similar sentence.
`make messages FROM=FILE.po LANGUAGE=de` fills in what is missing from another file, such as the other side
of a merge. A warning names a sentence that cannot be translated as it is written.
"""

import argparse
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from bot.domain import errors
from bot.domain.errors import DomainError
from bot.wording.language import DOMAIN, ENGLISH, LANGUAGES, LOCALE, PSEUDO_CLOSES, PSEUDO_OPENS
from engine import errors as engine_errors
from engine.errors import EngineError

ROOT = Path(__file__).parent.parent
TEMPLATE = LOCALE / f"{DOMAIN}.pot"
TRANSLATED = tuple(each for each in LANGUAGES if each != ENGLISH)
# Where members are spoken to, and why drafting failed is said; commands of a terminal are English.
ROOMS = (
    *("bot/domain", "bot/wording", "bot/service", "bot/chat", "bot/worker"),
    *("adapters/slack", "adapters/discord", "adapters/web"),
    *("engine/drafting/http", "engine/drafting/servers", "engine/drafting/local", "engine/drafting/digest"),
    *("engine/reward/judge", "engine/reward/scoring"),
)
SINGLE = (
    "engine/drafting/fitting.py",
    "engine/drafting/parsing/screening.py",
    "engine/mediator.py",
    "engine/rehearsal/asking.py",
    "engine/rehearsal/results.py",
    "engine/groups/jury_choice.py",
)
# By how they are found there: where sentences are, and how they are found there.
SOURCES = {
    "python": (*(f"{room}/**/*.py" for room in ROOMS), *SINGLE),
    "jinja2": ("adapters/web/templates/*.html",),
}
KEYWORDS = {
    "_": None,
    "N_": None,
    "_n": (1, 2),
    # Domain and engine mark sentences, and know no languages; their errors are marked by being raised.
    "sentence": None,
    **dict.fromkeys(
        name
        for name, each in (vars(errors) | vars(engine_errors)).items()
        if name.endswith("Error") and issubclass(each, DomainError | EngineError)
    ),
    # What `{% trans %}` stands for.
    "gettext": None,
    "ngettext": (1, 2),
}
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
# A comment that begins so, right above a sentence, is for whoever translates it.
TRANSLATORS = ("Translators:",)
# These have a third form for whole millions, of which there is nothing here. In French nought takes the form
# for many too, as the one for one may be without a number ("Un membre a répondu").
TWO_FORMS = {"fr": "n != 1", "es": "n != 1"}
# The same in every run, so that a catalogue only changes with its sentences.
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
INSIDE = re.compile(f"{PSEUDO_OPENS}[^{PSEUDO_OPENS}{PSEUDO_CLOSES}]*{PSEUDO_CLOSES}")
PLACE = re.compile(r"\{(\w*)[^{}]*\}|%\((\w+)\)s")


def main() -> None:
    """Write the template and every language's catalogue."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("--language", choices=TRANSLATED)
    asked.add_argument("--from", dest="other", type=Path)
    given = asked.parse_args()
    template = extracted()
    TEMPLATE.write_bytes(written(template))
    for language in TRANSLATED:
        other = given.other if language == given.language else None
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(brought_up_to_date(language, template, other)))


def path_of(language: str) -> Path:
    """Where a language's catalogue is."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def extracted() -> Catalog:
    """Every sentence in the code, in the order of files."""
    found = Catalog(project="Accord", charset="utf-8", creation_date=WRITTEN, fuzzy=False)
    found.header_comment = (
        "# The sentences of Accord. Written by `make messages`; translations go into accord.po."
    )
    for method, patterns in SOURCES.items():
        for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
            where = path.relative_to(ROOT).as_posix()
            for _, message, comments, context in extract_from_file(
                method, path, KEYWORDS, TRANSLATORS, OPTIONS, strip_comment_tags=True
            ):
                found.add(message, None, [(where, 1)], auto_comments=comments, context=context)
    return found


def brought_up_to_date(language: str, template: Catalog, other: Path | None = None) -> Catalog:
    """The language's catalogue with the sentences of the template; what the other file has fills its gaps."""
    kept = read(path_of(language), language)
    more = read(other, language) if other else Catalog(locale=language)
    new = Catalog(locale=language, project="Accord", charset="utf-8", creation_date=WRITTEN, fuzzy=False)
    if language in TWO_FORMS:
        new.mime_headers = [("Plural-Forms", f"nplurals=2; plural=({TWO_FORMS[language]});")]
    new.revision_date, new.last_translator, new.language_team = WRITTEN, "Accord", language
    new.header_comment = f"# Accord in {LANGUAGES[language]}."
    for message in sentences(template):
        had = translation(kept, message) or translation(more, message)
        new.add(message.id, had, message.locations, auto_comments=message.auto_comments)
    return new


def read(path: Path, language: str) -> Catalog:
    """A catalogue from its file; an empty one where there is none yet."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def sentences(catalogue: Catalog) -> Iterator[Message]:
    """All of them, without the head of the file."""
    return (message for message in catalogue if message.id)


def translation(catalogue: Catalog, message: Message) -> str | tuple[str, ...] | None:
    """What a catalogue says for a sentence; None for nothing, and where it has other forms."""
    found = catalogue.get(message.id)
    if found is None or isinstance(found.id, str) != isinstance(message.id, str):
        return None
    said = found.string if isinstance(found.string, str) else tuple(found.string)
    return said if said and all(said) else None


def written(catalogue: Catalog) -> bytes:
    """A catalogue as its file."""
    for message in catalogue:
        message.locations.sort()  # the order of sentences goes by them
    file = io.BytesIO()
    write_po(file, catalogue, width=100, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    # It would be another one with each release of Babel.
    return re.sub(rb'"Generated-By: .*\n', b"", file.getvalue())


def forms(said: str | Sequence[str]) -> list[str]:
    """A sentence's forms, or a translation's: one, or one for each number that the language tells apart."""
    return [said] if isinstance(said, str) else list(said)


def places(sentence: str) -> set[str]:
    """The named places of a sentence, as `{name}` in code and `%(name)s` in pages."""
    return {
        brace or percent for brace, percent in PLACE.findall(sentence.replace("{{", "").replace("}}", ""))
    }


def untranslated(shown: str) -> str:
    """What of a text in the pseudo-language stands in no sentence, so that nobody could translate it."""
    before = None
    while before != shown:
        before, shown = shown, INSIDE.sub("", shown)
    return shown.strip()


if __name__ == "__main__":
    main()
