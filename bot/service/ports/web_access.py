"""Who is let into the web channel: two ports here, and that of software (`api_tokens`).

All are kept where every gateway sees them.

`Sessions` knows which browsers were signed out, and which may do what admins do. `Invitations` knows the
links to each question: which of them still open it, and whose names they carry.
Refrains from keeping who comes by a link: an invitation is a name and a random id, and from neither of them
does a way lead to a participant. Both raise `StoreError` when the store does not answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.service.ports.api_tokens import ApiTokens
from engine.types import Frozen

# Begins what stands for the id of a link from before links carried ids; no other id begins so.
BEFORE = "before:"


class OpenLink(Frozen):
    """One question's link for everyone.

    admits: whether people come in who have not been in before; those who are in stay either way.
    per_minute: how many new people one network may bring in a minute; None leaves it to the settings.
    """

    id: str
    admits: bool = True
    per_minute: int | None = None


class Invitation(Frozen):
    """One personal link; `name` is empty once its person has asked to be forgotten."""

    id: str
    name: str
    made_at: datetime
    ended: bool = False


class Standing(StrEnum):
    """What a link is worth now to a browser that came by it.

    LEFT: the link opens, but its person has signed out everywhere since this browser came.
    """

    HOLDS = "holds"
    ENDED = "ended"
    LEFT = "left"


class Sessions(Protocol):
    """Which browsers are signed in. A session's id tells nothing about its cookie."""

    async def end(self, session: str, *, for_s: float) -> None:
        """Sign a browser out for good; remembered for as long as its cookie would last."""
        ...

    async def has_ended(self, session: str) -> bool:
        """Whether a browser was signed out."""
        ...

    async def make_admin(
        self, session: str, link: str, *, made_at: datetime, link_until: datetime, until: datetime
    ) -> bool:
        """Use an admin link up and let this session do what admins do: one atomic step.

        False when another session has used the link, or it was made before admins were last signed out.
        """
        ...

    async def is_admin(self, session: str, now: datetime) -> bool:
        """Whether this session may do what admins do."""
        ...

    async def end_admins(self, now: datetime) -> int:
        """Sign all admins out, and end the links that no admin has used yet; how many were signed in."""
        ...


class Invitations(Protocol):
    """The links to each question. They are erased with it."""

    async def open_link(self, deliberation_id: str) -> OpenLink | None:
        """The link for everyone; None where there is none."""
        ...

    async def put_open_link(
        self, deliberation_id: str, link: str | None, *, unless_decided: bool = False
    ) -> None:
        """Put a link for everyone, or none, in the place of the present one, which ends; it admits people.

        unless_decided: only where nobody has put any before. Raises UnknownDeliberationError.
        """
        ...

    async def tune_open_link(
        self, deliberation_id: str, *, admits: bool | None = None, per_minute: int | None = None
    ) -> None:
        """Change what is given, whichever link is the present one: none that has ended opens again."""
        ...

    async def invite(self, deliberation_id: str, invited: Sequence[Invitation]) -> None:
        """Keep personal links. Raises UnknownDeliberationError."""
        ...

    async def invited(self, deliberation_id: str) -> Sequence[Invitation]:
        """All personal links, ended ones too, in the order in which they were made."""
        ...

    async def end(self, deliberation_id: str, links: Iterable[str]) -> None:
        """End personal links; harmless for those that are none, and where the question is gone."""
        ...

    async def leave(self, deliberation_id: str, link: str, at: datetime) -> None:
        """Sign out every browser that came by this personal link up to now; the link still opens.

        Harmless where there is none.
        """
        ...

    async def forget(self, deliberation_id: str, link: str) -> None:
        """Erase the name on a personal link; harmless when there is none."""
        ...

    async def standing(self, deliberation_id: str, link: str, since: datetime) -> Standing:
        """What a link, open or personal, is worth to a browser that came by it at `since`.

        One from before links carried ids (see `BEFORE`) holds until somebody puts a link for everyone, or
        none, makes a personal one, or lets nobody new in.
        """
        ...

    async def count_newcomer(self, deliberation_id: str, network: str, now: datetime) -> int:
        """Somebody new comes from a network: how many these are in this minute, this one included."""
        ...


@dataclass(frozen=True)
class WebAccess:
    """All of them, as `bot.bootstrap` wired them."""

    sessions: Sessions
    invitations: Invitations
    tokens: ApiTokens
