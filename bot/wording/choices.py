"""What can be chosen on a form, in words: once for all platforms, which draw their own menus of it.

Gives:  for each choice its words, and where there is room for it a second, longer line.
"""

from collections.abc import Collection
from datetime import timedelta

from bot.domain.deliberation import Phase
from bot.domain.ratings import RatingBy, ResultsShown, Scale
from bot.domain.team import AUTO, WhoMayAsk
from bot.wording import buttons
from bot.wording.language import LANGUAGES, N_
from engine.types import WelfareName

WELFARE_CHOICES = {
    WelfareName.UTILITARIAN: ("Best on average", "The highest agreement on average"),
    WelfareName.BERNOULLI_NASH: ("Balanced", "Good on average and fair to everyone"),
    WelfareName.RAWLSIAN: ("Nobody left behind", "The least convinced member agrees most"),
}
# Only where a form also asks for the number.
ALPHA_CHOICE = {WelfareName.ISOELASTIC: ("As set by alpha", "Between these; the number is asked for below")}
SCALE_CHOICES = {
    Scale.SEVEN: "Seven points, from strongly disagree to strongly agree",
    Scale.THREE: "Three points: 👎 🤷 👍",
}
# Only where a form also asks for the emoji.
OWN_SCALE = "own"
OWN_SCALE_CHOICE = {OWN_SCALE: "Your own emoji, three or seven, written below"}
SHOWN_CHOICES = {
    ResultsShown.AFTER_RATING: "After one's own rating",
    ResultsShown.AFTER_CLOSE: "When the vote has closed",
    ResultsShown.ALWAYS: "At any time",
}
WHATEVER_FITS = "fitting"
RATING_CHOICES = {
    WHATEVER_FITS: ("Whatever fits", "Reactions when named, private buttons when anonymous"),
    RatingBy.BUTTONS: ("Private buttons", "Nobody sees who chose what"),
    RatingBy.REACTIONS: ("Reactions", "Everybody sees who chose what; named questions only"),
}
# Only where a platform has polls of its own.
POLL_CHOICE = {RatingBy.POLL: ("A poll", "Everybody sees who chose what; named questions only")}
IDENTITY_CHOICES = {
    "anonymous": ("Anonymous", "Nobody sees who wrote what"),
    "named": ("Named", "You see who wrote what; members are told before"),
}
# Chosen where the present value is none of those that are offered: it stays as it is.
AS_IT_IS = "as-it-is"
HOURS = {1: "1 hour", 4: "4 hours", 24: "1 day", 72: "3 days", 168: "1 week", 720: "30 days"}
WHO_WORDS = {
    WhoMayAsk.EVERYONE: "Everyone",
    WhoMayAsk.LISTED: "The people chosen below, and admins",
    WhoMayAsk.ADMINS: "Admins only",
}
LANGUAGE_CHOICES: dict[str, str | tuple[str, str]] = {
    AUTO: (N_("Automatic"), N_("As the server on Discord; English elsewhere")),
    # Each is called as it calls itself, for whoever looks for it.
    **LANGUAGES,
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

STEERING: dict[Phase, tuple[str, ...]] = {
    Phase.SCHEDULED: ("extend", "cancel"),
    Phase.OPINIONS: ("close", "extend", "cancel"),
    Phase.MEDIATING: ("retry", "reopen", "cancel"),
    Phase.RATING: ("close-rating", "extend", "cancel"),
}
# Of these, what is for a question whose drafting failed.
AFTER_FAILURE = frozenset({"retry", "reopen"})
STEERING_WORDS = {
    "close": "Close opinions now",
    "close-rating": "Close the vote now",
    "extend": "Move the deadline",
    "retry": "Draft again",
    "reopen": "Open for opinions again",
    "cancel": "Cancel the question",
    "end-link": buttons.END_RESULT_LINK,
    "new-link": buttons.NEW_RESULT_LINK,
}


def lasts(period: timedelta) -> str:
    """A period in words."""
    hours = period.total_seconds() / 3_600
    if hours >= 24 and (hours / 24).is_integer():
        return "one day" if hours == 24 else f"{int(hours // 24)} days"
    if hours < 1:
        minutes = round(period.total_seconds() / 60, 1)
        return "one minute" if minutes == 1 else f"{minutes:g} minutes"
    return "one hour" if hours == 1 else f"{hours:g} hours"


def periods(now: timedelta) -> dict[str, str]:
    """How long a vote can be open; another period than the usual ones can stay, and is the last choice."""
    offered = {str(hours): words for hours, words in HOURS.items()}
    if period_chosen(now) == AS_IT_IS:
        offered[AS_IT_IS] = f"{lasts(now)}, as it is now"
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
