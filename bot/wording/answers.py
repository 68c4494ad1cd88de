"""What commands answer: help, lists, results, status, exports, and what is said while something takes long.

Reads:  counts, and times and members' words in a platform's own form.
Gives:  sentences, one for each thing that is counted.
"""

from bot.wording import commands, texts
from bot.wording.language import N_, _, _n, number

# -- help ----------------------------------------------------------------------------------------

HELP_TITLE = commands.HELP
HELP_INTRODUCTION = N_("Accord helps a channel agree. You can say:")
MESSAGE_MENU = N_("In a message's menu, under Apps, “Find common ground” asks a question about that message.")


def unknown_command(typed: str) -> str:
    """Above the help, where something else was typed."""
    return _("I don't know `{typed}`.").format(typed=typed)


# -- lists ---------------------------------------------------------------------------------------

LIST_TITLE = commands.LIST
NONE = N_("None.")
NONE_YET = N_("None yet.")
# Whole words for both: “open” alone is a verb on buttons.
OPEN = N_("Open questions")
PAST = N_("Past questions")
# Translators: The verb: a link that opens a question, in a row of parts.
OPEN_LINK = N_("open")
MORE_ON_THE_TAB = N_("The app's own tab lists them too.")


def nothing_asked(command: str) -> str:
    """A channel without questions."""
    return _("No question has been asked in this channel. Ask one with `{command} ask`.").format(
        command=command
    )


def nothing_past(words: str) -> str:
    """No past question has these words."""
    if not words:
        return _("No past question is kept that you can see.")
    return _("No past question that you can see has the words “{words}”.").format(words=words)


MORE_PAST = N_("These are the newest. Add another word to find an older one.")


def older(count: int) -> str:
    """How many questions a list has no room for."""
    return _n("And {count} older one.", "And {count} older ones.", count).format(count=number(count))


def more(count: int) -> str:
    """How many other things a list has no room for."""
    # English has one form for both here and below; German and French do not.
    return _n("And {count} more.", "And {count} more.", count).format(count=number(count))


def more_in_channels(count: int, command: str) -> str:
    """The same for questions of several channels."""
    told = _n(
        "And {count} more. `{command} list` shows it in its channel.",
        "And {count} more. `{command} list` shows them in their channels.",
        count,
    )
    return told.format(count=number(count), command=command)


def more_in_export(count: int) -> str:
    """The same for opinions by name."""
    told = _n(
        "And {count} more. The export has all of them.",
        "And {count} more. The export has all of them.",
        count,
    )
    return told.format(count=number(count))


def say_words(command: str) -> str:
    """How a question is found that a list has no room for."""
    return _("To see one of those, add some of its words, such as `{command} results plastics`.").format(
        command=command
    )


def until(when: str) -> str:
    """Where a question stands: until when it is open. Last in a row of parts."""
    # Translators: stands after “Collecting opinions · 3 people have answered”, in a row.
    return _("until {when}").format(when=when)


SEVERAL_FIT = N_("Several questions fit. Say which one with the option “question”.")

# -- results -------------------------------------------------------------------------------------

THE_QUESTION = N_("The question")
WHOLE_IN_FILE = N_("The whole statement is in the file.")


def own_rating(words: str) -> str:
    """How the reader rated."""
    return _("Your own rating: {words}.").format(words=words)


# -- moving a deadline ---------------------------------------------------------------------------

NEW_DEADLINE = N_("New deadline")
DEADLINE_EXAMPLE = N_("tomorrow 5pm")


def new_deadline(when: str) -> str:
    """The time that was understood, before one of several questions is chosen for it."""
    return _("The new deadline: {when}.").format(when=when)


def read_in_zone(zone: str) -> str:
    """In which time zone a time is read that somebody types."""
    # Translators: under an input for a time.
    return _("Read in your time zone ({zone}).").format(zone=zone) if zone else _("Read as UTC.")


def poll_ends(when: str) -> str:
    """Why a vote cannot be open for longer, where a platform's own poll is its ballot."""
    return _(
        "The poll ends {when}, and Discord doesn't let anyone move that. Choose an earlier time, or close "
        "the vote."
    ).format(when=when)


# -- status --------------------------------------------------------------------------------------

