"""Who wrote what in a named question, for those who run it.

Reads:  opinions with their authors.
Gives:  blocks for a message or a window; as many as fit, and where the others are.
"""

from collections.abc import Sequence

from adapters.slack.views.blocks import Block, context, escape, linked, section
from bot.domain.deliberation import Opinion
from bot.wording import answers, card_lines

# A message takes 50 blocks, and a section 3,000 characters.
SHOWN = 20
OPINION = 2_500


def by_name(opinions: Sequence[Opinion]) -> list[Block]:
    """Each opinion under its author's name; nothing where there are none to show."""
    if not opinions:
        return []
    blocks = [section(f"*{card_lines.BY_NAME}*")]
    blocks += [
        section(f"*{escape(opinion.signed, 200)}*\n{linked(opinion.text, OPINION)}")
        for opinion in opinions[:SHOWN]
    ]
    if len(opinions) > SHOWN:
        blocks.append(context(answers.more_in_export(len(opinions) - SHOWN)))
    return blocks
