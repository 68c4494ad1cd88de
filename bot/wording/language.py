"""In which language somebody reads: sentences, counts, dates and lists, translated when they are read.

Reads:  the catalogues in `locale/LANGUAGE/LC_MESSAGES/accord.po`, each when it is first needed.
Gives:  `_` and `_n`, which translate now; `N_`, for constants, which translates when it is shown; `reading`,
        with which an adapter says once who reads. An English sentence is its own name in the catalogues, and
        stands wherever a translation is missing.
How a sentence or a language is added says CONTRIBUTING.md.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, SupportsIndex, TypeVar

from bot.domain.errors import BotError
from engine.sentence import Said

ENGLISH = "en"
# Each by what it calls itself.
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
# For tests alone: every sentence between brackets, so that one that was forgotten is seen.
PSEUDO = "xx"
PSEUDO_OPENS, PSEUDO_CLOSES = "⟦", "⟧"
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "accord"
# By whose habits dates, numbers and lists are written; in British English there is no comma before "and".
_WRITTEN_AS = {ENGLISH: "en_GB", PSEUDO: "en_GB"}

T = TypeVar("T")
# To somebody whose language is not known where it is written: what puts it together is called where it is.
Sentence = str | Callable[[], str]

_reader: ContextVar[str] = ContextVar("language", default=ENGLISH)


# -- who reads -----------------------------------------------------------------------------------


def language() -> str:
    """The language of whoever reads what is said now."""
    return _reader.get()


def spoken(*locales: str) -> str:
    """The first of these locales that Accord speaks ("de-AT", "pt_BR", ""), as one of its languages.

    English where it speaks none of them.
    """
    for locale in locales:
        found = locale.replace("_", "-").partition("-")[0].casefold()
        if found in LANGUAGES or found == PSEUDO:
            return found
    return ENGLISH


@contextmanager
def reading(language: str) -> Iterator[None]:
    """What is said in this block is read in this language; of a locale, in the one that is `spoken` of it.

    Tasks that begin in the block go on in it.
    """
    before = _reader.set(spoken(language))
    try:
        yield
    finally:
        _reader.reset(before)


def read_from_here_on(language: str) -> None:
    """The same to the end of the task, where an SDK leaves no block to put around what follows."""
    _reader.set(spoken(language))


# -- sentences -----------------------------------------------------------------------------------


def _(message: str) -> str:
    """A sentence of ours, translated now. Its places are filled in afterwards, by `.format(name=…)`."""
    return _translated(_reader.get(), message)


def _n(one: str, more: str, count: int) -> str:
    """The sentence for so many, translated now. Both have `{count}`, filled in with `number(count)`."""
    reader = _reader.get()
    if reader == ENGLISH:
        return one if count == 1 else more
    if reader == PSEUDO:
        return _pseudo(one if count == 1 else more)
    return _catalogue(reader).ngettext(one, more, count)


class Phrase(str):
    """A sentence kept as a constant: it is the English one, and shows itself in the reader's language.

    What is made of it by `str`, in an f-string or a template, by `format`, `[:80]` or a method like `rstrip`
    is of the translation. It compares, and is stored, as the English sentence. What writes out a `str` as it
    is (json, `", ".join(…)`, a regular expression) shows that too: it gets `told(…)` of it.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return _translated(_reader.get(), super().__str__())

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def format(self, *places: object, **named: object) -> str:
        """The translation, with its places filled in."""
        return str(self).format(*places, **named)

    def __add__(self, more: str) -> str:
        return str(self) + str(more)

    def __radd__(self, before: str) -> str:
        return str(before) + str(self)

    def __len__(self) -> int:
        return len(str(self))

    def __getitem__(self, part: SupportsIndex | slice) -> str:
        return str(self)[part]

    def __getnewargs__(self) -> tuple[str]:
        return (super().__str__(),)


def _of_translation(name: str) -> Callable[..., Any]:
    def work(phrase: Phrase, *given: Any, **named: Any) -> Any:
        return getattr(str(phrase), name)(*given, **named)

    return work


