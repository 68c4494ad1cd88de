"""A study: a deliberation at whose end members rate several statements, without knowing which is which.

Reads:  which arms are compared, and the seed that everything random comes from.
Gives:  the statements that are rated, as they are kept, and the order in which each member sees them.
Refrains from drafting them, and from randomness: an order follows from the seed and the member.
An everyday deliberation has one statement, the published one, under the id `CHOSEN`.
Source: the human evaluation of Bakker et al. 2022 (arXiv:2211.15006), section 2.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Self

from pydantic import Field, model_validator

from bot.domain.errors import RatingError
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import CHOSEN
from bot.domain.rounds import FIRST_ROUND
from engine.types import AnyArm, Arm, Frozen, Mediation, ModelsUsed, WelfareFunction, model_of, revised_from


class Study(Frozen):
    """What makes a deliberation part of a study.

    id: the study's; all of its groups carry it into the feedback.
    group: who sits together; the same people keep it over all of their questions.
    arms: how the statements come about that are rated, each once, in the order that a plan dealt them
        (`engine.study.plan`); each member sees them from another start.
    seed: decides who starts where, and whose opinion is left out.
    models: what members are told of each model that an arm is called after, by its name, before they write.
    """

    id: str = Field(min_length=1)
    group: str = Field(min_length=1)
    arms: tuple[AnyArm, ...] = Field(min_length=1)
    seed: int = Field(ge=0)
    models: dict[str, ModelNotice] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _arms_differ(self) -> Self:
        if len(set(self.arms)) < len(self.arms):
            raise ValueError("each arm is compared once")
        if Arm.REVISED in self.arms and self.revises is None:
            raise ValueError("the arm revised needs a statement to revise")
        if not {name for arm in self.arms if (name := model_of(arm))} <= set(self.models):
            raise ValueError("members are told of every model that drafts")
        return self

    @property
    def revises(self) -> Arm | None:
        """The arm whose statement members critique in a first vote; None in a study of one vote.

        In the second vote its revision stands beside the same statements as before. All who rate see which
        one is asked about, and which one is new then; which arm it is, nobody is told.
        """
        return revised_from(self.arms)

    def asks_why(self, round_: int) -> bool:
        """Whether members are asked what they would change in a statement."""
        return self.revises is not None and round_ == FIRST_ROUND


class RatedStatement(Frozen):
    """One statement that members rate.

    id: tells the statements of a round apart and says nothing about the arm to whoever sees it.
    author: the participant whose own opinion this is; None for a drafted one.
    left_out: the participant whose opinion was kept from the drafter (leave-one-out).
    rewards: expected rating (1..7) by participant; whoever is not in it was read by no reward model.
    heard: whose opinions were there when it was drafted. Empty in what was kept before: then `rewards` tells.
    starts: where each participant whose opinion was read begins; kept, so that the others' orders stay when
        one is forgotten. Empty in what was drafted before it was kept.
    """

    id: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_-]+$")
    arm: AnyArm
    text: str
    author: str | None = None
    left_out: str | None = None
    rewards: dict[str, float] = Field(default_factory=dict)
    heard: tuple[str, ...] = ()
    starts: dict[str, int] = Field(default_factory=dict)
    welfare_function: WelfareFunction | None = None
    models: ModelsUsed

    @classmethod
    def chosen(cls, mediation: Mediation) -> Self:
        """The published statement of an everyday deliberation."""
        rewards = mediation.candidates[mediation.winner].rewards
        return cls(
            id=CHOSEN,
            arm=Arm.CHOSEN,
            text=mediation.statement,
            rewards=mediation.predicted(rewards),
            heard=mediation.participants,
            welfare_function=mediation.chosen_by,
            models=mediation.models,
        )

    def was_read(self, participant: str) -> bool:
        """Whether the drafter read this participant's opinion."""
        return participant in (self.heard or self.rewards) and participant != self.left_out

    def without(self, participant: str) -> Self:
        """This statement with what was predicted of one participant erased; their own words too."""
        theirs = participant == self.author
        return self.model_copy(
            update={
                "text": "" if theirs else self.text,
                "author": None if theirs else self.author,
                "left_out": None if participant == self.left_out else self.left_out,
                "rewards": {who: reward for who, reward in self.rewards.items() if who != participant},
                "heard": tuple(who for who in self.heard if who != participant),
                "starts": {who: start for who, start in self.starts.items() if who != participant},
            }
        )


def starts_of(participants: Iterable[str], seed: int) -> dict[str, int]:
    """Where each begins who was read: one statement after the other, in an order drawn from the seed."""
    order = sorted(set(participants), key=lambda whose: _drawn(whose, seed))
    return {participant: start for start, participant in enumerate(order)}


def ordered_for(
    participant: str, statements: Sequence[RatedStatement], seed: int
) -> tuple[RatedStatement, ...]:
    """The statements in the order in which this participant sees them: the same whenever they look.

    Those whose opinions were read start at different statements, one after the other in an order that is
    drawn from the seed, so that among them each statement is equally often first, second and so on, as far
    as their number allows. Anybody else starts anywhere.
    """
    if not statements:
        return ()
    starts = statements[0].starts or starts_of((who for each in statements for who in each.rewards), seed)
    start = starts.get(participant, int.from_bytes(_drawn(participant, seed))) % len(statements)
    return (*statements[start:], *statements[:start])


def _drawn(whose: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{whose}".encode()).digest()


def require_statement(statement_id: str, statements: Sequence[RatedStatement]) -> None:
    """A rating is for a statement that is there; without a study that is the published one."""
    known = {statement.id for statement in statements if statement.text} or {CHOSEN}
    if statement_id not in known:
        raise RatingError("There is no such statement on this question. Look at it again.")
