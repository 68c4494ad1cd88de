"""Routes about the application itself: login, gateway, commands."""

from tests.discord_server.check_commands import CHAT, check_command, check_commands
from tests.discord_server.errors import refused
from tests.discord_server.rest import Call, route
from tests.discord_server.state import Json


@route("GET", "/users/@me")
def me(call: Call) -> Json:
    """The bot user."""
    return call.wire.user(call.state.bot) | {"verified": True, "mfa_enabled": False, "flags": 0}


@route("GET", "/users/{user}")
def user(call: Call) -> Json:
    """Anybody."""
    person = call.state.people.get(call.id("user"))
    if person is None:
        raise refused(10013)
    return call.wire.user(person)


@route("GET", "/oauth2/applications/@me")
def application(call: Call) -> Json:
    """The application."""
    app = call.state.app
    owner = next(iter(call.state.people.values()))
    return {
        "id": str(app.id),
        "name": app.name,
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": call.wire.user(owner),
        "verify_key": app.verify_key,
        "flags": app.flags,
        "team": None,
        "interactions_endpoint_url": None,
    }


@route("GET", "/applications/@me")
def current_application(call: Call) -> Json:
    """The application, at its newer address."""
    return application(call)


@route("GET", "/gateway", needs_token=False)
def gateway(call: Call) -> Json:
    """Where the gateway is."""
    return {"url": call.server.gateway_url}


@route("GET", "/gateway/bot")
def bot_gateway(call: Call) -> Json:
    """Where the gateway is, and with how many shards to come."""
    limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": call.server.gateway_url, "shards": call.state.app.shards, "session_start_limit": limit}


# Commands.


def _scope(call: Call) -> int | None:
    if call.params["application"] != str(call.state.app.id):
        raise refused(50001)
    return call.guild().id if "guild" in call.params else None


def _registered(call: Call, given: Json, scope: int | None) -> Json:
    """A command as Discord keeps it; one of the same name and type keeps its id."""
    kind = given.get("type", CHAT)
    before = call.state.commands.get(scope, [])
    same = next((c for c in before if (c["name"], c["type"]) == (given["name"], kind)), None)
    kept: Json = {
        "default_member_permissions": None,
        "nsfw": False,
        "description": "",
        "options": [],
        "integration_types": [0],
        "contexts": None,
        **{key: value for key, value in given.items() if value is not None},
        "id": same["id"] if same else str(call.state.new_id()),
        "application_id": str(call.state.app.id),
        "type": kind,
        "version": str(call.state.new_id()),
    }
    return kept | ({"guild_id": str(scope)} if scope else {})


def _all(call: Call) -> list[Json]:
    return call.state.commands.get(_scope(call), [])


def _replace(call: Call) -> list[Json]:
    scope = _scope(call)
    given = call.listed or []
    check_commands(given)
    call.state.commands[scope] = [_registered(call, each, scope) for each in given]
    return call.state.commands[scope]


def _add(call: Call) -> Json:
    scope = _scope(call)
    check_command(call.body)
    made = _registered(call, call.body, scope)
    others = [c for c in call.state.commands.get(scope, []) if c["id"] != made["id"]]
    check_commands([*others, made])
    call.state.commands[scope] = [*others, made]
    return made


def _one(call: Call) -> Json:
    found = next((c for c in _all(call) if c["id"] == call.params["command"]), None)
    if found is None:
        raise refused(10063)
    return found


def _edit(call: Call) -> Json:
    found = _one(call)
    changed = {**found, **call.body}
    check_command(changed)
    found.update(changed, version=str(call.state.new_id()))
    return found


def _delete(call: Call) -> None:
    _all(call).remove(_one(call))


for _place in ("/applications/{application}/commands", "/applications/{application}/guilds/{guild}/commands"):
    route("GET", _place)(_all)
    route("PUT", _place)(_replace)
    route("POST", _place)(_add)
    route("GET", _place + "/{command}")(_one)
    route("PATCH", _place + "/{command}")(_edit)
    route("DELETE", _place + "/{command}")(_delete)
