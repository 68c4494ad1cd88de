"""What web pages say that no chat has to: on links, on signing in and out, on requests that fail.

A page's own prose is in its template. A pair is a page's title and what stands under it.
"""

from collections.abc import Iterable

from bot.domain.deliberation import NO_POINTS as NO_POINTS
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import GivenElsewhereError
from bot.wording import texts
from bot.wording.language import N_, _, _n, explained, number

NO_GROUPS = N_(
    "A group with @ is one of Slack or Discord, and there are none here. Write answers, such as “Team: "
    "support, sales”."
)

# -- links ---------------------------------------------------------------------------------------

LINK_MADE = N_("There is a link for everyone now.")
LINK_RENEWED = N_("There is a new link for everyone. The old one no longer works.")
LINK_CLOSED = N_("The link for everyone no longer works.")
LINK_PAUSED = N_("The link for everyone no longer lets new people in.")
LINK_RESUMED = N_("New people can join with the link for everyone again.")
TICK_LINKS = N_("Tick the links to end.")
LINK_COUNTS_BROWSERS = N_(
    "It counts browsers, not people: in an anonymous question, one person who takes part from two browsers "
    "could tell how a third person rated."
)
LINK_EXPIRED = (
    N_("This link has expired"),
    N_("Links to Accord work for a limited time. Ask the person who sent it to you for a new one."),
)
LINK_BROKEN = (
    N_("This link does not work"),
    N_("Part of it may be missing. Open the whole link, or ask for a new one."),
)
LINK_ENDED = (
    N_("This link no longer works"),
    N_("The person who runs this question has ended it or made a new one. Ask them for the new link."),
)
LINK_USED = (
    N_("This link no longer works"),
    N_(
        "An admin link works once, and stops working when all admins are signed out. "
        "Run `accord admin-link` for another."
    ),
)
NOBODY_NEW = (
    N_("No new participants"),
    N_(
        "Nobody new can join with this link. If you took part before, open the question in the same "
        "browser. If not, ask the person who runs it for a personal link."
    ),
)
TOO_MANY_NEW = (
    N_("Please wait a minute"),
    N_(
        "Many people from your network joined in the last minute. Wait a minute, then open the link again. "
        "The person who runs this question can raise the limit."
    ),
)
ENDED = N_(
    "The link you used no longer opens this question. Ask the person who runs it for the new one. "
    "Your answers are saved."
)
NAME_TAKEN = N_(
    "Somebody with this name has a personal link to this question. If that is you, open your link. "
    "If not, write your name differently."
)
REASON_UNSAVED = N_("Your reason isn't saved yet. It is still in the box below.")
RATING_UNSAVED = N_("Your rating isn't saved yet. It is still chosen below.")
NAME_IN_USE = N_(
    "Somebody has answered under this name or one like it. If that was you, change your answer in the same "
    "browser as before. If not, add something to your name, such as an initial."
)
GIVEN_ELSEWHERE_BY = N_(
    "This personal link is for {name}. Somebody answered with it in another browser, and only that browser "
    "can change the answer. To answer here, ask the person who sent you the link for a new one. The first "
    "answer then stays as it is. “Forget me” under your data deletes it, and ends this link."
)
NO_LINK_TO_ASK = N_(
    "To ask a question here, you need a working link, and yours no longer work. "
    "Ask the person who sent it to you for a new one."
)


def newcomers(per_minute: int) -> str:
    """How many new people one network may bring in."""
    told = _n(
        "One network can bring in {count} new person a minute.",
        "One network can bring in {count} new people a minute.",
        per_minute,
    )
    return told.format(count=number(per_minute))


def write_names(most: int) -> str:
    """For whom personal links are made."""
    return _("Write 1 to {most} names, one on each line.").format(most=number(most))


def given_elsewhere(name: str) -> str:
    """Who can change what was given by a personal link, and what others can do; name: on the link, if any."""
    return GIVEN_ELSEWHERE_BY.format(name=name) if name else explained(GivenElsewhereError())


def links_ended(count: int) -> str:
    """How many personal links were ended."""
    told = _n("{count} personal link no longer works.", "{count} personal links no longer work.", count)
    return told.format(count=number(count))


# -- signing in and out --------------------------------------------------------------------------


