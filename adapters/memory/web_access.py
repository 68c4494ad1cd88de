"""In-memory twins of the ports of `bot.service.ports.web_access`, for tests: one state, whoever asks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.deliberation import Deliberation
from bot.domain.errors import UnknownDeliberationError
from bot.service.ports.web_access import BEFORE, Invitation, OpenLink, Standing


class MemorySessions:
    """`Sessions`; nothing of it expires."""

    def __init__(self) -> None:
        self._ended: set[str] = set()
        self._used: dict[str, str] = {}
        self._admins: dict[str, datetime] = {}
        self._admins_ended_at: datetime | None = None

    async def end(self, session: str, *, for_s: float) -> None:
        """Sign a browser out for good."""
        self._ended.add(session)

    async def has_ended(self, session: str) -> bool:
        """Whether a browser was signed out."""
        return session in self._ended

    async def make_admin(
        self, session: str, link: str, *, made_at: datetime, link_until: datetime, until: datetime
    ) -> bool:
        """Use an admin link up and let this session do what admins do."""
        if self._admins_ended_at is not None and made_at <= self._admins_ended_at:
            return False
        if self._used.setdefault(link, session) != session:
            return False
        self._admins[session] = until
        return True

    async def is_admin(self, session: str, now: datetime) -> bool:
        """Whether this session may do what admins do."""
        return session in self._admins and self._admins[session] > now

    async def end_admins(self, now: datetime) -> int:
        """Sign all admins out, and end the links that no admin has used yet."""
        there = sum(until > now for until in self._admins.values())
        self._admins.clear()
        self._admins_ended_at = now
        return there


class Loads(Protocol):
    """Where deliberations are kept."""

    async def load(self, deliberation_id: str) -> Deliberation:
        """Raises UnknownDeliberationError."""
        ...


@dataclass
class _Links:
    """The links to one question; `decided`: somebody has put a link for everyone, or none."""

    link: str | None = None
    admits: bool = True
    per_minute: int | None = None
    decided: bool = False
    personal: dict[str, Invitation] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)

    @property
    def untouched(self) -> bool:
        """Whether nobody has made, ended or closed a link."""
        return not self.decided and not self.personal and self.admits


class MemoryInvitations:
    """`Invitations` to the questions that are kept in `deliberations`; gone when these are."""

    def __init__(self, deliberations: Loads) -> None:
        self._deliberations = deliberations
        self._kept: dict[str, _Links] = {}
        self._newcomers: Counter[tuple[str, str, int]] = Counter()

    async def open_link(self, deliberation_id: str) -> OpenLink | None:
        """The link for everyone."""
        links = await self._seen(deliberation_id)
        if links.link is None:
            return None
        return OpenLink(id=links.link, admits=links.admits, per_minute=links.per_minute)

    async def put_open_link(
        self, deliberation_id: str, link: str | None, *, unless_decided: bool = False
    ) -> None:
        """Put a link for everyone, or none, in the place of the present one."""
        links = await self._of(deliberation_id)
        if unless_decided and links.decided:
            return
        links.decided, links.link, links.admits = True, link, True

    async def tune_open_link(
        self, deliberation_id: str, *, admits: bool | None = None, per_minute: int | None = None
    ) -> None:
        """Change what is given, whichever link is the present one."""
        links = await self._seen(deliberation_id)
        links.admits = links.admits if admits is None else admits
        links.per_minute = per_minute or links.per_minute

    async def invite(self, deliberation_id: str, invited: Sequence[Invitation]) -> None:
        """Keep personal links."""
        (await self._of(deliberation_id)).personal |= {each.id: each for each in invited}

    async def invited(self, deliberation_id: str) -> Sequence[Invitation]:
        """All personal links, in the order in which they were made."""
        found = (await self._seen(deliberation_id)).personal.values()
        return sorted(found, key=lambda each: (each.made_at, each.name, each.id))

    async def end(self, deliberation_id: str, links: Iterable[str]) -> None:
        """End personal links."""
        await self._change(deliberation_id, links, {"ended": True})

    async def leave(self, deliberation_id: str, link: str, at: datetime) -> None:
        """Sign out every browser that came by this personal link up to now."""
        (await self._seen(deliberation_id)).left[link] = at

    async def forget(self, deliberation_id: str, link: str) -> None:
        """Erase the name on a personal link."""
        await self._change(deliberation_id, [link], {"name": ""})

    async def standing(self, deliberation_id: str, link: str, since: datetime) -> Standing:
        """What a link is worth to a browser that came by it at `since`."""
        links = await self._seen(deliberation_id)
        if links.link == link:
            return Standing.HOLDS
        personal, is_before = links.personal.get(link), link.startswith(BEFORE)
        if (personal or is_before) and link in links.left and since <= links.left[link]:
            return Standing.LEFT
        holds = links.untouched if is_before else personal is not None and not personal.ended
        return Standing.HOLDS if holds else Standing.ENDED

    async def count_newcomer(self, deliberation_id: str, network: str, now: datetime) -> int:
        """How many new people came from a network in this minute."""
        minute = (deliberation_id, network, int(now.timestamp()) // 60)
        self._newcomers[minute] += 1
        return self._newcomers[minute]

    async def _change(self, deliberation_id: str, links: Iterable[str], update: dict[str, object]) -> None:
        personal = (await self._seen(deliberation_id)).personal
        personal |= {id_: personal[id_].model_copy(update=update) for id_ in links if id_ in personal}

    async def _of(self, deliberation_id: str) -> _Links:
        await self._deliberations.load(deliberation_id)
        return self._kept.setdefault(deliberation_id, _Links())

    async def _seen(self, deliberation_id: str) -> _Links:
        try:
            return await self._of(deliberation_id)
        except UnknownDeliberationError:
            return _Links(decided=True)
