"""How times are written in English, German, French and Spanish, brought to one spelling.

Reads:  what somebody typed.
Gives:  the same in small letters without accents; times of day as "@17:00"; named moments, and numbers before
a unit of time, in plain English. Names of days and months stay: dateparser knows them in all four languages.
Nothing is decided here that depends on the time now.
"""

import re
import unicodedata

from bot.domain.errors import DeadlineError
from bot.wording.language import N_

NO_SUCH_HOUR = N_("There is no such time of day. Write it like “17:00” or “5pm”.")
WHICH_HOUR = N_("Which hour? Add a time of day, such as “friday 17:00”.")
MORNING_OR_EVENING = N_("Is that in the morning or in the evening? Write it like “5am”, “5pm” or “17:00”.")

# A day without an hour, and "end of day", mean the end of the working day.
END_OF_DAY, NOON, EVENING, MIDNIGHT = "@17:00", "@12:00", "@20:00", "@23:59"
WEEKS_END, NEXT_WEEKS_END, MONTHS_END = "week's end", "next week's end", "month's end"

UNITS = {
    "minutes": r"m|mins?|minutes?|minuten|minutos?",
    "hours": r"h|hrs?|hours?|std|stunden?|heures?|horas?",
    "days": r"d|days?|tage?n?|jours?|dias?",
    "weeks": r"w|wks?|weeks?|wochen?|semaines?|semanas?",
    "months": r"months?|monate?n?|mois|mes|meses",
    "years": r"years?|jahre?n?|ans?|annees?|anos?",
}
UNIT = "|".join(UNITS.values())
AMOUNT = rf"(-?\d+(?:[.,]\d+)?) ?({UNIT})\b"
NEXT_AMOUNT = rf"(?: ?,? ?(?:and|und|et|y)? ?)(?:{AMOUNT})"
SPAN = re.compile(
    rf"(?P<ahead>(?:in|after|within|innerhalb von|nach|dans|d'ici|en|dentro de) )?(?P<amounts>{AMOUNT}"
    rf"(?:{NEXT_AMOUNT})*)(?: from now)?"
)
AMOUNTS = re.compile(AMOUNT)

NUMBERS = (
    "zero|null",
    "an?|one|eine?[nmr]?|une?|una",
    "two|zwei|deux|dos",
    "three|drei|trois|tres",
    "four|vier|quatre|cuatro",
    "five|funf|cinq|cinco",
    "six|sechs|seis",
    "seven|sieben|sept|siete",
    "eight|acht|huit|ocho",
    "nine|neun|neuf|nueve",
    "ten|zehn|dix|diez",
    "eleven|elf|onze|once",
    "twelve|zwolf|douze|doce",
)

EVENINGS = r"(?:in the )?evening|abends?|(?:du |le )?soir|(?:por|de) la noche"
AFTERNOONS = r"(?:in the )?afternoon|nachmittags?|(?:de )?(?:l')?apres-midi|(?:por|de) la tarde"
MORNINGS = r"(?:in the )?morning|vormittags?|morgens|fruh|(?:du |le )?matin|(?:por|de) la manana"
DAY_OF_WORK = r"(?:(?:the|business|working) )*"

BEFORE_AN_HOUR = r"\b(?:(?:at|by|um|bis|zum|a|al|vers|hasta) )?"

