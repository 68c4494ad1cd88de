"""The engine as workers try questions out with: a language model that plays simulated members.

Reads:  settings; the engine in use, which drafts and predicts.
Gives:  `bot.service.ports.engine.PlaysMembers`, and what a rehearsal costs.
Not to be taken for `made_up_members`, who take part in a question through real commands.
"""

from collections.abc import Callable, Mapping

from bot.service.ports.engine import Mediator
from engine.ports import TextGenerator
from engine.rehearsal.asking import Asker
from engine.rehearsal.rehearsing import Plan, rehearse
from engine.rehearsal.results import Cost, Rehearsal


class SimulatedMembers:
    """`bot.service.ports.engine.PlaysMembers`: as many members and runs as `accord rehearse` has."""

    def __init__(self, writers: Mapping[str, TextGenerator], mediator: Mediator) -> None:
        self._writers, self._mediator = writers, mediator

    async def rehearse(self, question: str, about: str, tell: Callable[[str, int, int], None]) -> Rehearsal:
        """Play it."""
        plan = Plan(question, team=about)
        return await rehearse(plan, Asker(self._writers, question, plan.seed), self._mediator, tell)


def estimate(question: str, about: str) -> Cost:
    """What that costs, before it begins."""
    return Plan(question, team=about).cost
