"""Why a platform did not do something, and what helps: once for all platforms.

Reads:  the platform's name, and how its settings call a permission.
Gives:  sentences, for whoever asked or whoever runs Accord there. They quote nobody.
What is the sentence of an error is a constant with places: whoever reads it is known later (`explained`).
"""

from collections.abc import Iterable

from bot.wording.language import N_, _, listed

# The platform's name, and its own word or number for a refusal, stand in these.
ASKS_TO_WAIT = N_("{platform} asked Accord to wait before the next message.")
SILENT = N_("{platform} isn't answering as it should. Accord keeps trying.")
REFUSED = N_("{platform} refused this ({reason}).")


def about_question(question: str, problem: str, goes_on: str) -> str:
    """To who asked: what hinders their question, and how it goes on."""
    return _("About your question “{question}”: {problem} {goes_on}").format(
        question=question, problem=problem, goes_on=goes_on
    )


PLATFORM_OFF = N_("This process is not connected to this channel's platform.")
MESSAGE_GONE = N_("The message was deleted or can no longer be edited. Accord posts it again.")
VOTES_GONE = N_("The message with the votes was deleted. Votes already counted still count.")
CHANNEL_GONE = N_("The channel is gone. Ask the question again in another one.")

# -- Slack ---------------------------------------------------------------------------------------

NOT_IN_CHANNEL = N_(
    "Accord is not in this channel. Invite it there with /invite and the app's name, then try again."
)
NO_GROUPS = N_(
    "Accord can't ask in group conversations, because apps can't be invited to them. Ask in a channel, or "
    "turn this conversation into one."
)
CHANNEL_ARCHIVED = N_("This channel is archived. Unarchive it, or ask in another channel.")
NO_APPS = N_("Apps can't post in this channel. Ask a workspace admin, or use another channel.")
UNINSTALLED = N_(
    "Slack no longer accepts Accord's token for this workspace. Ask an admin to install the app again."
)
MESSAGES_OFF = N_(
    "Messages to people are switched off in the Slack app. Switch the Messages Tab on under App Home on "
    "api.slack.com/apps."
)
LEFT_WORKSPACE = N_("This person has left the workspace or doesn't accept messages from apps.")
CLICK_AGAIN = N_(
    "Slack waits only three seconds for a window to open, and this one came too late. Click again."
)
STOPPING = N_("This process is stopping, so it no longer calls Slack.")
GUESTS_UNKNOWN = N_(
    "Guests can't take part here, and Slack can't say right now who is a guest. Try again in a minute."
)
EVERY_PERMISSION = N_("The app has every permission it needs.")
# Translators: stands in place of the name of a permission that is not known.
ANOTHER_PERMISSION = N_("another one")
# By Slack's name for it.
LACKS_PERMISSION = N_(
    "The Slack app lacks a permission: {needed}. Add it under OAuth & Permissions on api.slack.com/apps and "
    "install the app again."
)


def lacks_permissions(needed: str) -> str:
    """needed: Slack's names, each with what does not work without it."""
    return _(
        "The app lacks permissions: {needed}. Add them under OAuth & Permissions on api.slack.com/apps, "
        "then install the app again."
    ).format(needed=needed)


# -- Discord -------------------------------------------------------------------------------------

LEFT_SERVER = N_("This person has left the server or doesn't accept messages from Accord.")
NOT_IN_SERVER = N_("Accord is no longer in this server. Add it again.")
NOT_SEEN = N_("Accord cannot see this channel. Give its role View Channel there, or ask in another one.")
THREAD_ARCHIVED = N_("This thread is archived. Open it again, or ask in another channel.")
THREAD_LOCKED = N_("This thread is locked. Unlock it, or ask in another channel.")
NO_HISTORY = N_("Accord can't read this channel's history. Give its role Read Message History there.")
EVERY_PERMISSION_HERE = N_("Accord has every permission it needs in this channel.")
GIVE_PERMISSIONS = N_("Give them to Accord's role under Edit Channel, Permissions.")
PROCESS_STOPPING = N_(
    "This process is stopping and has closed its connection to Discord. Another process will carry on."
)
# By all that Accord may need, as Discord calls it.
NOT_ALLOWED = N_("Accord may not do this in the channel. Give its role there: {permissions}.")
# By the address where a new token is made.
TOKEN_REFUSED = N_("Discord rejects DISCORD_TOKEN. Make a new one under Bot, Reset Token, on {portal}.")


def lacking_here(permissions: str) -> str:
    """permissions: each with what it is for."""
    return _(
        "Accord lacks permissions in this channel: {permissions}. Give them to its role under Edit Channel, "
        "Permissions."
    ).format(permissions=permissions)


def lacking_there(permissions: str) -> str:
    """The same of the channel that a schedule posts in."""
    return _(
        "Accord lacks permissions there: {permissions}. Give them under Edit Channel, Permissions."
    ).format(permissions=permissions)


# -- emoji ---------------------------------------------------------------------------------------
# Each with a place for what was typed.

NOT_OF_WORKSPACE = N_("“{emoji}” isn't a standard emoji or one of this workspace's own.")
EMOJI_NOT_ALLOWED = N_(
    "“{emoji}” isn't a standard emoji. To use this workspace's own emoji, the app needs the permission "
    "emoji:read. An admin can add it."
)
WORKSPACE_EMOJI_UNKNOWN = N_(
    "“{emoji}” isn't a standard emoji, and Slack can't say right now whether this workspace has it. Try "
    "again."
)
NOT_OF_SERVER = N_("“{emoji}” isn't a standard emoji or one of this server's own.")
OF_ANOTHER_SERVER = N_(
    "“{emoji}” is not one of this server's own emoji. Choose one of those, or a standard one."
)
SERVER_EMOJI_UNKNOWN = N_(
    "Discord can't say right now whether “{emoji}” is one of this server's own emoji. Try again."
)


def workspace_emoji_gone(question: str, emoji: Iterable[str]) -> str:
    """To who asked: steps of the scale that nobody can choose now."""
    return _(
        "About your question “{question}”: this workspace no longer has these emoji of the scale: {emoji}. "
        "Members can't react with them until somebody adds them again; the other points work, and so does "
        "the vote."
    ).format(question=question, emoji=listed(emoji))


def server_emoji_gone(question: str, emoji: Iterable[str]) -> str:
    """The same; emoji: the words of those steps."""
    return _(
        "About your question “{question}”: this server no longer has the emoji that stand for: {emoji}. "
        "Members can choose the others. You can choose other emoji when you ask again."
    ).format(question=question, emoji=listed(emoji))
