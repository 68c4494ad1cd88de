"""Records as Slack puts them on the wire.

Reads:  the records of `state.py`.
Gives:  the JSON objects that the Web API answers with and that payloads carry.
Source: docs.slack.dev/reference/objects.
"""

from tests.slack_server.elements import state_of
from tests.slack_server.state import AppIdentity, Channel, Json, Message, Person, State, Team, View

REACTING_USERS_SHOWN = 25
"""Of how many people `reactions.get` names without `full=true`; the count stays whole."""


def person(team: Team, each: Person, *, locale: bool = False) -> Json:
    """A user object."""
    told: Json = {
        "id": each.id,
        "team_id": each.home.id if each.home else team.id,
        "is_stranger": each.home is not None,
        "name": each.name,
        "deleted": each.deleted,
        "real_name": each.real_name or each.name,
        "profile": {"display_name": each.name, "real_name": each.real_name or each.name, "team": team.id},
        "is_bot": each.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if each.deleted:
        return told
    told |= {"tz": each.tz, "tz_label": each.tz_label, "tz_offset": each.tz_offset}
    told |= {"is_admin": each.is_admin, "is_owner": each.is_owner, "is_primary_owner": False}
    told |= {"is_restricted": each.is_restricted, "is_ultra_restricted": each.is_ultra_restricted}
    return told | ({"locale": each.locale} if locale else {})


def channel(each: Channel, *, viewer: str, num_members: bool = False) -> Json:
    """A conversation object as `viewer` (the bot) sees it."""
    told: Json = {
        "id": each.id,
        "created": each.created,
        "creator": each.creator,
        "is_archived": each.archived,
        "is_channel": each.kind == "public",
        "is_group": each.kind == "private",
        "is_im": each.kind == "im",
        "is_mpim": each.kind == "mpim",
        "is_private": each.kind != "public",
        "is_org_shared": False,
        "context_team_id": each.team.id,
    }
    if each.kind == "im":
        told["user"] = next((m for m in each.members if m != viewer), viewer)
        return told | {"is_open": True}
    told |= {"name": each.name, "name_normalized": each.name, "is_general": each.name == "general"}
    told |= {"is_member": viewer in each.members, "is_shared": False, "is_ext_shared": False}
    return told | ({"num_members": len(each.members)} if num_members else {})


def message(each: Message, app: AppIdentity, *, metadata: bool = False, full: bool = False) -> Json:
    """A message object."""
    told: Json = {"type": "message", "user": each.user, "text": each.text, "ts": each.ts}
    told["team"] = each.channel.team.id
    if each.bot_id:
        told |= {"bot_id": each.bot_id, "app_id": app.id}
    if each.blocks:
        told["blocks"] = each.blocks
    if each.edited_ts:
        told["edited"] = {"user": each.user, "ts": each.edited_ts}
    if each.metadata and metadata:
        told["metadata"] = each.metadata
    return told | _thread(each) | _reactions(each, full=full)


def _thread(each: Message) -> Json:
    if each.thread_ts is not None:
        return {"thread_ts": each.thread_ts}
    replies = each.channel.thread(each.ts)
    if not replies:
        return {}
    return {"thread_ts": each.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}


def _reactions(each: Message, *, full: bool) -> Json:
    told = [
        {"name": name, "users": users if full else users[:REACTING_USERS_SHOWN], "count": len(users)}
        for name, users in each.reactions.items()
        if users
    ]
    return {"reactions": told} if told else {}


def view(each: View, state: State) -> Json:
    """A view object, with what its reader typed so far."""
    given = each.given
    told: Json = {
        "id": each.id,
        "team_id": each.team.id,
        "type": given["type"],
        "blocks": each.blocks,
        "private_metadata": given.get("private_metadata", ""),
        "callback_id": each.callback_id,
        "state": {"values": state_of(each.blocks, each.typed)},
        "hash": each.hash,
        "title": given.get("title"),
        "clear_on_close": given.get("clear_on_close", False),
        "notify_on_close": given.get("notify_on_close", False),
        "close": given.get("close"),
        "submit": given.get("submit"),
        "previous_view_id": each.previous_id,
        "root_view_id": each.root_id,
        "app_id": state.app.id,
        "external_id": each.external_id,
        "app_installed_team_id": each.team.id,
        "bot_id": each.team.bot_id,
    }
    return told