STATUS = N_("Status")
CONNECTION = N_("Connection")
SOCKET_MODE = N_("Connected by Socket Mode: Slack needs no address of this gateway.")
HTTP_WITHOUT_ADDRESS = N_("HTTP mode: this gateway's public address is not set. Set ACCORD_BASE_URL to it.")


def answers(platform: str) -> str:
    """That the platform can be reached, or this answer would not have come."""
    # Translators: the platform can be reached: “Slack answers.”
    return _("{platform} answers.").format(platform=platform)


def http_mode(address: str, path: str) -> str:
    """Where Slack calls."""
    return _("HTTP mode: Slack may call {address} at {path}.").format(address=address, path=path)


def open_here(count: int) -> str:
    """How many questions are open in a channel."""
    if not count:
        return _("No question is open here.")
    told = _n("One question is open here.", "{count} questions are open here.", count)
    return told.format(count=number(count))


# -- who has answered ----------------------------------------------------------------------------


def answered_of(count: int, of: int | None) -> str:
    """How many have answered, of how many who could, where that is known."""
    if of is None or count > of:
        return texts.answered(count)
    told = _n("{count} of one member has answered.", "{count} of {of} members have answered.", of)
    return told.format(count=number(count), of=number(of))


def have_answered(names: str) -> str:
    """Of a named question; names: such as "Ann, Bob and Cem"."""
    return _("Answered: {names}.").format(names=names)


def have_not_answered(names: str) -> str:
    """The same of those who have not."""
    return _("Not answered yet: {names}.").format(names=names)


def others(count: int) -> str:
    """How many a list has no room for."""
    # Translators: the end of a list of names, such as "Ann, Bob and 3 others".
    return _n("{count} other", "{count} others", count).format(count=number(count))


# -- exports -------------------------------------------------------------------------------------

EXPORT_SENT = N_("The export is in your direct messages with Accord.")
EXPORT_AS_TEXT = N_(
    "The export is in your direct messages with Accord, as text, because Slack doesn't let Accord send "
    "files. For files, add files:write under OAuth & Permissions on api.slack.com/apps and install the app "
    "again."
)
EXPORT_LATER = N_("Slack is making Accord wait too long. Try the export again later.")
EXPORT_TOO_LARGE = N_(
    "The export is too large for a file in this server. Discord takes larger files in servers with more "
    "boosts."
)


def export_of(question: str, note: str) -> str:
    """What stands above the files; note: what they say of whom (`texts.export_note`)."""
    return _("The data of your question “{question}”, for you alone. {note}").format(
        question=question, note=note
    )


def export_part(part: int, of: int) -> str:
    """A notification of one of several messages."""
    return _("Export, part {part} of {of}").format(part=number(part), of=number(of))


def export_cut(of: int, sent: int) -> str:
    """Where there are too many of them."""
    return _("The export has {of} parts. Here are the first {sent}.").format(of=number(of), sent=number(sent))


# -- what takes long -----------------------------------------------------------------------------

ONE_MOMENT = N_("One moment …")
STILL_POSTING = N_("Your question has arrived and is being posted. It will appear in the channel.")
STILL_CHANGING = N_("Your change has arrived and is being saved. This window will say when it's done.")
STILL_MOVING = N_("The new deadline has arrived and is being saved. This window will say when it's done.")
READING_FILE = N_("Reading the file …")

# -- what was too late, or came wrong ------------------------------------------------------------

CHOICES_GONE = N_("You chose this too long ago, and it's gone. Ask again with /accord ask.")
NOT_POSTED = N_(
    "Not posted: this window was open for more than a day, and what you chose before is gone. "
    "This is what you wrote. Open the window again to ask it with this server's usual choices."
)
USUAL_INSTEAD = N_("The window doesn't ask for that, so this server's usual choice is used.")
OLD_BUTTON = N_("This button belongs to an older version of Accord. `/accord list` shows what there is now.")
OLD_COMMAND = N_("This command has changed. Reload Discord and try it again.")
WRONG_OPTION = N_("One of the options isn't valid. Choose from the ones offered.")
NOT_HERE_YET = N_("Accord is not installed in this workspace.")


def too_many_windows(seconds: int) -> str:
    """Slack opens only so many windows a minute."""
    told = _n(
        "Slack only opens a limited number of windows a minute. Click again in {count} second.",
        "Slack only opens a limited number of windows a minute. Click again in {count} seconds.",
        seconds,
    )
    return told.format(count=number(seconds))
