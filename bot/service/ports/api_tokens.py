"""Where tokens for the HTTP API are kept. Nothing of it is anybody's: a token belongs to a team."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.domain.api_tokens import ApiToken, Listed


class ApiTokens(Protocol):
    """Every team's tokens. Every method raises `StoreError` when the store does not answer."""

    async def put(self, token: ApiToken) -> None:
        """Keep a token, in place of the one with this id."""
        ...

    async def get(self, id_: str) -> Listed | None:
        """The token with this id; None where there is none, or none any more."""
        ...

    async def of_team(self, team: str) -> Sequence[Listed]:
        """A team's tokens, the oldest first."""
        ...

    async def used(self, id_: str, day: date) -> None:
        """Note the day on which a token was used."""
        ...

    async def remove(self, id_: str) -> None:
        """Nobody comes in by it any more; harmless when it is gone."""
        ...
