"""From what Slack sent to plain values: who did it, where, when, and what was typed. Pure.

Reads:  the body of a command, a click, a submitted window or an event, as bolt hands it over (its signature
        is checked by then).
Gives:  frozen data. What may be missing or null (`team` in organisation-wide installs) is looked up in turn.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

Body = Mapping[str, Any]
# Inputs that hold somebody's own words, which nobody wants to write twice.
WRITTEN = ("opinion", "reason", "point", "question", "context", "csv", "decided", "how_it_went")


@dataclass(frozen=True)
class Who:
    """Somebody in a workspace; `name` is their handle, for when nothing better is known.

    channel: where they acted, as Slack says: they see that one. Empty in windows and on the app's tab.
    """

    team: str
    user: str
    name: str = ""
    enterprise: str | None = None
    channel: str = ""


def who(body: Body) -> Who:
    """Who clicked, typed or submitted."""
    user = body.get("user")
    person = user if isinstance(user, dict) else {}
    return Who(
        team=_team(body, person),
        user=str(person.get("id") or body.get("user_id") or ""),
        name=str(person.get("name") or body.get("user_name") or ""),
        enterprise=_enterprise(body),
        channel=str((body.get("channel") or {}).get("id") or body.get("channel_id") or ""),
    )


def _team(body: Body, person: Body) -> str:
    """The workspace where it happened; else the person's own; else the organisation.

    In a channel that two workspaces share, `team` of a submitted window is that of whoever submitted it;
    ours is the one that the window was opened by.
    """
    opened_by = (body.get("view") or {}).get("app_installed_team_id")
    if opened_by:
        return str(opened_by)
    team = body.get("team")
    found = team.get("id") if isinstance(team, dict) else team
    return str(found or body.get("team_id") or person.get("team_id") or _enterprise(body) or "")


def _enterprise(body: Body) -> str | None:
    enterprise = body.get("enterprise")
    found = enterprise.get("id") if isinstance(enterprise, dict) else body.get("enterprise_id")
    return str(found) if found else None


def who_of_event(body: Body) -> Who:
    """Whose event it is; the workspace is the one that the app is installed in."""
    event = body["event"]
    given = (body.get("authorizations") or [{}])[0]
    team = given.get("team_id") or body.get("team_id") or given.get("enterprise_id") or ""
    user = event.get("user")
    return Who(
        team=str(team),
        user=str(user.get("id") if isinstance(user, dict) else user or ""),
        enterprise=given.get("enterprise_id") or body.get("enterprise_id"),
    )


def moment(ts: str | None) -> datetime | None:
    """A Slack timestamp, seconds with six decimals, as a time."""
    try:
        whole, _, part = (ts or "").partition(".")
        seconds = int(whole)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=int(part[:6].ljust(6, "0") or 0))
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True)
class Reaction:
    """A reaction that was added or taken off."""

    who: Who
    channel: str
    message: str
    emoji: str
    added: bool
    at: datetime | None


def reaction(body: Body) -> Reaction | None:
    """None for a reaction to something that is not a message."""
    event = body["event"]
    item = event.get("item") or {}
    if item.get("type") != "message":
        return None
    channel = str(item.get("channel", ""))
    return Reaction(
        who=replace(who_of_event(body), channel=channel),
        channel=channel,
        message=str(item.get("ts", "")),
        emoji=str(event.get("reaction", "")),
        added=event.get("type") == "reaction_added",
        at=moment(event.get("event_ts")),
    )


@dataclass(frozen=True)
class Click:
    """A button: what it is called, what came behind the colon of its name, and its value.

    private: it stood in a message that only this person sees. Anything else is everybody's: an answer may not
        take its place, whatever button somebody claims to have seen there.
    """

    who: Who
    name: str
    choice: str
    value: str
    channel: str
    view_id: str
    trigger: str
    at: datetime | None
    private: bool = False


def click(body: Body) -> Click:
    """The first action of a body, which is the only one that Slack sends for a button."""
    action = (body.get("actions") or [{}])[0]
    name, _, choice = str(action.get("action_id", "")).partition(":")
    view = body.get("view") or {}
    return Click(
        who=who(body),
        name=name,
        choice=choice,
        value=str(action.get("value") or (action.get("selected_option") or {}).get("value") or ""),
        channel=str((body.get("channel") or {}).get("id") or ""),
        view_id=str(view.get("id") or ""),
        trigger=str(body.get("trigger_id") or ""),
        at=moment(action.get("action_ts")),
        private=(body.get("container") or {}).get("is_ephemeral") is True,
    )


@dataclass(frozen=True)
class Submission:
    """A window that was submitted: what it is about, and each input's value as text.

    view_id: of the first window where several lie on each other; own_view_id: of this one.
    """

    who: Who
    view_id: str
    own_view_id: str
    trigger: str
    about: Mapping[str, Any]
    typed: Mapping[str, str]

    @property
    def written(self) -> str:
        """Everything in it that somebody wrote in their own words."""
        typed = {**folded(self.about), **self.typed}
        return "\n\n".join(typed[name] for name in WRITTEN if typed.get(name))


def submission(body: Body) -> Submission:
    """What was typed and chosen; an input that was left empty is ""."""
    view = body["view"]
    return Submission(
        who=who(body),
        view_id=str(view.get("root_view_id") or view.get("id") or ""),
        own_view_id=str(view.get("id") or ""),
        trigger=str(body.get("trigger_id") or view.get("hash") or view.get("id") or ""),
        about=about(view),
        typed=typed(view),
    )


def about(view: Body) -> dict[str, Any]:
    """What a window was opened for."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def folded(about: Mapping[str, Any]) -> dict[str, str]:
    """What was put into a window's inputs before they were folded away."""
    found = about.get("folded")
    texts = found.items() if isinstance(found, dict) else ()
    return {name: text for name, text in texts if isinstance(text, str)}


def offered(about: Mapping[str, Any]) -> list[str]:
    """The names of the templates among which a window lets choose, in their order."""
    found = about.get("names")
    return [str(name) for name in found] if isinstance(found, list) else []


def typed(view: Body) -> dict[str, str]:
    """Each input's value by its name."""
    values = (view.get("state") or {}).get("values") or {}
    return {
        block: _value(element)
        for block, elements in values.items()
        for element in list(elements.values())[:1]
    }


def _value(element: Body) -> str:
    chosen = element.get("selected_option")
    if isinstance(chosen, dict):
        return str(chosen.get("value") or "")
    for many in ("selected_options", "selected_users", "selected_conversations"):
        if isinstance(element.get(many), list):
            found = (each["value"] if isinstance(each, dict) else each for each in element[many])
            return ",".join(found)
    for one in (
        "value",
        "selected_date_time",
        "selected_time",
        "selected_conversation",
        "selected_channel",
        "selected_user",
    ):
        if element.get(one) is not None:
            return str(element[one])
    return ""


def files(view: Body) -> list[Body]:
    """The files that were put into a window."""
    values = (view.get("state") or {}).get("values") or {}
    return [
        file
        for elements in values.values()
        for element in elements.values()
        for file in element.get("files") or []
    ]
