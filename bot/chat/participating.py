"""Who has taken part so far, told to those who run a question in a chat.

Reads:  `bot.service.participation`; how a platform mentions somebody.
Gives:  lines.
"""

from collections.abc import Callable, Sequence

from bot.domain.actors import Actor
from bot.service.participation import participation
from bot.service.ports import Ports
from bot.wording import answers, texts
from bot.wording.language import listed

# As many as fit into one message of every platform.
MOST = 40
Shown = Callable[[str], str]


async def told(actor: Actor, id_: str, ports: Ports, mention: Shown, escape: Shown = str) -> list[str]:
    """A line each: how many have answered and rated; who, in a named question. Raises DomainError.

    mention: how a user is shown by their id; escape: how a name is.
    """
    found = await participation(actor, id_, ports)
    lines = [answers.answered_of(found.answered, found.of)]
    if found.turnout is not None:
        lines.append(texts.turnout(found.turnout))
    if found.answered_by:
        lines.append(answers.have_answered(_some([escape(each) for each in found.answered_by])))
    if found.missing:
        lines.append(answers.have_not_answered(_some([mention(each) for each in found.missing])))
    return lines


def _some(names: Sequence[str]) -> str:
    shown = list(names[:MOST])
    more = len(names) - len(shown)
    return listed([*shown, answers.others(more)] if more else shown)