# In this order: what comes first may make what comes later.
SPELT: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"[’`´]", "'"),
        (r"\b([ap])\.m\b\.?", r"\1m"),
        (r"\baujourd'?hui\b", "today"),
        (r"\bpasado manana\b", "in 2 days"),
        (r"\buebermorgen\b", "ubermorgen"),
        (r"\bsonnabend\b", "samstag"),
        (r"\btmrw?\b", "tomorrow"),
        (r"(\d{1,2}) ?o'?clock\b", r"at \1"),
        (r"(?<=tag)abend\b", " abend"),
        # -- halves and quarters of spans
        (r"\b(?:an?|one) hour and a half\b|\beine?r?inhalb stunden\b|\banderthalb stunden\b", "90 minutes"),
        (r"\b(?:une|1) heure et demie\b|\b(?:(?:una|1) )?hora y media\b", "90 minutes"),
        (r"\b(\d{1,3}) and a half hours\b", r"\1.5 hours"),
        (r"\bhalf (?:an?|one) hour\b|\b(?:eine[rn]? )?halben? stunde\b", "30 minutes"),
        (r"\b(?:une )?demi-heure\b|\bmedia hora\b", "30 minutes"),
        (r"\b(?:an? )?quarter of an hour\b|\b(?:eine[rn]? )?viertelstunde\b", "15 minutes"),
        (r"\b(?:un )?quart d'heure\b|\b(?:un )?cuarto de hora\b", "15 minutes"),
        (r"\bhalf a day\b", "12 hours"),
        *(
            (rf"\b(?:{words}) (?=(?:{UNIT})\b)", f"{number} ")
            for number, words in enumerate(NUMBERS)
            if number
        ),
        # -- named moments
        (rf"\b(?:by )?(?:end of {DAY_OF_WORK}day|eod|cob|close of business)\b", "@eod"),
        (r"\b(?:zum )?feierabend\b|\bfin de (?:la )?journee\b|\b(?:al )?fin(?:al)? del dia\b", "@eod"),
        (r"^(?:(?:by|until|the|at) )*@eod$", f"today {END_OF_DAY}"),
        (r"@eod", END_OF_DAY),
        (
            rf"\b(?:end of {DAY_OF_WORK}|ende der |ende dieser )(?:this )?(?:week|woche)\b|\beow\b",
            WEEKS_END,
        ),
        (
            r"\b(?:fin de (?:la |cette )semaine|(?:a )?(?:fines|final|fin) de (?:la|esta) semana)\b",
            WEEKS_END,
        ),
        (r"\b(?:end of next week|ende nachster woche|ende der nachsten woche)\b", NEXT_WEEKS_END),
        (r"\bend of (?:the |this )?month\b|\b(?:monatsende|ende des monats|eom)\b", MONTHS_END),
        (r"\b(?:fin du mois|(?:a )?(?:fines|final|fin) de mes)\b", MONTHS_END),
        (rf"{BEFORE_AN_HOUR}(?<!-)(?:noon|midday|mittags?|midi|mediodia)\b", NOON),
        (rf"{BEFORE_AN_HOUR}(?:midnight|mitternacht|minuit|medianoche)\b", MIDNIGHT),
        # -- halves of the day, of which only the evening is a time
        (r"\b(?:tonight|this evening|ce soir|esta noche)\b", "today ~evening"),
        (r"\b(?:this (?=morning|afternoon)|cet (?=apres-midi)|esta (?=tarde))", "today "),
        (rf"(?<=\S )(?:{EVENINGS})\b", "~evening"),
        (rf"(?<=\S )(?:{AFTERNOONS}|tarde)\b", "~pm"),
        (rf"(?<=\S )(?:{MORNINGS})\b", "~am"),
        (r"(~[a-z]+) (\d{1,2})$", r"\1 at \2"),
    )
)

HOUR, MINUTE = r"(?<![\d.:@/-])(?P<hour>\d{1,2})", r"(?P<minute>\d{2})"
CLOCK = r"uhr|hrs|hours|heures?|horas?|h"
AT = r"(?:(?:\b(?:at|um|gegen|a las?|al?)|@) )?"
TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{AT}{HOUR}(?:[:.]{MINUTE})? ?(?P<half>am|pm)\b",
        rf"{AT}{HOUR}:{MINUTE}(?::\d\d)?(?: ?(?:{CLOCK})\b)?(?![\d:])",
        rf"{AT}{HOUR} ?(?:h|uhr) ?{MINUTE}\b",
        rf"{AT}{HOUR}(?:\.{MINUTE})? ?(?:{CLOCK})\b",
        rf"(?:\b(?:at|um|gegen|a las?|a)|@) ?{HOUR}[.]{MINUTE}\b(?![.\d])",
    )
)
BARE_HOUR = re.compile(rf"(?:\b(?:at|um|gegen|a las?|a)|@) ?{HOUR}(?![\w.:/-])")
BEHIND_A_DAY = re.compile(rf"(?:(?<=[a-z] )|^){HOUR}(?:[.]{MINUTE})?$")
HALF = re.compile(r" ?~(am|pm|evening)")
TIME = re.compile(r"@(\d\d):(\d\d)")


