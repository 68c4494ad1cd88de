"""What apps need permission for on a platform, in words for whoever may give it there.

The platform's own names of permissions are as its settings show them in English.
"""

from bot.wording.language import N_

# Each of Slack's scopes, with what is lost without it.
LOST_ON_SLACK = {
    "channels:history": N_(
        "threads are not read as background, and a message may be posted twice after a crash"
    ),
    "channels:read": N_(
        "Accord can't tell who is in a channel, so nobody is reminded and opinions are refused"
    ),
    "chat:write": N_("nothing can be posted"),
    "commands": N_("/accord does not work"),
    "emoji:read": N_("a scale can't use the workspace's own emoji"),
    "files:read": N_("question files cannot be imported"),
    "files:write": N_("exports come as text, and results without a picture"),
    "groups:history": N_("as channels:history, in private channels"),
    "groups:read": N_("as channels:read, in private channels"),
    "im:history": N_("direct messages are not answered"),
    "im:write": N_("nobody can be messaged"),
    "reactions:read": N_("nobody can rate by reactions"),
    "reactions:write": N_("the scale's reactions are not put under the statement"),
    "usergroups:read": N_("Accord can't tell who is in a user group, so groups have no seat on a jury"),
    "users:read": N_("Accord can't tell who is an admin or a guest, or what time zone people are in"),
}

# Each permission by its name in the SDK: what Discord's settings call it, and what it is for.
ON_DISCORD = {
    "view_channel": ("View Channel", N_("to see the channel")),
    "send_messages": ("Send Messages", N_("to post the question")),
    "embed_links": ("Embed Links", N_("to show the question and the statement")),
    "attach_files": (
        "Attach Files",
        N_("to show pictures of results, and send long statements and exports as files"),
    ),
    "read_message_history": (
        "Read Message History",
        N_("to reply to the statement with its result, and find messages and votes again after a break"),
    ),
    "add_reactions": ("Add Reactions", N_("to add the reactions people rate with")),
    "send_polls": ("Create Polls", N_("to post the poll people rate with")),
    "create_public_threads": ("Create Public Threads", N_("to open a thread for discussion")),
    "send_messages_in_threads": ("Send Messages in Threads", N_("to post in threads")),
}
