"""What is said about settings, one's own and the team's, and on the app's own tab.

The fields themselves are in `bot.wording.fields`; what changing them answers, in `bot.wording.texts`.
"""

# -- one's own -----------------------------------------------------------------------------------

OWN_TITLE = "Your own settings"
OWN_TITLE_IN_SERVER = "Your own settings in this server"
REMIND_ME = "Remind me when I have not answered or rated"
REMIND_ME_HOW = "By direct message, once"
REMINDED = "You are reminded of questions that you have not answered or rated."
NOT_REMINDED = "You are not reminded of questions that you have not answered or rated."

# -- the team's ----------------------------------------------------------------------------------

TEAM_TITLE = "This server's settings"
LAST_CHANGES = "Last changes"
YOU_YOURSELF = "You yourself"
CHANGES_TITLE = "Changes of settings"
NEW_QUESTION_TITLE = "What a new question starts from"
SWITCHES = "Switches"
NOTHING_SAVED = "Nothing was saved."
NOBODY = "nobody"
EVERYWHERE = "all"
YES = "yes"
NO = "no"
NO_VALUE = "none"
UNTIL_CLOSED = "until somebody closes the question"
MISSING_PERMISSIONS = "Missing permissions"


def changed(label: str, before: str, after: str) -> str:
    """One field of a change."""
    return f"{label}: {before} → {after}"


def several(shown: str, more: int) -> str:
    """A list of people, roles or channels; more: how many it has no room for."""
    return f"{shown} and {more:,} more" if more > 0 else shown


def more_chosen(more: int, platform: str, shown: int) -> str:
    """Under a picker that has no room for all that are chosen."""
    if more == 1:
        return f"1 more is chosen and stays; {platform} shows {shown:,}."
    return f"{more:,} more are chosen and stay; {platform} shows {shown:,}."


# -- the app's own tab ---------------------------------------------------------------------------

TAB_INTRODUCTION = "Helps a channel agree."
INTRODUCTION = "I help a channel agree on something."
READS_NOTHING = "I help a channel agree on something. I don't read messages here or in channels."


def begin_with(command: str) -> str:
    """The end of the answer to a direct message."""
    return f"Begin with `{command} ask` in a channel. `{command} help` shows everything."
