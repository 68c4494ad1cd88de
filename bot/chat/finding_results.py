"""Looking at results and at past questions, the same wherever it is done.

Reads:  who asks, and in which channel; words.
Gives:  the questions that may be meant, to choose from; a `DomainError` with a sentence where there is none.
        Past questions with these words, as lists show them.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.chat.steering import NoQuestionError, in_channel
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation
from bot.service import queries
from bot.service.ports import Ports
from bot.wording import texts

PAST_WORDS = 100
"""So many characters of what somebody types are looked for."""


async def with_results(
    actor: Actor, ports: Ports, *, platform: str, channel: str, words: str = ""
) -> list[Deliberation]:
    """A channel's questions with these words whose results can be asked for; never empty.

    In the order of `in_channel`. With several, the platform asks which one is meant.

    Raises:
        NoQuestionError: there is none.
    """
    phases = queries.WITH_RESULTS
    there = await in_channel(actor, ports, platform=platform, channel=channel, phases=phases)
    found = [d for d in there if queries.has_words(d.question, words)]
    if not found:
        raise NoQuestionError(texts.NO_QUESTION)
    return found


def past_words(typed: str) -> str:
    """What to look for among past questions."""
    return typed.strip()[:PAST_WORDS]


@dataclass(frozen=True)
class FoundPast:
    """Past questions, each with how many answered and where it stands; more: there are older ones, too."""

    shown: Sequence[tuple[Deliberation, int, str]]
    words: str
    more: bool


async def past(
    actor: Actor,
    typed: str,
    ports: Ports,
    link: Callable[[Deliberation], Awaitable[str]],
    *,
    platform: str,
    most: int,
) -> FoundPast:
    """The newest past questions with the words that somebody typed, in every channel that they see."""
    words = past_words(typed)
    found = await queries.past(actor, ports, platform=platform, words=words, most=most)
    count = ports.contributions.opinion_count
    shown = [(d, await count(d.id), await link(d)) for d in found.found]
    return FoundPast(shown, words, found.more)
