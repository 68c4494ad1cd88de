"""What apps need permission for on a platform, in words for whoever may give it there.

The platform's own names of permissions are as its settings show them in English.
"""

# Each of Slack's scopes, with what is lost without it.
LOST_ON_SLACK = {
    "channels:history": "threads are not read as background, and a message may be posted twice after a crash",
    "channels:read": "it is not known who is in a channel: nobody is reminded, and opinions are refused",
    "chat:write": "nothing can be posted",
    "commands": "/accord does not work",
    "emoji:read": "a scale cannot have emoji of the workspace's own",
    "files:read": "question files cannot be imported",
    "files:write": "exports come as text",
    "groups:history": "as channels:history, in private channels",
    "groups:read": "as channels:read, in private channels",
    "im:history": "direct messages are not answered",
    "im:write": "nobody can be written to",
    "reactions:read": "nobody can rate by reactions",
    "reactions:write": "the scale's reactions are not put under the statement",
    "users:read": "admins, guests and time zones are not known",
}

# Each permission by its name in the SDK: what Discord's settings call it, and what it is for.
ON_DISCORD = {
    "view_channel": ("View Channel", "see the channel"),
    "send_messages": ("Send Messages", "post the question"),
    "embed_links": ("Embed Links", "show the question and the statement"),
    "attach_files": ("Attach Files", "send long statements and exports as files"),
    "read_message_history": (
        "Read Message History",
        "reply to the statement with its result, and find messages and votes again after a break",
    ),
    "add_reactions": ("Add Reactions", "put up the reactions to rate with"),
    "send_polls": ("Create Polls", "put up the poll to rate with"),
    "create_public_threads": ("Create Public Threads", "open a thread for discussion"),
    "send_messages_in_threads": ("Send Messages in Threads", "post in threads"),
}
