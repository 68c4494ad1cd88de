"""users.*, usergroups.* and reactions.*: who somebody is, and what they reacted with.

Source: docs.slack.dev/reference/methods (users.info, usergroups.list, reactions.add and their neighbours).
"""

import re

from bot.wording.emoji import standard
from tests.slack_server import wire
from tests.slack_server.methods_conversations import page
from tests.slack_server.state import Channel, Json, Message
from tests.slack_server.web_api import ApiError, Call, find_channel, method

ALIASES = {
    "thumbsup": "+1",
    "thumbsdown": "-1",
    "hankey": "poop",
    "collision": "boom",
    "satisfied": "laughing",
    "red_heart": "heart",
}
"""Names that Slack stores under another one (a handful of them)."""
MOST_EMOJI = 50
_NAME = re.compile(r"[a-z0-9_+'\-]+(::skin-tone-[2-6])?")


def normalised(name: str) -> str:
    """An emoji's name as Slack stores it: no colons, no alias, the skin tone kept."""
    bare = name.removeprefix(":").removesuffix(":") if not name.endswith("::") else name
    if not _NAME.fullmatch(bare):
        raise ApiError("invalid_name")
    first, *tone = bare.split("::")
    return "::".join([ALIASES.get(first, first), *tone])


@method("users.info", "users:read")
def info(call: Call) -> Json:
    person = call.team.people.get(call.required("user"))
    if person is None:
        raise ApiError("user_not_found")
    return {"user": wire.person(call.team, person, locale=call.flag("include_locale"))}


@method("users.list", "users:read")
def list_people(call: Call) -> Json:
    found, cursor = page(call, list(call.team.people.values()), 200)
    locale = call.flag("include_locale")
    members = [wire.person(call.team, each, locale=locale) for each in found]
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


@method("usergroups.list", "usergroups:read")
def list_groups(call: Call) -> Json:
    return {
        "usergroups": [
            {"id": f"S{number:03}", "team_id": call.team.id, "handle": handle, "name": handle.title()}
            for number, handle in enumerate(call.team.groups)
        ]
    }


@method("usergroups.users.list", "usergroups:read")
def list_group_members(call: Call) -> Json:
    wanted = call.required("usergroup")
    for number, users in enumerate(call.team.groups.values()):
        if wanted == f"S{number:03}":
            return {"users": list(users)}
    raise ApiError("no_such_subteam")


@method("emoji.list", "emoji:read")
def list_emoji(call: Call) -> Json:
    return {"emoji": dict(call.team.emoji)}


@method("reactions.add", "reactions:write")
def add(call: Call) -> Json:
    message = _item(call)
    name = normalised(call.required("name"))
    bare = name.split("::")[0]
    if standard(bare) is None and bare not in call.team.emoji:
        raise ApiError("invalid_name")
    if message.channel.archived:
        raise ApiError("is_archived")
    users = message.reactions.setdefault(name, [])
    if call.caller in users:
        raise ApiError("already_reacted")
    if len([n for n, u in message.reactions.items() if u or n == name]) > MOST_EMOJI:
        raise ApiError("too_many_emoji")
    users.append(call.caller)
    call.server.reacted(message, call.caller, name, added=True)
    return {}


@method("reactions.remove", "reactions:write")
def remove(call: Call) -> Json:
    message = _item(call)
    name = normalised(call.required("name"))
    if call.caller not in message.reactions.get(name, []):
        raise ApiError("no_reaction")
    message.reactions[name].remove(call.caller)
    call.server.reacted(message, call.caller, name, added=False)
    return {}


@method("reactions.get", "reactions:read")
def get(call: Call) -> Json:
    message = _item(call)
    shown = wire.message(message, call.state.app, full=call.flag("full"))
    return {"type": "message", "channel": message.channel.id, "message": shown}


def _item(call: Call) -> Message:
    if not call.args.get("channel") or not call.args.get("timestamp"):
        raise ApiError("no_item_specified")
    channel: Channel = find_channel(call, call.text("channel"))
    message = channel.message(call.text("timestamp"))
    if message is None:
        raise ApiError("message_not_found")
    if call.caller not in channel.members and call.method != "reactions.get":
        raise ApiError("not_in_channel")
    return message
