"""Why somebody rates the statement as they do: buttons, the window, answers, and what the asker reads.

Reads:  a question, what its window begins with (`Form.REASON`), what may be told of the reasons.
Gives:  buttons for cards and answers, the window, a file. Whatever members wrote is escaped or in a file.
"""

from collections.abc import Sequence

from discord import ui

from adapters.discord.views import modals, names, text
from adapters.discord.views.drawn import DANGER, Drawn, Press, said
from adapters.discord.views.fields import drawn
from adapters.discord.views.names import custom_id
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.model_notice import ModelNotice
from bot.domain.rounds import FIRST_ROUND, name_of_round
from bot.service.queries import ToldReason
from bot.service.reply import Reply
from bot.wording import buttons, texts
from bot.wording.confirmations import WITHDRAW_REASON
from bot.wording.fields import Form, field


def reason_buttons(d: Deliberation) -> tuple[Press, ...]:
    """For whatever is rated: to say why, and to take that back."""
    return (say_why(d), Press(WITHDRAW_REASON.yes, names.WITHDRAW_REASON, d.id, str(d.round)))


def say_why(d: Deliberation) -> Press:
    """Opens the window, with what was said before in it."""
    return Press(buttons.SAY_WHY, names.SAY_WHY, d.id, name_of_round(d.round))


def given_rating(reply: Reply) -> tuple[Press, ...]:
    """What somebody can do next who has rated: say why, while the vote is open."""
    d = reply.deliberation
    return (say_why(d),) if reply.ok and d is not None and d.phase is Phase.RATING else ()


def reason_window(
    id_: str,
    d: Deliberation | None = None,
    own: str = "",
    *,
    round_: int = FIRST_ROUND,
    may_learn: bool = False,
    notice: ModelNotice | None = None,
) -> ui.Modal:
    """The window in which a reason is given or changed; without `d` when the question could not be read.

    Its name says which statement it is about. round_: which one, where there is no `d`.
    may_learn: what is kept about learning from this reason.
    notice: which AI models may read it.
    """
    name = custom_id(names.REASON, id_, str(round_ if d is None else d.round))
    return modals.window(
        buttons.YOUR_REASON,
        name,
        ui.TextDisplay("\n".join(_said_before(d, notice))),
        drawn(field(Form.REASON, "reason"), begins=own),
        *([] if d is None else modals.learning(d, texts.REASON_LEARNING_LABEL, may_learn)),
    )


def _said_before(d: Deliberation | None, notice: ModelNotice | None) -> list[str]:
    """Who reads it and what becomes of it, a line each."""
    if d is None:
        return [str(texts.REASONS_MAY_BE_READ_NOTE), str(texts.REASONS_MAY_BE_QUOTED_NOTE)]
    learning = [str(texts.REASON_LEARNING_NOTE)] if d.terms.keep_feedback else []
    return [*texts.reason_notes(d, notice, text.escape), *learning]


def given_reason(reply: Reply) -> Drawn:
    """What somebody is told once their reason is kept; they can change it while the vote is open."""
    d = reply.deliberation
    if d is None or d.phase is not Phase.RATING:
        return said(reply.text)
    return said(
        reply.text,
        Press(buttons.CHANGE_IT, names.SAY_WHY, d.id, name_of_round(d.round)),
        Press(buttons.WITHDRAW_IT, names.WITHDRAW_REASON, d.id, str(d.round), style=DANGER),
    )


def told_reasons(reasons: Sequence[ToldReason]) -> str:
    """What those who run a question may read of them, by name where there are names."""
    return "\n\n----\n\n".join(f"{each.name}:\n{each.text}" if each.name else each.text for each in reasons)
