"""What web pages say that no chat has to: on links, on signing in and out, on requests that fail.

A page's own prose is in its template. A pair is a page's title and what stands under it.
"""

# -- links ---------------------------------------------------------------------------------------

LINK_MADE = "There is a link for everyone now."
LINK_RENEWED = "There is a new link for everyone. The old one no longer works."
LINK_CLOSED = "The link for everyone no longer works."
LINK_PAUSED = "The link for everyone no longer lets new people in."
LINK_RESUMED = "New people can come in by the link for everyone again."
TICK_LINKS = "Tick the links to end."
LINK_COUNTS_BROWSERS = (
    "It counts browsers, not people: in an anonymous question, one person who takes part from two browsers "
    "could tell how a third person rated."
)
LINK_EXPIRED = (
    "This link has expired",
    "Links to Accord open for a limited time. Ask the person who sent it to you for a new one.",
)
LINK_BROKEN = (
    "This link does not work",
    "It may have been cut off when it was copied. Open it once more in full, or ask for a new one.",
)
LINK_ENDED = (
    "This link no longer works",
    "The person who runs this question has ended it or made a new one. Ask them for the new link.",
)
LINK_USED = (
    "This link no longer works",
    "An admin link works once, and stops working when all admins are signed out. "
    "Run `accord admin-link` for another.",
)
NOBODY_NEW = (
    "No new participants",
    "Nobody new can come in by this link. If you took part before, open the question in the same browser; "
    "if not, ask the person who runs it for a personal link.",
)
TOO_MANY_NEW = (
    "A little patience, please",
    "Many people came in from your network within a minute. Wait a minute, then open the link again. "
    "The person who runs this question can let more in at once.",
)
ENDED = (
    "The link you used no longer opens this question. Ask the person who runs it for the new one. "
    "Your answers are saved."
)
NAME_TAKEN = (
    "Somebody with this name has a personal link to this question. If that is you, open your link. "
    "If not, write your name differently."
)
NAME_IN_USE = (
    "Somebody has answered under this name or one like it. If that was you, change your answer in the same "
    "browser as before. If not, add something to your name, such as an initial."
)
GIVEN_ELSEWHERE = (
    "Somebody answered by this personal link in another browser, and only that browser can change the "
    "answer. To answer here, ask the person who sent you the link for a new one. The first answer then stays "
    "as it is; “Forget me” under your data deletes it, and ends this link."
)
GIVEN_ELSEWHERE_BY = (
    "This personal link is for {name}. Somebody answered by it in another browser, and only that browser can "
    "change the answer. To answer here, ask the person who sent you the link for a new one. The first answer "
    "then stays as it is; “Forget me” under your data deletes it, and ends this link."
)
NO_LINK_TO_ASK = (
    "To ask a question here, you need a working link, and yours no longer work. "
    "Ask the person who sent it to you for a new one."
)


def newcomers(per_minute: int) -> str:
    """How many new people one network may bring in."""
    if per_minute == 1:
        return "One network can bring in 1 new person a minute."
    return f"One network can bring in {per_minute:,} new people a minute."


def write_names(most: int) -> str:
    """For whom personal links are made."""
    return f"Write 1 to {most:,} names, one on each line."


def given_elsewhere(name: str) -> str:
    """Who can change what was given by a personal link, and what others can do; name: on the link, if any."""
    return GIVEN_ELSEWHERE_BY.format(name=name) if name else GIVEN_ELSEWHERE


def links_ended(count: int) -> str:
    """How many personal links were ended."""
    return "1 personal link no longer works." if count == 1 else f"{count:,} personal links no longer work."


# -- signing in and out --------------------------------------------------------------------------


def hidden_opinions(count: int) -> str:
    """Which opinions "forget me" deletes without showing them first."""
    what = "1 opinion that isn't" if count == 1 else f"{count:,} opinions that aren't"
    return (
        f"{what} shown here will be deleted too. This happens to what was given in another browser, before "
        "an update, or by a link that has ended."
    )


LEFT = "You signed out of every browser. Open your personal link again to come back."
SIGNED_OUT = "You are signed out of this browser."
SIGNED_OUT_EVERYWHERE = "You are signed out of every browser. Your personal links still open."
ADMINS_SIGNED_OUT = "All admins are signed out. Admin links made before now no longer work."
NOT_SIGNED_IN = (
    "You are not signed in here. Open the link that you were given once more; if it has expired, ask for a "
    "new one."
)
ADMINS_ONLY = (
    "This page is for the people who run Accord here. Sign in with a new link: `accord admin-link` prints "
    "one."
)
FORGOTTEN = "Everything you submitted is deleted. Published statements stay."
LINK_REPLACED = (
    "A personal link that you used was replaced by a new one. What was given in that question stays: to "
    "delete it, open the new link first."
)
TICK_TO_FORGET = "Tick the box first: you can't undo this."

# -- results -------------------------------------------------------------------------------------

RESULT_GONE = (
    "Not kept any more",
    "This result is not kept any more: questions are erased some time after they ended, as their team has "
    "chosen. The statement may still stand in the channel where it was asked.",
)
RESULT_LINK_ENDED = (
    "This link no longer works",
    "The people who run this question have ended it or made a new one. Ask them for the new link.",
)
RESULT_NOT_YET = (
    "Not yet",
    "The vote on this question is not closed yet. Its result is shown here when it is.",
)
NO_STATEMENT_TITLE = "Ended without a statement"

# -- requests that fail --------------------------------------------------------------------------

# By HTTP's number.
REQUESTS = {
    400: (
        "That did not work",
        "Your browser sent something that Accord does not understand. Go back and try again.",
    ),
    404: ("Not here", "There is nothing under this address. Check the link that you were given."),
    405: ("That did not work", "This address only shows a page; go back and use the button there."),
    413: ("Too much text", "That is more text than Accord takes at once. Shorten it and send it again."),
    415: ("That did not work", "This form was sent in a way that Accord does not understand."),
}
FORM_TOO_OLD = (
    "Please send that again",
    "This form is too old, or it did not come from this site, so nothing was changed. Go back, reload and "
    "send it again.",
)
TOO_MANY_PAGES = (
    "Too many open pages",
    "Too many pages are watching at once. Reload this one now and then instead.",
)
TOO_MANY_REQUESTS = (
    "A little slower, please",
    "Too many requests came from you in a short time. Wait a moment, then reload this page.",
)
NOT_HERE = "Not here"
NOT_FOR_YOU = "Not for you"
CANNOT_BE_DONE = "That cannot be done"
BACK_SOON = "Back in a moment"
WENT_WRONG = "Something went wrong"

# -- forms ---------------------------------------------------------------------------------------

CHOOSE_DEADLINE = "Choose the new deadline."
DATE_AND_TIME = "Give a date and a time, such as 2026-12-24T18:00."
NO_ADDRESS = "Visitors of the web channel cannot be written to: they leave no address."
