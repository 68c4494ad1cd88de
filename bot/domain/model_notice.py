"""Which AI models read what members write: said before they write, and with the statement.

What a question says of them when it is posted holds to its end: a model in a place that was not named then
reads nothing of it, whenever it is set up.

Gives:  plain data. A worker keeps it in the store, since only workers know what they draft with, and with
        each question that it posts; gateways show it.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

from bot.domain.errors import sentence
from engine.types import Frozen

# Where a model runs, where no host can be named: as it is kept, and shown by `bot.wording.models`.
HERE = sentence("Accord's own server")
NEARBY = sentence("a server in Accord's own network")
ELSEWHERE = sentence("another server")


class Readers(NamedTuple):
    """Which of the models that are set up may read a question's opinions; True where there is none.

    last_resort: False where members would be quoted when the model cannot be reached, and were not told so.
    """

    drafter: bool = True
    judge: bool = True
    last_resort: bool = True

    @property
    def withheld(self) -> bool:
        """Whether a model that is set up reads nothing of it."""
        return not (self.drafter and self.judge)


class ModelNotice(Frozen):
    """What members are told of the models, in words that may be shown to anybody.

    drafter: the model that drafts and where it runs, such as "Llama 3.1 on ai.example.org"; empty where none
        does, so that the result quotes members word for word.
    judge: the same of another model that reads opinions to predict agreement; empty where there is none.
    last_resort: whether the result quotes members word for word when the model cannot be reached.
    drafter_at, judge_at: where these run, a word or a host for each server, whatever the words above say.
    withheld: of a round that is over: a model that was set up read nothing, as members were not told of it.
    """

    drafter: str = ""
    judge: str = ""
    last_resort: bool = False
    drafter_at: tuple[str, ...] = ()
    judge_at: tuple[str, ...] = ()
    withheld: bool = False

    @property
    def says_where(self) -> bool:
        """Whether it says where each model runs that it names; older versions kept the names alone."""
        return bool(self.drafter_at or not self.drafter) and bool(self.judge_at or not self.judge)

    def readers(self, told: "ModelNotice | None") -> Readers:
        """Which of these models may read what was written by those who were `told` that.

        A model may where it runs in a place that was told of: a newer one there is what members expect. The
        same words say nothing where the place is known, as an operator may forget to change them. None told:
        nothing was kept of it, so that all may.
        """
        if told is None:
            return Readers()
        drafter = not self.drafter or _within(self.drafter_at, told.drafter_at)
        if not told.says_where:
            drafter = drafter or self.drafter == told.drafter
        # Where no other model judges, it is the drafter if one does at all.
        known = told.drafter_at + told.judge_at
        judge = drafter if not self.judge else _within(self.judge_at, known)
        if self.judge and not told.says_where:
            judge = judge or self.judge == told.judge
        return Readers(drafter, judge, told.last_resort or not self.last_resort)

    def only(self, readers: Readers) -> Self:
        """What is left of it where not all models may read."""
        if all(readers):
            return self
        left: dict[str, object] = {
            "withheld": readers.withheld,
            "last_resort": self.last_resort and readers.last_resort,
        }
        if not readers.drafter:
            left |= {"drafter": "", "drafter_at": (), "last_resort": False}
        if not readers.judge:
            left |= {"judge": "", "judge_at": ()}
        return self.model_copy(update=left)


def _within(places: Sequence[str], told: Sequence[str]) -> bool:
    return bool(places) and set(places) <= set(told)
