"""The payloads that Slack sends for what people do, field by field.

Reads:  records of `state.py`.
Gives:  slash command forms, block_actions, view_submission, view_closed, shortcuts.
Source: docs.slack.dev/reference/interaction-payloads and /interactivity/implementing-slash-commands.
"""

from tests.slack_server import wire
from tests.slack_server.state import Channel, Json, Message, Person, State, Team, View


def command(state: State, team: Team, person: Person, channel: Channel, words: str, url: str) -> Json:
    """A slash command as a form: every value is a string."""
    name, _, text = words.partition(" ")
    told: Json = {
        "token": state.app.verification_token,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": state.app.id,
        "is_enterprise_install": "true" if team.is_enterprise_install else "false",
        "response_url": url,
        "trigger_id": state.new_trigger(team, person.id),
    }
    if team.enterprise_id:
        told |= {"enterprise_id": team.enterprise_id, "enterprise_name": team.enterprise_name}
    return told


def channel_name(channel: Channel) -> str:
    """How payloads name a conversation: only public channels go by their own name."""
    return {"im": "directmessage", "mpim": "mpdm", "private": "privategroup"}.get(channel.kind, channel.name)


def interaction(state: State, team: Team, person: Person, kind: str) -> Json:
    """What all interaction payloads share. `team`: where Slack says that it happened."""
    enterprise = {"id": team.enterprise_id, "name": team.enterprise_name} if team.enterprise_id else None
    user = {"id": person.id, "username": person.name, "name": person.name}
    user["team_id"] = person.home.id if person.home else team.id
    workspace: Json = {"id": team.id, "domain": team.domain}
    if team.enterprise_id:
        workspace |= {"enterprise_id": team.enterprise_id, "enterprise_name": team.enterprise_name}
    return {
        "type": kind,
        "user": user,
        "api_app_id": state.app.id,
        "token": state.app.verification_token,
        "team": None if team.is_enterprise_install else workspace,
        "enterprise": enterprise,
        "is_enterprise_install": team.is_enterprise_install,
    }


def click_on_message(
    state: State, person: Person, message: Message, action: Json, values: Json, url: str
) -> Json:
    """block_actions of a message; an ephemeral one is not shown to the app again."""
    channel = message.channel
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    container["is_ephemeral"] = message.seen_by is not None
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    told = interaction(state, channel.team, person, "block_actions")
    told |= {"container": container, "trigger_id": state.new_trigger(channel.team, person.id)}
    told |= {"channel": {"id": channel.id, "name": channel_name(channel)}, "state": {"values": values}}
    if message.seen_by is None:
        told["message"] = wire.message(message, state.app)
    return told | {"response_url": url, "actions": [action]}


def click_in_view(state: State, person: Person, view: View, action: Json) -> Json:
    """block_actions of a modal or a home tab."""
    told = interaction(state, person.home or view.team, person, "block_actions")
    told |= {"container": {"type": "view", "view_id": view.id}}
    told |= {"trigger_id": state.new_trigger(view.team, person.id, view)}
    shown = wire.view(view, state)
    return told | {"view": shown, "state": shown["state"], "actions": [action]}


def submission(state: State, person: Person, view: View) -> Json:
    """view_submission; its team is that of whoever submits, as slackapi/bolt-js#1614 tells."""
    told = interaction(state, person.home or view.team, person, "view_submission")
    told["trigger_id"] = state.new_trigger(view.team, person.id, view)
    return told | {"view": wire.view(view, state), "response_urls": []}


def closing(state: State, person: Person, view: View, *, cleared: bool) -> Json:
    """view_closed."""
    told = interaction(state, person.home or view.team, person, "view_closed")
    return told | {"view": wire.view(view, state), "is_cleared": cleared}


def message_shortcut(state: State, person: Person, message: Message, callback_id: str, url: str) -> Json:
    """message_action."""
    channel = message.channel
    told = interaction(state, channel.team, person, "message_action")
    told |= {"callback_id": callback_id, "trigger_id": state.new_trigger(channel.team, person.id)}
    told |= {"channel": {"id": channel.id, "name": channel_name(channel)}, "action_ts": state.new_ts()}
    told |= {"message_ts": message.ts, "message": wire.message(message, state.app)}
    return told | {"response_url": url}


def global_shortcut(state: State, team: Team, person: Person, callback_id: str) -> Json:
    """shortcut."""
    told = interaction(state, team, person, "shortcut")
    told |= {"callback_id": callback_id, "action_ts": state.new_ts()}
    return told | {"trigger_id": state.new_trigger(team, person.id)}
