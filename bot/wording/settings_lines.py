"""What is said about settings, one's own and the team's, and on the app's own tab.

The fields themselves are in `bot.wording.fields`; what changing them answers, in `bot.wording.texts`.
"""

from collections.abc import Iterable

from bot.wording.language import N_, _, _n, listed, number

# -- one's own -----------------------------------------------------------------------------------

OWN_TITLE = N_("Your own settings")
OWN_TITLE_IN_SERVER = N_("Your own settings in this server")
REMIND_ME = N_("Remind me when I have not answered or rated")
REMIND_ME_HOW = N_("By direct message, once")
REMINDED = N_("You are reminded of questions that you have not answered or rated.")
NOT_REMINDED = N_("You are not reminded of questions that you have not answered or rated.")

# -- the team's ----------------------------------------------------------------------------------

TEAM_TITLE = N_("This server's settings")
LAST_CHANGES = N_("Last changes")
YOU_YOURSELF = N_("You yourself")
CHANGES_TITLE = N_("Changes of settings")
NEW_QUESTION_TITLE = N_("Defaults for new questions")
SWITCHES = N_("Switches")
NOTHING_SAVED = N_("Nothing was saved.")
# What a setting is, beside its label.
NOBODY = N_("nobody")
# Translators: of channels.
EVERYWHERE = N_("all")
YES = N_("yes")
NO = N_("no")
# Translators: a setting that has no value, such as “Close early after this many answers: none”.
NO_VALUE = N_("none")
UNTIL_CLOSED = N_("until somebody closes the question")
MISSING_PERMISSIONS = N_("Missing permissions")


def changed(label: str, before: str, after: str) -> str:
    """One field of a change."""
    return _("{label}: {before} → {after}").format(label=label, before=before, after=after)


def several(shown: Iterable[str], more: int) -> str:
    """A list of people, roles or channels; more: how many it has no room for."""
    if more <= 0:
        return listed(shown)
    # Translators: the end of a list of people, roles or channels: “A, B and 3 more”.
    return listed([*shown, _n("{count} more", "{count} more", more).format(count=number(more))])


def more_chosen(more: int, platform: str, shown: int) -> str:
    """Under a picker that has no room for all that are chosen."""
    told = _n(
        "{count} more is chosen and stays chosen. {platform} can only show {shown}.",
        "{count} more are chosen and stay chosen. {platform} can only show {shown}.",
        more,
    )
    return told.format(count=number(more), platform=platform, shown=number(shown))


# -- the app's own tab ---------------------------------------------------------------------------

TAB_INTRODUCTION = N_("Helps a channel agree.")
INTRODUCTION = N_("I help a channel agree on something.")
READS_NOTHING = N_("I help a channel agree on something. I don't read messages here or in channels.")


def begin_with(command: str) -> str:
    """The end of the answer to a direct message."""
    return _("Start with `{command} ask` in a channel. `{command} help` shows everything.").format(
        command=command
    )
