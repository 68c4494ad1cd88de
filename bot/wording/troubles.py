"""Why a platform did not do something, and what helps: once for all platforms.

Reads:  the platform's name, and how its settings call a permission.
Gives:  sentences, for whoever asked or whoever runs Accord there. They quote nobody.
"""


def asks_to_wait(platform: str) -> str:
    """Too many messages in a short time."""
    return f"{platform} asks to wait before the next message."


def silent(platform: str) -> str:
    """No answer, or one that cannot be read."""
    return f"{platform} isn't answering as it should. Accord keeps trying."


def refused(platform: str, code: object) -> str:
    """Any other refusal; code: the platform's own word or number for it."""
    return f"{platform} refused this ({code})."


def about_question(question: str, problem: str, goes_on: str) -> str:
    """To who asked: what hinders their question, and how it goes on."""
    return f"About your question “{question}”: {problem} {goes_on}"


PLATFORM_OFF = "The platform of this channel is not switched on in this process."
MESSAGE_GONE = "The message was deleted or can no longer be edited. Accord posts it again."
VOTES_GONE = "The message with the votes was deleted. What was counted stands."
CHANNEL_GONE = "The channel is gone. Ask the question again in another one."

# -- Slack ---------------------------------------------------------------------------------------

NOT_IN_CHANNEL = (
    "Accord is not in this channel. Invite it there with /invite and the app's name, then try again."
)
NO_GROUPS = (
    "Accord can't ask in group conversations, because apps can't be invited to them. Ask in a channel, or "
    "turn this conversation into one."
)
CHANNEL_ARCHIVED = "This channel is archived. Unarchive it, or ask in another channel."
NO_APPS = "This channel does not let apps post. Ask a workspace admin, or use another channel."
UNINSTALLED = (
    "Slack no longer accepts Accord's token for this workspace. Ask an admin to install the app again."
)
MESSAGES_OFF = (
    "Messages to people are switched off in the Slack app. Switch the Messages Tab on under App Home on "
    "api.slack.com/apps."
)
LEFT_WORKSPACE = "This person has left the workspace or takes no messages from apps."
CLICK_AGAIN = "Slack waits only three seconds for a window to open, and this one came too late. Click again."
STOPPING = "This process is stopping; it no longer calls Slack."
GUESTS_UNKNOWN = (
    "Guests do not take part here, and Slack does not say right now who is one. Try again in a minute."
)
EVERY_PERMISSION = "The app has every permission that it needs."
ANOTHER_PERMISSION = "another one"


def lacks_permission(needed: str) -> str:
    """needed: Slack's name for it."""
    return (
        f"The Slack app lacks a permission: {needed}. Add it under OAuth & Permissions on api.slack.com/apps "
        "and install the app again."
    )


def lacks_permissions(needed: str) -> str:
    """needed: Slack's names, each with what does not work without it."""
    return (
        f"The app lacks permissions: {needed}. Add them under OAuth & Permissions on api.slack.com/apps, "
        "then install the app again."
    )


# -- Discord -------------------------------------------------------------------------------------

LEFT_SERVER = "This person has left the server or takes no messages from Accord."
NOT_IN_SERVER = "Accord is no longer in this server. Add it again."
NOT_SEEN = "Accord cannot see this channel. Give its role View Channel there, or ask in another one."
THREAD_ARCHIVED = "This thread is archived. Open it again, or ask in another channel."
THREAD_LOCKED = "This thread is locked. Unlock it, or ask in another channel."
NO_HISTORY = "Accord may not read this channel's history. Give its role Read Message History there."
EVERY_PERMISSION_HERE = "Accord has every permission that it needs in this channel."
GIVE_PERMISSIONS = "Give them to Accord's role under Edit Channel, Permissions."
PROCESS_STOPPING = (
    "This process gave its connections to Discord back: it is stopping. Another one, or the next, goes on."
)


def not_allowed(permissions: str) -> str:
    """permissions: all that Accord may need, as Discord calls them."""
    return f"Accord may not do this in the channel. Give its role there: {permissions}."


def token_refused(portal: str) -> str:
    """portal: the address where a new token is made."""
    return f"Discord does not take DISCORD_TOKEN. Make a new one under Bot, Reset Token, on {portal}."


def lacking_here(permissions: str) -> str:
    """permissions: each with what it is for."""
    return (
        f"Accord lacks permissions in this channel: {permissions}. Give them to its role under Edit Channel, "
        "Permissions."
    )


def lacking_there(permissions: str) -> str:
    """The same of the channel that a schedule posts in."""
    return f"Accord lacks permissions there: {permissions}. Give them under Edit Channel, Permissions."


# -- emoji ---------------------------------------------------------------------------------------
# Each with a place for what was typed.

NOT_OF_WORKSPACE = "“{}” is neither a standard emoji nor one of this workspace's own."
EMOJI_NOT_ALLOWED = (
    "“{}” is no standard emoji. For emoji of this workspace's own the app needs the permission emoji:read; "
    "an admin can add it."
)
WORKSPACE_EMOJI_UNKNOWN = (
    "“{}” is no standard emoji, and Slack does not say right now whether this workspace has it. Try again."
)
NOT_OF_SERVER = "“{}” is neither a standard emoji nor one of this server's own."
OF_ANOTHER_SERVER = "“{}” is not one of this server's own emoji. Choose one of those, or a standard one."
SERVER_EMOJI_UNKNOWN = (
    "Discord does not say right now whether “{}” is one of this server's own emoji. Try again."
)


def workspace_emoji_gone(question: str, emoji: str) -> str:
    """To who asked: steps of the scale that nobody can choose now."""
    return (
        f"About your question “{question}”: this workspace no longer has these emoji of the scale: {emoji}. "
        "Members can't react with them until somebody adds them again; the other points work, and so does "
        "the vote."
    )


def server_emoji_gone(question: str, emoji: str) -> str:
    """The same; emoji: the words of those steps."""
    return (
        f"About your question “{question}”: this server no longer has the emoji that stand for: {emoji}. "
        "Members can choose the others. You can choose other emoji when you ask again."
    )
