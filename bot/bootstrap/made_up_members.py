"""Made-up members who take part through the same commands as real ones: for the demos and for trying out.

Reads:  a question and opinions; the ports.
Gives:  a deliberation with those opinions. A command that is refused raises, with the sentence that a member
        would have read.
"""

from datetime import timedelta

from bot.domain.actors import Actor
from bot.domain.commands import Command, GiveOpinion, PostQuestion
from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from engine.types import ParticipantOpinion

OPEN_FOR = timedelta(days=1)


def facilitator(team: str) -> Actor:
    """Who runs their question."""
    return Actor(team=team, user="rehearsal", admin=True)


def member(team: str, name: str) -> Actor:
    """A made-up member."""
    return Actor(team=team, user=f"made-up:{name}", name=name)


async def send(command: Command, ports: Ports) -> Reply:
    """Dispatch; raises BotError with the reply's sentence when the command is refused."""
    reply = await dispatch(command, ports)
    if not reply.ok:
        raise BotError(reply.text)
    return reply


async def ask(
    question: str, place: tuple[str, str, str], ports: Ports, *, key: str, terms: Terms
) -> Deliberation:
    """Post a question in `place` (team, platform, channel); the same key finds the same question again."""
    team, platform, channel = place
    post = PostQuestion(
        actor=facilitator(team),
        platform=platform,
        channel=channel,
        question=question,
        idempotency_key=key,
        terms=terms,
        closes_at=ports.clock.now() + OPEN_FOR,
    )
    reply = await send(post, ports)
    if reply.deliberation is None:
        raise BotError(reply.text)
    return reply.deliberation


async def answer(opinion: ParticipantOpinion, deliberation: Deliberation, ports: Ports) -> None:
    """Give one made-up member's opinion."""
    who = member(deliberation.team, opinion.participant)
    await send(GiveOpinion(who, deliberation.id, opinion.text, ports.clock.now()), ports)
