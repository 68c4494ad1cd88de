"""What members wrote, for those who run a question: opinions by name, and reasons.

Reads:  what may be told of it now.
Gives:  blocks for a message or a window; as many as fit, and where the others are.
"""

from collections.abc import Iterable, Sequence

from adapters.slack.views.blocks import (
    BLOCKS_PER_MESSAGE,
    MESSAGE,
    Block,
    context,
    escape,
    linked,
    section,
)
from bot.domain.deliberation import Opinion
from bot.service.queries import ToldReason
from bot.wording import answers, card_lines

# A message takes 50 blocks, and a section 3,000 characters.
SHOWN = 20
TEXT = 2_500
# For the title above them, and for where the others are.
AROUND = 200


def by_name(opinions: Sequence[Opinion], under: Sequence[Block] | None = None) -> list[Block]:
    """Each opinion under its author's name; nothing where there are none to show.

    under: what stands above them in a message, which takes less than a window.
    """
    return _listed(card_lines.BY_NAME, [(each.signed, each.text) for each in opinions], under)


def why(reasons: Sequence[ToldReason], under: Sequence[Block] | None = None) -> list[Block]:
    """Each reason, with its author's name in named questions; else as `by_name`."""
    return _listed(card_lines.REASONS, [(each.name, each.text) for each in reasons], under)


def _listed(title: str, given: Sequence[tuple[str, str]], under: Sequence[Block] | None) -> list[Block]:
    if not given:
        return []
    blocks = [section(f"*{title}*")]
    room = None if under is None else MESSAGE - AROUND - sum(map(len, _texts(under)))
    most = SHOWN if under is None else min(SHOWN, BLOCKS_PER_MESSAGE - len(under) - 2)
    for name, text in given[: max(most, 0)]:
        shown = section(f"*{escape(name, 200)}*\n{linked(text, TEXT)}" if name else linked(text, TEXT))
        if room is not None:
            room -= len(shown["text"]["text"])
            if room < 0:
                break
        blocks.append(shown)
    left = len(given) - len(blocks) + 1
    return [*blocks, context(answers.more_in_export(left))] if left else blocks


def _texts(blocks: Iterable[Block]) -> list[str]:
    """What their readers read, which counts together in a message."""
    found = []
    for block in blocks:
        parts = [block.get("text"), *block.get("elements", ())]
        texts = [part.get("text", "") if isinstance(part, dict) else "" for part in parts]
        found += [each["text"] if isinstance(each, dict) else each for each in texts]
    return found
