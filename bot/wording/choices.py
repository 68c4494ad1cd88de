"""What can be chosen on a form, in words: once for all platforms, which draw their own menus of it.

Gives:  for each choice its words, and where there is room for it a second, longer line.
"""

from collections.abc import Collection
from datetime import timedelta

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import RatingBy, ResultsShown, Scale
from bot.domain.team import AUTO, WhoMayAsk
from bot.wording import buttons
from bot.wording.language import LANGUAGES, N_, _, _n, number
from engine.types import WelfareName

WELFARE_CHOICES = {
    WelfareName.UTILITARIAN: (N_("Best on average"), N_("The highest agreement on average")),
    WelfareName.BERNOULLI_NASH: (N_("Balanced"), N_("Good on average and fair to everyone")),
    WelfareName.RAWLSIAN: (N_("Nobody left behind"), N_("The least convinced member agrees most")),
    WelfareName.GROUP_RAWLSIAN: (N_("No group left behind"), N_("The least convinced group agrees most")),
    WelfareName.GROUP_INFORMED: (N_("Agreed across groups"), N_("As many as possible agree in every group")),
}
# Only where a form also asks for the number.
ALPHA_CHOICE = {
    WelfareName.ISOELASTIC: (N_("As set by alpha"), N_("Between the first three; set the number below"))
}
SCALE_CHOICES = {
    Scale.SEVEN: N_("Seven points, from strongly disagree to strongly agree"),
    Scale.THREE: N_("Three points: 👎 🤷 👍"),
}
# Only where a form also asks for the emoji.
OWN_SCALE = "own"
OWN_SCALE_CHOICE = {OWN_SCALE: N_("Your own emoji, three or seven, written below")}
SHOWN_CHOICES = {
    ResultsShown.AFTER_RATING: N_("Once they have rated"),
    ResultsShown.AFTER_CLOSE: N_("When the vote has closed"),
    ResultsShown.ALWAYS: N_("At any time"),
}
WHATEVER_FITS = "fitting"
RATING_CHOICES = {
    WHATEVER_FITS: (N_("Whatever fits"), N_("Reactions when named, private buttons when anonymous")),
    RatingBy.BUTTONS: (N_("Private buttons"), N_("Nobody sees who chose what")),
    RatingBy.REACTIONS: (N_("Reactions"), N_("Everybody sees who chose what; named questions only")),
}
# Only where a platform has polls of its own.
POLL_CHOICE = {RatingBy.POLL: (N_("A poll"), N_("Everybody sees who chose what; named questions only"))}
IDENTITY_CHOICES = {
    "anonymous": (N_("Anonymous"), N_("Nobody sees who wrote what")),
    "named": (N_("Named"), N_("You see who wrote what; members are told before")),
}
# As many decimals as somebody may have typed.
PARTS_OF_HOURS = 4
# Chosen where the present value is none of those that are offered: it stays as it is.
AS_IT_IS = "as-it-is"
HOURS = {
    1: N_("1 hour"),
    4: N_("4 hours"),
    24: N_("1 day"),
    72: N_("3 days"),
    168: N_("1 week"),
    720: N_("30 days"),
}
WHO_WORDS = {
    WhoMayAsk.EVERYONE: N_("Everyone"),
    WhoMayAsk.LISTED: N_("The people chosen below, and admins"),
    WhoMayAsk.ADMINS: N_("Admins only"),
}
LANGUAGE_CHOICES: dict[str, str | tuple[str, str]] = {
    AUTO: (N_("Automatic"), N_("As the server on Discord; English elsewhere")),
    # Each is called as it calls itself, for whoever looks for it.
    **LANGUAGES,
}
# To choose from. Discord takes an option's words in every language at once, so they are in the catalogues.
DAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)

STEERING: dict[Phase, tuple[str, ...]] = {
    Phase.SCHEDULED: ("extend", "cancel"),
    Phase.OPINIONS: ("close", "extend", "remind", "cancel"),
    Phase.MEDIATING: ("retry", "reopen", "cancel"),
    Phase.RATING: ("close-rating", "extend", "remind", "cancel"),
}
# Of these, what is for a question whose drafting failed.
AFTER_FAILURE = frozenset({"retry", "reopen", "keep-statement"})
STEERING_WORDS = {
    "close": N_("Close opinions now"),
    "close-rating": N_("Close the vote now"),
    "extend": N_("Move the deadline"),
    "remind": N_("Remind people now"),
    "retry": N_("Draft again"),
    "reopen": N_("Open for opinions again"),
    "cancel": N_("Cancel the question"),
    "revise": N_("Revise the statement"),
    "keep-statement": N_("Keep the statement there is"),
    "end-link": buttons.END_RESULT_LINK,
    "new-link": buttons.NEW_RESULT_LINK,
}


def steering(d: Deliberation) -> tuple[str, ...]:
    """What whoever runs a question can do with it now."""
    steps = STEERING.get(d.phase, ())
    if d.phase is Phase.MEDIATING and d.round > 1:
        # It has a statement already: opinions are not collected again.
        steps = ("retry", "keep-statement", "cancel")
    if d.may_be_revised:
        steps = ("revise", *steps)
    return tuple(step for step in steps if step not in AFTER_FAILURE or d.failure is not None)


def lasts(period: timedelta) -> str:
    """A period in words."""
    hours = period.total_seconds() / 3_600
    if hours >= 24 and (hours / 24).is_integer():
        days = int(hours // 24)
        return _n("one day", "{count} days", days).format(count=number(days))
    if hours < 1:
        minutes = round(period.total_seconds() / 60, 1)
        return _n("one minute", "{count} minutes", _counted(minutes)).format(count=number(minutes))
    return _n("one hour", "{count} hours", _counted(hours)).format(count=number(hours, PARTS_OF_HOURS))


def _counted(value: float) -> int:
    """What has a part of one, such as half a minute, is no "one" in any language."""
    return int(value) if value.is_integer() else 2


def periods(now: timedelta) -> dict[str, str]:
    """How long a vote can be open; another period than the usual ones can stay, and is the last choice."""
    offered: dict[str, str] = {str(hours): words for hours, words in HOURS.items()}
    if period_chosen(now) == AS_IT_IS:
        offered[AS_IT_IS] = _("{time}, as it is now").format(time=lasts(now))
    return offered


def period_chosen(period: timedelta) -> str:
    """Which of the offered periods it is."""
    usual = {timedelta(hours=hours): str(hours) for hours in HOURS}
    return usual.get(period, AS_IT_IS)


def hours_shown(period: timedelta | None) -> str:
    """A period as the input for it begins; empty for none."""
    return "" if period is None else f"{period.total_seconds() / 3_600:g}"


def beginning(chosen: Collection[str], room: int | None) -> list[str]:
    """Of those that are chosen, the ones that a picker begins with: platforms show only so many."""
    return sorted(chosen)[:room]
