"""Tokens for the HTTP API: made, listed, renewed and revoked by admins, and looked at on each request.

Reads:  what an admin chose; the tokens that are kept.
Gives:  a token with its secret, once; the token that software presents, while it works.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.actors import Actor, require_admin
from bot.domain.api_tokens import (
    TOKENS_LIMIT,
    ApiToken,
    Listed,
    Presented,
    Scope,
    checked_name,
    checked_scopes,
    checked_user,
    digest_of,
    expiry,
)
from bot.domain.commands import ForgetMe
from bot.domain.errors import TeamError
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.ports.api_tokens import ApiTokens
from bot.service.reply import Reply
from bot.wording import api_lines

WEB = "web"


@dataclass(frozen=True)
class Wish:
    """What an admin wants of a new token; days: until it expires, None for never."""

    platform: str
    channel: str
    name: str
    scopes: frozenset[Scope]
    days: int | None


async def make(actor: Actor, wish: Wish, tokens: ApiTokens, now: datetime) -> tuple[ApiToken, str]:
    """A new token, and what software sends: nobody can be told that again. Raises DomainError."""
    require_admin(actor, actor.team)
    if wish.platform != WEB:
        # Its people and the software itself would be written to and named there, and are no members.
        raise TeamError(api_lines.ONLY_WEB)
    if len(await listed(actor, tokens, now)) >= TOKENS_LIMIT:
        raise TeamError(api_lines.TOO_MANY_TOKENS, limit=TOKENS_LIMIT)
    secret = _secret()
    token = ApiToken(
        id=secrets.token_hex(8),
        team=actor.team,
        platform=wish.platform,
        channel=wish.channel,
        name=checked_name(wish.name),
        scopes=checked_scopes(wish.scopes),
        digest=digest_of(secret),
        made_at=now,
        expires_at=expiry(wish.days, now),
    )
    await tokens.put(token)
    return token, str(Presented(token.id, secret))


async def listed(actor: Actor, tokens: ApiTokens, now: datetime) -> Sequence[Listed]:
    """The team's tokens, for its admins; those that expired long ago go."""
    require_admin(actor, actor.team)
    found = await tokens.of_team(actor.team)
    for each in found:
        if each.token.is_gone(now):
            await tokens.remove(each.token.id)
    return [each for each in found if not each.token.is_gone(now)]


async def forget(actor: Actor, token: str, participant: str, ports: Ports, at: datetime) -> Reply:
    """Erase what one of a token's people gave in this team, also of a token that is gone. Raises DomainError.

    Nobody else could do it for them then. The reply is the same whether there was anything or not.
    """
    require_admin(actor, actor.team)
    person = Actor(actor.team, checked_user(token.strip(), participant.strip()), guest=True)
    reply = await dispatch(ForgetMe(person, at), ports)
    return replace(reply, text=str(api_lines.FORGOTTEN)) if reply.ok else reply


async def renew(actor: Actor, id_: str, tokens: ApiTokens, now: datetime) -> tuple[ApiToken, str]:
    """Another secret for a token, for as long again; the old one ends. Raises DomainError."""
    found = await _of_team(actor, id_, tokens)
    if found is None:
        raise TeamError(api_lines.NO_SUCH_TOKEN)
    secret = _secret()
    renewed = found.renewed(secret, now)
    await tokens.put(renewed)
    return renewed, str(Presented(renewed.id, secret))


async def revoke(actor: Actor, id_: str, tokens: ApiTokens) -> ApiToken | None:
    """End a token; None where it was gone already. Raises DomainError."""
    found = await _of_team(actor, id_, tokens)
    if found is not None:
        await tokens.remove(found.id)
    return found


async def _of_team(actor: Actor, id_: str, tokens: ApiTokens) -> ApiToken | None:
    require_admin(actor, actor.team)
    found = await tokens.get(id_)
    return found.token if found is not None and found.token.team == actor.team else None


async def presented(text: str, tokens: ApiTokens, now: datetime) -> ApiToken | None:
    """The token that this is, while it works; the day is noted, once a day."""
    shown = Presented.read(text)
    found = None if shown is None else await tokens.get(shown.id)
    if shown is None or found is None or not found.token.opened_by(shown.secret):
        return None
    if not found.token.works(now):
        return None
    if found.last_used != now.date():
        await tokens.used(found.token.id, now.date())
    return found.token


def _secret() -> str:
    """256 bits, in letters and digits."""
    return secrets.token_hex(32)
