"""auth.*, apps.*, bots.*, oauth.*: who calls, where the socket is, and how an app is installed.

Source: docs.slack.dev/reference/methods (auth.test, apps.connections.open, oauth.v2.access).
"""

import base64
import secrets

from tests.slack_server.state import Json, Team
from tests.slack_server.web_api import ApiError, Call, bearer, method


@method("api.test")
def api_test(call: Call) -> Json:
    return {"args": call.args}


@method("auth.test")
def auth_test(call: Call) -> Json:
    team, person = call.team, call.team.people[call.caller]
    told: Json = {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": person.name,
        "team_id": team.id,
        "user_id": person.id,
        "is_enterprise_install": team.is_enterprise_install,
    }
    assert call.token is not None
    if call.token.bot_id:
        told["bot_id"] = call.token.bot_id
    return told | ({"enterprise_id": team.enterprise_id} if team.enterprise_id else {})


@method("auth.revoke")
def auth_revoke(call: Call) -> Json:
    if call.flag("test"):
        return {"revoked": False}
    assert call.token is not None
    call.token.error = "token_revoked"
    return {"revoked": True}


@method("bots.info", "users:read")
def bots_info(call: Call) -> Json:
    team = call.team
    if call.text("bot", team.bot_id) != team.bot_id:
        raise ApiError("bot_not_found")
    about = {"id": team.bot_id, "deleted": False, "name": team.bot.name, "app_id": call.state.app.id}
    return {"bot": {**about, "user_id": team.bot.id, "updated": 1_700_000_000, "icons": {}}}


@method("apps.connections.open")
def connections_open(call: Call) -> Json:
    value = bearer(call)
    if not value:
        raise ApiError("not_authed")
    if value in call.state.tokens:
        raise ApiError("not_allowed_token_type")
    if value != call.state.app.app_token:
        raise ApiError("invalid_auth")
    if not call.server.socket.enabled:
        raise ApiError("socket_mode_not_enabled")
    return {"url": call.server.socket.new_url()}


@method("oauth.v2.access")
def oauth_access(call: Call) -> Json:
    _check_client(call)
    grant = call.server.grants.get(call.text("code"))
    if grant is None:
        raise ApiError("invalid_code")
    if grant.used:
        raise ApiError("code_already_used")
    if grant.redirect_uri and call.text("redirect_uri") != grant.redirect_uri:
        raise ApiError("bad_redirect_uri")
    grant.used, grant.team.uninstalled = True, False
    token = call.server.new_token(grant.team, grant.scopes)
    return _granted(call, grant.team, token.value, token.scopes, grant.user)


def _granted(call: Call, team: Team, token: str, scopes: set[str], installer: str) -> Json:
    enterprise = {"id": team.enterprise_id, "name": team.enterprise_name} if team.enterprise_id else None
    return {
        "app_id": call.state.app.id,
        "authed_user": {"id": installer},
        "scope": ",".join(sorted(scopes)),
        "token_type": "bot",
        "access_token": token,
        "bot_user_id": team.bot.id,
        "team": None if team.is_enterprise_install else {"id": team.id, "name": team.name},
        "enterprise": enterprise,
        "is_enterprise_install": team.is_enterprise_install,
    }


def _check_client(call: Call) -> None:
    given = call.text("client_id"), call.text("client_secret")
    scheme, _, basic = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        name, _, secret = base64.b64decode(basic).decode().partition(":")
        given = name, secret
    if given[0] != call.state.app.client_id:
        raise ApiError("invalid_client_id")
    if not secrets.compare_digest(given[1], call.state.app.client_secret):
        raise ApiError("bad_client_secret")
