"""Looking at results, the same wherever it is done: which of a channel's questions is meant.

Reads:  who asks, and in which channel.
Gives:  the questions that may be meant, to choose from; a `DomainError` with a sentence where there is none.
"""

from bot.chat.steering import NoQuestionError, in_channel
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation
from bot.service import queries
from bot.service.ports import Ports
from bot.wording import texts


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
