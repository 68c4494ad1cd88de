"""Recording what was decided, the same wherever it is done.

Reads:  who records it, what was typed into the form, and where they are.
Gives:  the question for which a form is drawn (`bot.wording.forms.outcome_start`); a reply, or a sentence for
        each input.
Two who record at once do not mix: what was recorded last stands, and a late copy changes nothing.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from bot.chat.steering import Word, the_one
from bot.domain.actors import Actor
from bot.domain.commands import RecordOutcome
from bot.domain.deliberation import Deliberation, Phase
from bot.service.access import load_steered, require_sees
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import buttons, forms
from bot.wording.fields import Form, labelled

DECIDABLE = frozenset({Phase.SETTLED})


@dataclass(frozen=True)
class Recorded:
    """What came of a form; errors: a sentence for each input that cannot be used. Then nothing was kept."""

    reply: Reply
    errors: Mapping[str, str] = field(default_factory=dict)


def outcome_step(d: Deliberation) -> str:
    """What the button that opens the form is called; empty while there is nothing to record."""
    if d.phase is not Phase.SETTLED:
        return ""
    return str(buttons.RECORD_OUTCOME if d.decision is None else buttons.CHANGE_OUTCOME)


async def meant(word: Word, ports: Ports) -> Deliberation:
    """The question that `/accord outcome` means. Raises AsksFirstError where it may be one of several."""
    return await _decidable(word.actor, await the_one(word, DECIDABLE, ports), ports)


async def opened(actor: Actor, id_: str, ports: Ports) -> Deliberation:
    """The question whose form somebody opens. Raises DomainError."""
    return await _decidable(actor, await load_steered(actor, id_, ports), ports)


async def _decidable(actor: Actor, d: Deliberation, ports: Ports) -> Deliberation:
    """The same question. Raises TransitionError where nothing can be recorded of it.

    Whoever asked it records from anywhere what was decided; what is recorded, whoever by, they see in the
    form, and so only while they see the channel.
    """
    d.require_settled()
    if d.decision is not None:
        await require_sees(actor, d, ports)
    return d


async def record(
    actor: Actor,
    id_: str,
    typed: Mapping[str, str],
    ports: Ports,
    *,
    at: datetime,
    zone: str,
    locale: str = "",
) -> Recorded:
    """Keep what was typed. Raises DomainError or StoreError.

    at: when it was sent; the same for every copy. zone, locale: of whoever typed it.
    """
    d = await opened(actor, id_, ports)
    # Reading words takes a library that is slow to load.
    decided, errors = await asyncio.to_thread(forms.outcome, typed, d, at, zone, locale)
    if decided is None:
        return Recorded(Reply("\n".join(labelled(Form.OUTCOME, errors)), ok=False), errors)
    command = RecordOutcome(actor, id_, at, zone=zone, **asdict(decided))
    return Recorded(await dispatch(command, ports))
