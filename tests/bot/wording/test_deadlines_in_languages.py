"""Deadlines in German, French and Spanish."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import DeadlineError
from bot.wording import deadlines, time_spellings
from bot.wording.deadlines import deadline

MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Berlin
BERLIN = ZoneInfo("Europe/Berlin")

GERMAN = [
    ("morgen um 17 Uhr", "2026-11-24 17:00"),
    ("Morgen 17.30 Uhr", "2026-11-24 17:30"),
    ("übermorgen um 9", "2026-11-25 09:00"),
    ("in zwei Stunden", "2026-11-23 14:00"),
    ("in einer halben Stunde", "2026-11-23 12:30"),
    ("in 1 Stunde und 30 Minuten", "2026-11-23 13:30"),
    ("in 1,5 Stunden", "2026-11-23 13:30"),
    ("in 3 Tagen um 9 Uhr", "2026-11-26 09:00"),
    ("heute Abend", "2026-11-23 20:00"),
    ("heute Abend um 8", "2026-11-23 20:00"),
    ("24.12. abends", "2026-12-24 20:00"),
    ("nächste Woche Freitag 10 Uhr", "2026-12-04 10:00"),
    ("Freitagabend", "2026-11-27 20:00"),
    ("morgen Mittag", "2026-11-24 12:00"),
    ("morgen früh um 9 Uhr", "2026-11-24 09:00"),
    ("morgen um 5 Uhr nachmittags", "2026-11-24 17:00"),
    ("bis Freitag, 17 Uhr", "2026-11-27 17:00"),
    ("vor 17 Uhr", "2026-11-23 17:00"),
    ("vor 17h", "2026-11-23 17:00"),
    ("vor 24.12.", "2026-12-24 17:00"),
    ("nächsten Freitag", "2026-11-27 17:00"),
    ("Mi. 14 Uhr", "2026-11-25 14:00"),
    ("Sonnabend 10 Uhr", "2026-11-28 10:00"),
    ("24. Dezember 18 Uhr", "2026-12-24 18:00"),
    ("am 24.12. um 18:00", "2026-12-24 18:00"),
    ("Fr., 4.12., 17:00", "2026-12-04 17:00"),
    ("3. März 2027", "2027-03-03 17:00"),
    ("Feierabend", "2026-11-23 17:00"),
    ("Ende der Woche", "2026-11-27 17:00"),
    ("Mitternacht", "2026-11-23 23:59"),
    ("17 Uhr MEZ", "2026-11-23 17:00"),
]
FRENCH = [
    ("demain à 17h", "2026-11-24 17:00"),
    ("demain à 17 h 30", "2026-11-24 17:30"),
    ("après-demain 9h", "2026-11-25 09:00"),
    ("dans deux heures", "2026-11-23 14:00"),
    ("dans une demi-heure", "2026-11-23 12:30"),
    ("dans une heure et demie", "2026-11-23 13:30"),
    ("dans 3 jours à 9h", "2026-11-26 09:00"),
    ("aujourd’hui à 23h", "2026-11-23 23:00"),
    ("ce soir", "2026-11-23 20:00"),
    ("ce soir à 21h", "2026-11-23 21:00"),
    ("cet après-midi à 16h", "2026-11-23 16:00"),
    ("vendredi de la semaine prochaine", "2026-12-04 17:00"),
    ("demain soir", "2026-11-24 20:00"),
    ("demain midi", "2026-11-24 12:00"),
    ("vendredi à 17h", "2026-11-27 17:00"),
    ("vendredi prochain", "2026-11-27 17:00"),
    ("avant mercredi 14h", "2026-11-25 14:00"),
    ("le 24 décembre à 18h", "2026-12-24 18:00"),
    ("1er janvier 2027 à 9h", "2027-01-01 09:00"),
]
SPANISH = [
    ("mañana a las 17", "2026-11-24 17:00"),
    ("mañana a las 5 de la tarde", "2026-11-24 17:00"),
    ("mañana por la mañana a las 9", "2026-11-24 09:00"),
    ("pasado mañana a las 10", "2026-11-25 10:00"),
    ("en dos horas", "2026-11-23 14:00"),
    ("dentro de media hora", "2026-11-23 12:30"),
    ("en una hora y media", "2026-11-23 13:30"),
    ("dentro de 3 días a las 9", "2026-11-26 09:00"),
    ("hoy a las 23:00", "2026-11-23 23:00"),
    ("esta noche", "2026-11-23 20:00"),
    ("esta noche a las 9", "2026-11-23 21:00"),
    ("esta tarde a las 6", "2026-11-23 18:00"),
    ("el viernes de la próxima semana", "2026-12-04 17:00"),
    ("mañana al mediodía", "2026-11-24 12:00"),
    ("el viernes a las 17:00", "2026-11-27 17:00"),
    ("el próximo viernes", "2026-11-27 17:00"),
    ("miércoles 14:00", "2026-11-25 14:00"),
    ("24 de diciembre a las 18:00", "2026-12-24 18:00"),
    ("el 24 de diciembre de 2026", "2026-12-24 17:00"),
]


@pytest.mark.parametrize(("words", "local"), [*GERMAN, *FRENCH, *SPANISH])
def test_deadlines_are_understood_in_four_languages(words, local):
    found = deadline(words, MONDAY_NOON, "Europe/Berlin")
    assert f"{found.astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    "words",
    [
        "gestern 17 Uhr",
        "vor 3 Stunden",
        "vor 2,5 h",
        "vor 3 Tagen",
        "hier à 17h",
        "il y a 3 heures",
        "ayer",
        "hace dos horas",
    ],
)
def test_what_is_over_is_refused_in_every_language(words):
    with pytest.raises(DeadlineError) as caught:
        deadline(words, MONDAY_NOON, "Europe/Berlin")
    assert str(caught.value) == deadlines.OVER


@pytest.mark.parametrize("words", ["morgen früh", "demain matin", "mañana por la tarde"])
def test_a_part_of_the_day_needs_an_hour_in_every_language(words):
    with pytest.raises(DeadlineError) as caught:
        deadline(words, MONDAY_NOON, "Europe/Berlin")
    assert str(caught.value) == time_spellings.WHICH_HOUR
