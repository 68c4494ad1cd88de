"""Names that somebody could take for another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.likeness import look_alike


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Ann Berger", "ann berger"),
        ("Ann Berger", "AnnBerger"),
        ("Ann Berger", " Ann.  Berger!"),
        ("José Núñez", "Jose Nunez"),
        ("Søren Łódź", "Soren Lodz"),
        ("Groß", "GROSS"),
        ("Ann Berger", "Аnn Bеrgеr"),  # Cyrillic А and е
        ("Nikos", "Νikοs"),  # Greek Ν and ο
        ("HANNA", "НАΝΝА"),  # Cyrillic and Greek capitals
        ("Alice", "AIice"),  # a capital i
        ("Bill", "Bi11"),
        ("Otto", "0tt0"),
        ("Bernd", "Bemd"),
        ("Werner", "VVerner"),
        ("Ann", "Ａｎｎ"),
        ("Ann", "𝐀𝐧𝐧"),
        ("Ann", "A\u0338n\u20e0n"),
        ("Ann", "Ann\ufe0f\u3164"),
        ("Νίκος", "ΝΊΚΟΣ"),
        ("Иван", "иван"),
        ("🙂", "🙂"),
    ],
)
def test_a_name_is_the_same_however_it_is_typed(name: str, typed: str) -> None:
    assert look_alike(name, typed)
    assert look_alike(typed, name)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Ann", "Anna"),
        ("Ann Berger", "Ann Bergmann"),
        ("Ann B.", "Ann C."),
        ("Bo", "Bob"),
        ("राम", "रमा"),
        ("が", "か"),
        ("Иван", "Олег"),
        ("🙂", "🙃"),
    ],
)
def test_another_name_is_another(name: str, typed: str) -> None:
    assert not look_alike(name, typed)


@given(st.text(min_size=1, max_size=30))
def test_every_name_is_like_itself(name: str) -> None:
    assert look_alike(name, name)
