"""Events: what happens in a workspace, told to the app where it subscribed and may know.

Reads:  things that happened (a reaction, a message, somebody leaving, the app removed).
Gives:  event_callback payloads to `delivery.py`.
An event about a conversation reaches the app only while its bot is a member, and only with the scope for it.
Source: docs.slack.dev/reference/events and /apis/events-api.
"""

import secrets
from dataclasses import dataclass, field

from tests.slack_server import wire
from tests.slack_server.delivery import EVENTS, Delivery, Post
from tests.slack_server.state import CONVERSATION_SCOPES, Channel, Json, Message, State, Team

SUBSCRIPTIONS = frozenset(
    [
        "app_home_opened",
        "app_uninstalled",
        "tokens_revoked",
        "team_access_revoked",
        "reaction_added",
        "reaction_removed",
        "message.im",
        "member_joined_channel",
        "member_left_channel",
        "channel_archive",
        "channel_unarchive",
        "channel_deleted",
        "group_archive",
        "group_unarchive",
        "group_deleted",
    ]
)
"""What an app like Accord subscribes to; a test may change `Events.subscribed`."""


@dataclass
class Events:
    """The newsroom of all workspaces."""

    state: State
    post: Post
    subscribed: set[str] = field(default_factory=lambda: set(SUBSCRIPTIONS))
    unseen: list[Json] = field(default_factory=list)
    """Events that the app was not told: not subscribed, no scope, or not a member."""

    def envelope(self, team: Team, event: Json) -> Json:
        """An event_callback around an event."""
        installed = None if team.is_enterprise_install else team.id
        authorization: Json = {
            "enterprise_id": team.enterprise_id,
            "team_id": installed,
            "user_id": team.bot.id,
        }
        authorization |= {"is_bot": True, "is_enterprise_install": team.is_enterprise_install}
        told: Json = {
            "token": self.state.app.verification_token,
            "team_id": team.id,
            "context_team_id": team.id,
            "context_enterprise_id": team.enterprise_id,
            "api_app_id": self.state.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self.state.new_id("Ev"),
            "event_time": int(self.state.clock()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{secrets.token_urlsafe(24)}",
        }
        return told | ({"enterprise_id": team.enterprise_id} if team.enterprise_id else {})

    async def tell(self, team: Team, event: Json, channel: Channel | None = None) -> Delivery | None:
        """Tell the app and wait for its acknowledgement; None when it is not to know."""
        if not self._may_know(team, event, channel):
            self.unseen.append(event)
            return None
        return await self.post.deliver(EVENTS, self.envelope(team, event))

    def tell_later(self, team: Team, event: Json, channel: Channel | None = None) -> None:
        """Tell the app in the background."""
        if not self._may_know(team, event, channel):
            self.unseen.append(event)
            return
        self.post.later(EVENTS, self.envelope(team, event))

    def _may_know(self, team: Team, event: Json, channel: Channel | None) -> bool:
        name, scope = event["type"], ""
        if channel is not None:
            kind = CONVERSATION_SCOPES[channel.kind]
            scope = "reactions:read" if name.startswith("reaction_") else f"{kind}:read"
            if name == "message":
                name, scope = f"message.{kind}", f"{kind}:history"
        if team.uninstalled:
            return False
        outside = channel is not None and team.bot.id not in channel.members
        own_leaving = event.get("user") == team.bot.id and name == "member_left_channel"
        if name not in self.subscribed or (outside and not own_leaving):
            return False
        return not scope or any(scope in t.scopes for t in self.state.tokens.values() if t.team is team)


def reaction(state: State, message: Message, user: str, name: str, *, added: bool) -> Json:
    """reaction_added or reaction_removed."""
    item = {"type": "message", "channel": message.channel.id, "ts": message.ts}
    told = {"type": "reaction_added" if added else "reaction_removed", "user": user, "reaction": name}
    return told | {"item": item, "item_user": message.user, "event_ts": state.new_ts()}


def posted(state: State, message: Message) -> Json:
    """A message that was posted."""
    return wire.message(message, state.app, metadata=True) | _where(state, message.channel)


def changed(state: State, message: Message, before: Json) -> Json:
    """A message that was edited."""
    told = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": state.new_ts()}
    told |= {"message": wire.message(message, state.app, metadata=True), "previous_message": before}
    return told | _where(state, message.channel)


def gone(state: State, message: Message) -> Json:
    """A message that was deleted."""
    told = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": state.new_ts()}
    told |= {"deleted_ts": message.ts, "previous_message": wire.message(message, state.app)}
    return told | _where(state, message.channel)


def _where(state: State, channel: Channel) -> Json:
    kind = {"public": "channel", "private": "group"}.get(channel.kind, channel.kind)
    return {"channel": channel.id, "channel_type": kind, "event_ts": state.new_ts()}


def membership(state: State, channel: Channel, user: str, *, joined: bool) -> Json:
    """member_joined_channel or member_left_channel."""
    kind = "G" if channel.kind == "private" else "C"
    told = {"type": f"member_{'joined' if joined else 'left'}_channel", "user": user}
    return told | {"channel": channel.id, "channel_type": kind, "team": channel.team.id} | _at(state)


def channel_event(state: State, channel: Channel, what: str, user: str) -> Json:
    """channel_archive, channel_unarchive, channel_deleted, or the same of a private channel (group_…)."""
    prefix = "group" if channel.kind == "private" else "channel"
    return {"type": f"{prefix}_{what}", "channel": channel.id, "user": user} | _at(state)


def home_opened(state: State, channel: Channel, user: str, tab: str, view: Json | None) -> Json:
    """app_home_opened."""
    told: Json = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab} | _at(state)
    return told | ({"view": view} if view else {})


def _at(state: State) -> Json:
    return {"event_ts": state.new_ts()}
