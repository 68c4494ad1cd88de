"""Tokens for the HTTP API in a dictionary."""

from collections.abc import Sequence
from datetime import date

from bot.domain.api_tokens import ApiToken, Listed


class MemoryApiTokens:
    """`ApiTokens` in dictionaries."""

    def __init__(self) -> None:
        self._tokens: dict[str, ApiToken] = {}
        self._used: dict[str, date] = {}

    async def put(self, token: ApiToken) -> None:
        """Keep a token."""
        self._tokens[token.id] = token

    async def get(self, id_: str) -> Listed | None:
        """The token with this id."""
        token = self._tokens.get(id_)
        return None if token is None else Listed(token, self._used.get(id_))

    async def of_team(self, team: str) -> Sequence[Listed]:
        """The oldest first."""
        theirs = [each for each in self._tokens.values() if each.team == team]
        return [Listed(each, self._used.get(each.id)) for each in sorted(theirs, key=lambda one: one.made_at)]

    async def used(self, id_: str, day: date) -> None:
        """Note the day."""
        self._used[id_] = day

    async def remove(self, id_: str) -> None:
        """Harmless when it is gone."""
        self._tokens.pop(id_, None)
        self._used.pop(id_, None)