def hidden_opinions(count: int) -> str:
    """Which opinions "forget me" deletes without showing them first."""
    told = _n(
        "{count} text that isn't shown here will be deleted too. It was given in another browser, before "
        "an update, or with a link that has ended.",
        "{count} texts that aren't shown here will be deleted too. They were given in another browser, "
        "before an update, or with a link that has ended.",
        count,
    )
    return told.format(count=number(count))


LEFT = N_("You signed out of every browser. Open your personal link again to come back.")
SIGNED_OUT = N_("You are signed out of this browser.")
SIGNED_OUT_EVERYWHERE = N_("You are signed out of every browser. Your personal links still work.")
ADMINS_SIGNED_OUT = N_("All admins are signed out. Admin links made before now no longer work.")
NOT_SIGNED_IN = N_(
    "You aren't signed in here. Open the link you were sent again. If it has expired, ask for a new one."
)
ADMINS_ONLY = N_(
    "This page is for the people who run Accord here. Sign in with a new link: `accord admin-link` prints "
    "one."
)
FORGOTTEN = N_("Everything you submitted is deleted. Published statements stay.")
LINK_REPLACED = N_(
    "A personal link you used was replaced by a new one. Your answer there stays. To delete it, open the "
    "new link first."
)
LEARNING_ELSEWHERE = N_(
    "This doesn't cover what was given in another browser by a personal link. Do the same there."
)

# -- results -------------------------------------------------------------------------------------

RESULT_GONE = (
    N_("No longer stored"),
    N_(
        "This result is no longer stored. Each team chooses how long questions are kept after they end. "
        "The statement may still be in the channel where the question was asked."
    ),
)
RESULT_LINK_ENDED = (
    N_("This link no longer works"),
    N_("The people who run this question have ended it or made a new one. Ask them for the new link."),
)
RESULT_NOT_YET = (
    N_("Not yet"),
    N_("The result will appear here when the vote on this question closes."),
)
NO_STATEMENT_TITLE = N_("Ended without a statement")

# -- pictures ------------------------------------------------------------------------------------

# By what candidates are compared.
WELFARE = N_("Welfare")
CLOSENESS = N_("Closeness")


def candidate(place: int) -> str:
    """What a draft is called whose text is not shown; place: the best one's is 1."""
    return _("Candidate {number}").format(number=number(place))


def bars_told(bars: Iterable[tuple[str, str]]) -> str:
    """How many gave each rating, for whoever cannot see the picture."""
    # Translators: one of a list: so many people gave this rating, from 1 to 7.
    each = _("{count} gave {rating}")
    told = ", ".join(each.format(count=count, rating=rating) for rating, count in bars)
    return f"{told}."


def shares_told(bars: Iterable[tuple[str, str, str]]) -> str:
    """Which share was likely to give each rating, and which gave it."""
    # Translators: one of a list: a rating from 1 to 7, the likely share of members and the actual one.
    each = _("{rating}: {likely} and {actual}")
    shares = "; ".join(each.format(rating=rating, likely=a, actual=b) for rating, a, b in bars)
    return _("Share of members at each rating, likely and actual: {shares}.").format(shares=shares)


def candidates_told(bars: Iterable[tuple[str, str, bool]]) -> str:
    """The number of each candidate, and which one was chosen."""
    chosen, other = _("{candidate} (chosen): {value}"), _("{candidate}: {value}")
    told = "; ".join(
        (chosen if marked else other).format(candidate=name, value=value) for name, value, marked in bars
    )
    return f"{told}."


# -- opinion groups ------------------------------------------------------------------------------

# A draft unites groups as far as the group likes it that likes it least.
UNITES_MOST = N_("No other draft unites the groups more.")
OTHER_UNITES = N_("Another draft would unite the groups more.")
DIVIDES_MOST = N_("No other draft divides the groups more.")
MEMBERS_MAPPED = N_("Each mark is a member. Those who would rate the drafts alike are near each other.")
GROUPS_MAPPED = N_(
    "Each mark is a group, larger with more members. Groups that would rate the drafts alike are near each "
    "other."
)


def mapped(*, members: bool) -> str:
    """How to read a map on which a mark is one member, or a whole group."""
    return str(MEMBERS_MAPPED if members else GROUPS_MAPPED)


