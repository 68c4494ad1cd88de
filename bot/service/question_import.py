"""Questions of the shipped bank into a team's own: those that are new there, as far as there is room.

Reads:  questions, and the team's bank through its port.
Gives:  the reply of `ImportQuestions`, which does the work.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.actors import Actor
from bot.domain.commands import ImportQuestions
from bot.domain.library import BANK_LIMIT, bank_id
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import texts


async def import_new(team: str, questions: Sequence[str], ports: Ports, *, known: bool = False) -> Reply:
    """Import those that the team has not, in their order, until its bank is full; says what had no room.

    known: there is such a team, although it may not have asked anything yet.
    """
    there = {question.id for question in await ports.library.bank(team)}
    new = {bank_id(question): question for question in questions if bank_id(question) not in there}
    chosen = list(new.values())[: BANK_LIMIT - len(there)]
    if not chosen:
        return Reply(texts.BANK_FULL if new else texts.NOTHING_NEW, ok=not new)
    known = known or bool(there) or await _is_known(team, ports)
    operator = Actor(team=team, user="accord", admin=True)
    reply = await dispatch(ImportQuestions(operator, _as_csv(chosen)), ports)
    left = len(new) - len(chosen)
    said = [reply.text, texts.no_room(left) if left else "", "" if known else texts.unknown_team(team)]
    return replace(reply, text=" ".join(filter(None, said)))


async def _is_known(team: str, ports: Ports) -> bool:
    """Whether it has settings of its own, or has asked anything."""
    if (await ports.teams.team(team)).version:
        return True
    async for _ in ports.deliberations.each_of_team(team):
        return True
    return False


def _as_csv(questions: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([["question"], *([question] for question in questions)])
    return written.getvalue()
