"""What commands answer: help, lists, results, status, exports, and what is said while something takes long.

Reads:  counts, and times and members' words in a platform's own form.
Gives:  sentences, one for each thing that is counted.
"""

from bot.wording import commands

# -- help ----------------------------------------------------------------------------------------

HELP_TITLE = commands.HELP
HELP_INTRODUCTION = "Accord helps a channel agree. You can say:"
MESSAGE_MENU = "In a message's menu, under Apps, “Find common ground” asks a question about that message."


def unknown_command(typed: str) -> str:
    """Above the help, where something else was typed."""
    return f"I don't know `{typed}`."


# -- lists ---------------------------------------------------------------------------------------

LIST_TITLE = commands.LIST
NONE = "None."
NONE_YET = "None yet."
OPEN = "Open"
PAST = "Past"
MORE_ON_THE_TAB = "The app's own tab lists them too."


def nothing_asked(command: str) -> str:
    """A channel without questions."""
    return f"No question has been asked in this channel. `{command} ask` begins one."


def older(count: int) -> str:
    """How many questions a list has no room for."""
    return "And 1 older one." if count == 1 else f"And {count:,} older ones."


def more(count: int) -> str:
    """How many other things a list has no room for."""
    return f"And {count:,} more."


def more_in_channels(count: int, command: str) -> str:
    """The same for questions of several channels."""
    return f"And {count:,} more. `{command} list` shows them in their channels."


def more_in_export(count: int) -> str:
    """The same for opinions by name."""
    return f"And {count:,} more. The export has all of them."


def say_words(command: str) -> str:
    """How a question is found that a list has no room for."""
    return f"To see one of those, add some of its words, such as `{command} results plastics`."


def until(when: str) -> str:
    """Where a question stands: until when it is open. Last in a row of parts."""
    return f"until {when}"


SEVERAL_FIT = "Several questions fit. Say which one with the option “question”."

# -- results -------------------------------------------------------------------------------------

THE_QUESTION = "The question"
WHOLE_IN_FILE = "The whole statement is in the file."


def own_rating(words: str) -> str:
    """How the reader rated."""
    return f"Your own rating: {words}."


# -- moving a deadline ---------------------------------------------------------------------------

NEW_DEADLINE = "New deadline"
DEADLINE_EXAMPLE = "tomorrow 5pm"


def new_deadline(when: str) -> str:
    """The time that was understood, before one of several questions is chosen for it."""
    return f"The new deadline: {when}."


def read_in_zone(zone: str) -> str:
    """In which time zone a time is read that somebody types."""
    return f"Read in your time zone ({zone})." if zone else "Read as UTC."


def poll_ends(when: str) -> str:
    """Why a vote cannot be open for longer, where a platform's own poll is its ballot."""
    return (
        f"The poll ends {when}, and Discord doesn't let anyone move that. Choose an earlier time, or close "
        "the vote."
    )


# -- status --------------------------------------------------------------------------------------

STATUS = "Status"
CONNECTION = "Connection"
SOCKET_MODE = "Connected by Socket Mode: Slack needs no address of this gateway."
HTTP_WITHOUT_ADDRESS = "HTTP mode: this gateway's public address is not set. Set ACCORD_BASE_URL to it."


def answers(platform: str) -> str:
    """That the platform can be reached, or this answer would not have come."""
    return f"{platform} answers."


def http_mode(address: str, path: str) -> str:
    """Where Slack calls."""
    return f"HTTP mode: Slack may call {address} at {path}."


def open_here(count: int) -> str:
    """How many questions are open in a channel."""
    return {0: "No question is open here.", 1: "One question is open here."}.get(
        count, f"{count:,} questions are open here."
    )


# -- exports -------------------------------------------------------------------------------------

EXPORT_SENT = "The export is in your direct messages with Accord."
EXPORT_AS_TEXT = (
    "The export is in your direct messages with Accord, as text, because Slack doesn't let Accord send "
    "files. For files, add files:write under OAuth & Permissions on api.slack.com/apps and install the app "
    "again."
)
EXPORT_LATER = "Slack asks Accord to wait for too long. Try the export again later."
EXPORT_TOO_LARGE = (
    "The export is too large for a file in this server. Discord takes larger files in servers with more "
    "boosts."
)


def export_of(question: str, note: str) -> str:
    """What stands above the files; note: what they say of whom (`texts.export_note`)."""
    return f"The data of your question “{question}”, for you alone. {note}"


def export_part(number: int, of: int) -> str:
    """A notification of one of several messages."""
    return f"Export, part {number} of {of}"


def export_cut(of: int, sent: int) -> str:
    """Where there are too many of them."""
    return f"The export has {of:,} parts; the first {sent:,} are here."


# -- what takes long -----------------------------------------------------------------------------

ONE_MOMENT = "One moment …"
STILL_POSTING = "Your question has arrived and is being posted. It will appear in the channel."
STILL_CHANGING = "Your change has arrived and is being saved. This window will say when it's done."
STILL_MOVING = "The new deadline has arrived and is being saved. This window will say when it's done."
READING_FILE = "Reading the file …"

# -- what was too late, or came wrong ------------------------------------------------------------

CHOICES_GONE = "You chose this too long ago, and it's gone. Ask again with /accord ask."
NOT_POSTED = (
    "Not posted: this window was open for more than a day, and what you chose before is gone. "
    "This is what you wrote. Open the window again to ask it with this server's usual choices."
)
USUAL_INSTEAD = "The window doesn't ask for that, so this server's usual choice is used."
OLD_BUTTON = "This button belongs to an older version of Accord. `/accord list` shows what there is now."
OLD_COMMAND = "This command has changed. Reload Discord and try it again."
WRONG_OPTION = "One of the options isn't valid. Choose from the ones offered."
NOT_HERE_YET = "Accord is not installed in this workspace."


def too_many_windows(seconds: int) -> str:
    """Slack opens only so many windows a minute."""
    return f"Slack only opens a limited number of windows a minute. Click again in {seconds:,} seconds."