# Whatever makes another text of it makes it of the translation.
for _name in (
    *("lower", "upper", "capitalize", "title", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix"),
    *("replace", "split", "rsplit", "splitlines", "partition", "rpartition", "encode"),
):
    setattr(Phrase, _name, _of_translation(_name))


def N_(message: str) -> Phrase:
    """A sentence of ours as a constant of a module, translated whenever it is shown."""
    return Phrase(message)


def explained(error: BotError | Said) -> str:
    """What an error, or a sentence that was kept, says to whoever reads it."""
    shown = {name: _in_place(each) for name, each in error.places.items()}
    told = str(_(error.sentence))
    return told.format(**shown) if shown else told


def _in_place(place: object) -> object:
    if isinstance(place, BotError | Said):
        return explained(place)
    if isinstance(place, list):
        return "\n".join(explained(each) for each in place)
    return number(place) if isinstance(place, int) else place


def composed(sentence: Sentence) -> str:
    """A sentence, put together now if it was not yet."""
    return str(sentence() if callable(sentence) else sentence)


def retold(stored: str, *sentences: Phrase) -> str:
    """What was kept as one of these English sentences, in the reader's language; any other stays as it is.

    What stands in its places is translated too, where it is in the catalogues.
    """
    for each in sentences:
        if found := _kept_as(str.__str__(each)).fullmatch(stored):
            return each.format(**{name: _(value) for name, value in found.groupdict().items()})
    return _(stored)


@cache
def _kept_as(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    return re.compile(
        "".join(f"(?P<{part}>.+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)),
        re.DOTALL,
    )


def told(value: T) -> T:
    """The same with every `Phrase` in it translated now, in lists, tuples and mappings too."""
    return _told(value)  # type: ignore[no-any-return]


def _told(value: Any) -> Any:
    if isinstance(value, Phrase):
        return str(value)
    if isinstance(value, Mapping):
        return {_told(name): _told(each) for name, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_told(each) for each in value)
    return value


def in_catalogue(language: str, message: str) -> str | None:
    """A sentence's translation, for an SDK that asks for one language after another; None without one."""
    if language == ENGLISH or language not in LANGUAGES or not message:
        return None
    found = _catalogue(language).gettext(message)
    return None if found == message else found


def _translated(reader: str, message: str) -> str:
    if reader == ENGLISH or not message:
        return message
    if reader == PSEUDO:
        return _pseudo(message)
    return _catalogue(reader).gettext(message)


def _pseudo(message: str) -> str:
    if message.startswith(PSEUDO_OPENS):
        return message
    return f"{PSEUDO_OPENS}{message}{PSEUDO_CLOSES}"


@cache
def _catalogue(language: str) -> GNUTranslations:
    """Compiled in memory from the text file, so that there is no second file that could be older."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


# -- numbers, times and lists --------------------------------------------------------------------


def number(value: float, decimals: int = 1) -> str:
    """1,234 or 1.234, as the reader's language writes it; with so many decimals at most."""
    from babel.numbers import format_decimal

    return format_decimal(value, f"#,##0.{'#' * decimals}", locale=_written_as())


def decimals(value: float, places: int) -> str:
    """5.0 or 5,0: always with so many decimals."""
    from babel.numbers import format_decimal

    return format_decimal(f"{value:.{places}f}", f"#,##0.{'0' * places}", locale=_written_as())


def percent(share: float) -> str:
    """34% or 34 %, of a share of one."""
    from babel.numbers import format_percent

    return format_percent(share, locale=_written_as())


def day(on: date) -> str:
    """24 December 2026."""
    from babel.dates import format_date

    return format_date(on, "long", locale=_written_as())


def day_of_month(on: date) -> str:
    """24 December, of whatever year."""
    from babel.dates import format_skeleton

    return format_skeleton("MMMMd", on, locale=_written_as())


def clock(at: time | datetime) -> str:
    """18:00, on the clock that the time itself is of."""
    return f"{at:%H:%M}"


def weekday(number: int) -> str:
    """Monday, which is 0, to Sunday."""
    from babel.dates import get_day_names

    return str(get_day_names("wide", locale=_written_as())[number])


def listed(names: Iterable[str]) -> str:
    """A, B and C."""
    from babel.lists import format_list

    return format_list(list(map(str, names)), locale=_written_as())


def _written_as() -> str:
    reader = _reader.get()
    return _WRITTEN_AS.get(reader, reader)