# -- reminding -----------------------------------------------------------------------------------


def reminder_to_send(d: Deliberation, link: str) -> str:
    """What those who run a question can send to people, whose addresses we do not have.

    link: the one for everyone; empty where there is none that lets people in.
    """
    until = texts.utc(d.open_until) if d.open_until else ""
    if d.phase is Phase.RATING:
        asks = _("Have you rated the statement on “{question}” yet? The vote closes {when}.")
    elif until:
        asks = _("Have you answered “{question}” yet? It closes {when}.")
    else:
        asks = _("Have you answered “{question}” yet?")
    if link:
        # Translators: before a link, at the end of a text that is sent to people.
        where = _("Take part here: {link}").format(link=link)
    else:
        where = _("Please use the personal link that you were sent.")
    return f"{asks.format(question=d.question, when=until)}\n{where}"


# -- what changes on an open page ----------------------------------------------------------------

# The page's scripts fill these in again, so their numbers are not known here.
# Translators: how many of how many, such as "3 of 12". The number changes while the page is open.
COUNT_OF = N_("{count} of {most}")
DRAFT_KEPT = N_("This was kept in your browser. It isn't sent yet.")
# Translators: what a list of the four steps of a question is called, for screen readers.
WAY = N_("Where this question stands")
# Translators: the four steps of every question, each one word where it can be.
STEPS = (N_("Opinions"), N_("Statement"), N_("Vote"), N_("Result"))
_STANDS = {Phase.OPINIONS: 0, Phase.MEDIATING: 1, Phase.RATING: 2, Phase.SETTLED: 3}
OPEN_UNTIL = N_("open until {when}")
VOTE_OPEN_UNTIL = N_("vote open until {when}")
CLOSES = N_("closes {when}")
# Translators: under an input, while somebody writes.
CHARACTERS = N_("{used} of {limit} characters")
COPIED = N_("Copied")
# Translators: beside an input for a time.
LOCAL_TIME = N_("(your local time)")
DRAFTING = N_("Drafting: {done} of {total}")
DRAFTING_WORDS = N_("Drafting: {done} of {total}, about {count} words so far")
PREDICTING = N_("Predicting agreement: {done} of {total}")


def step_of(phase: Phase) -> int | None:
    """The place in `STEPS` where a question stands; None before it opened and where it was cancelled."""
    return _STANDS.get(phase)


def count_of(count: int, most: int | None = None) -> str:
    """How many, or how many of how many."""
    if not most or count > most:
        return number(count)
    return COUNT_OF.format(count=number(count), most=number(most))


# -- requests that fail --------------------------------------------------------------------------

# By HTTP's number.
REQUESTS = {
    400: (
        N_("That did not work"),
        N_("Your browser sent something Accord doesn't understand. Go back and try again."),
    ),
    404: (N_("Not here"), N_("There is nothing at this address. Check the link you were sent.")),
    405: (N_("That did not work"), N_("This address only shows a page; go back and use the button there.")),
    413: (
        N_("Too much text"),
        N_("That's more text than Accord can take at once. Shorten it and send it again."),
    ),
    415: (N_("That did not work"), N_("This form was sent in a way Accord doesn't understand.")),
}
FORM_TOO_OLD = (
    N_("Please send that again"),
    N_(
        "This form is too old, or it did not come from this site, so nothing was changed. Go back, reload "
        "and send it again."
    ),
)
TOO_MANY_PAGES = (
    N_("Too many open pages"),
    N_("Too many pages are open at once, so this one won't update by itself. Reload it now and then."),
)
TOO_MANY_REQUESTS = (
    N_("Please slow down"),
    N_("You sent too many requests in a short time. Wait a moment, then reload this page."),
)
NOT_HERE = N_("Not here")
NOT_FOR_YOU = N_("You can't open this")
CANNOT_BE_DONE = N_("That can't be done")
BACK_SOON = N_("Back in a moment")
WENT_WRONG = N_("Something went wrong")

# -- forms ---------------------------------------------------------------------------------------

CHOOSE_DEADLINE = N_("Choose the new deadline.")
DATE_AND_TIME = N_("Enter a date and a time, such as 2026-12-24 18:00.")
NO_ADDRESS = N_("We can't message people on the web: they leave no address.")
