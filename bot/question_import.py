"""Questions of the shipped bank into a team's own: those that are new there, as far as there is room.

Reads:  questions, and the team's bank through its port.
Gives:  the reply of `ImportQuestions`, which does the work.
"""

import csv
import io
from collections.abc import Sequence

from bot import texts
from bot.dispatch import dispatch
from bot.domain.actors import Actor
from bot.domain.commands import ImportQuestions
from bot.domain.library import BANK_LIMIT, bank_id
from bot.ports import Ports
from bot.reply import Reply


async def import_new(team: str, questions: Sequence[str], ports: Ports) -> Reply:
    """Import those that the team has not, in their order, until its bank is full."""
    there = {question.id for question in await ports.library.bank(team)}
    new = {bank_id(question): question for question in questions if bank_id(question) not in there}
    chosen = list(new.values())[: BANK_LIMIT - len(there)]
    if not chosen:
        return Reply(texts.BANK_FULL if new else texts.NOTHING_NEW, ok=not new)
    operator = Actor(team=team, user="accord", admin=True)
    return await dispatch(ImportQuestions(operator, _as_csv(chosen)), ports)


def _as_csv(questions: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([["question"], *([question] for question in questions)])
    return written.getvalue()