def plain(words: str) -> str:
    """In small letters, without accents, with one space between words and nothing around them."""
    parts = unicodedata.normalize("NFKD", _halves(words)).casefold()
    bare = "".join(each for each in parts if not unicodedata.combining(each))
    return " ".join(bare.split()).strip(" !?;,()")


def _halves(words: str) -> str:
    """Before "½" is taken apart, which would make "21/2" of "2½"."""
    return re.sub(r"(?<=\d)½", ".5", words).replace("½", "0.5")


def spelt(words: str) -> str:
    """What `plain` gives, with named moments and numbers before a unit spelt in one way."""
    for pattern, one_way in SPELT:
        words = pattern.sub(one_way, words)
    return " ".join(words.split())


def with_times(words: str) -> str:
    """What `spelt` gives, with times of day as "@17:00". Raises DeadlineError for one that there is not."""
    half = HALF.search(words)
    said = half[1] if half else ""
    words = HALF.sub("", re.sub(r"(?:^|(?<=[a-z] ))(1[0-2]|[1-9])(?= ~)", r"at \1", words))
    for pattern in TIMES:
        words = pattern.sub(lambda found: _time(found, said), words)
    words = BARE_HOUR.sub(lambda found: _bare(found, said), words)
    if said and not TIME.search(words):
        if said != "evening":
            raise DeadlineError(WHICH_HOUR)
        words += f" {EVENING}"
    return " ".join(words.split())


def split_hour(words: str) -> tuple[str, re.Match[str]] | None:
    """What stands before a number at the end that may be an hour, and that: "tomorrow 17", "17.30"."""
    found = BEHIND_A_DAY.search(words)
    if found is None or TIME.search(words) or not (found["minute"] or found.start()):
        return None
    return words[: found.start()].strip(), found


def as_hour(found: re.Match[str]) -> str:
    """The number as an hour. Raises DeadlineError for what may be in the morning or in the evening."""
    return _bare(found, "").strip()


def span(words: str) -> str | None:
    """ "In 1 hour 30 minutes", in English, for what is a span and nothing else.

    "17h" is the hour on the clock, as it is written in many countries; "3h" is a span.
    """
    words = re.sub(r"^((?:in |dans |en )?\d{1,3}) ?h ?(\d{1,2})(?: ?m(?:in)?)?$", r"\1 h \2 m", words)
    found = SPAN.fullmatch(words)
    if found is None or (not found["ahead"] and re.match(r"(1[3-9]|2[0-3]) ?h\b", words)):
        return None
    return "in " + " ".join(f"{amount.replace(',', '.')} {_unit(unit)}" for amount, unit in _amounts(found))


def _amounts(found: re.Match[str]) -> list[tuple[str, str]]:
    return [(each[1], each[2]) for each in AMOUNTS.finditer(found["amounts"])]


def _unit(written: str) -> str:
    return next(unit for unit, forms in UNITS.items() if re.fullmatch(forms, written))


def _time(found: re.Match[str], half_of_day: str) -> str:
    groups = found.groupdict()
    hour, minute, half = int(groups["hour"]), int(groups.get("minute") or 0), groups.get("half")
    if half and not 1 <= hour <= 12:
        raise DeadlineError(NO_SUCH_HOUR)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half_of_day in ("pm", "evening") and 1 <= hour <= 11:
        hour += 12
    elif half_of_day == "evening" and hour == 12:
        raise DeadlineError(MORNING_OR_EVENING)
    if hour > 23 or minute > 59:
        raise DeadlineError(NO_SUCH_HOUR)
    return f" @{hour:02}:{minute:02} "


def _bare(found: re.Match[str], half_of_day: str) -> str:
    """An hour with nothing behind it: "at 9" is in the morning, and "at 5" may be either."""
    if not half_of_day and not found.groupdict().get("minute") and 1 <= int(found["hour"]) <= 7:
        raise DeadlineError(MORNING_OR_EVENING)
    return _time(found, half_of_day)
