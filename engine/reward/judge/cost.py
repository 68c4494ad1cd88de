"""What a round costs a judge, by either way of asking, and which way is cheaper.

Reads:  how many members and statements there are, how long they are, and how a server answers.
Gives:  requests and tokens, to the choice between the two ways and to `accord doctor`.
An estimate by lengths: no server is asked. The sums are linear in members, so the choice holds for any group.

About one statement at a time: one request for each pair (more where answers are sampled), each with one
digit to write. About several: one request for each batch of statements, with a line to write for each. A
server that keeps what it has read reads a member's question and opinion once; others each time.
"""

from dataclasses import dataclass
from typing import Literal

from engine.drafting.fitting import guessed_tokens
from engine.reward.judge.prompts import about_one, about_several
from engine.reward.scoring.scorer import SCORED_TOGETHER

SAMPLES = 3
"""Answers that are averaged where a server tells no probabilities."""
WRITTEN, REQUEST = 10, 20
"""What a written token and a request cost, in tokens that are read: writing is one step after the other."""
DIGIT, LINE = 1, 4
"""Tokens written for a rating alone, and for a line with a number and a rating."""
MEMBERS, CANDIDATES = 5, 16
"""The round that the doctor speaks of."""
_QUESTION = "Should the club move its weekly meeting to another evening this year, and to which one?"
_OPINION = "I would rather keep Tuesdays, because I look after my children on the other evenings. " * 3
_CANDIDATE = "We should keep the meeting on Tuesdays for now, and ask everybody again after the summer. " * 4

Way = Literal["pairs", "list"]


@dataclass(frozen=True)
class Cost:
    """Of one round: requests, tokens to read, and tokens to write."""

    requests: int
    read: int
    written: int

    @property
    def price(self) -> int:
        """All of it, in tokens that are read."""
        return self.read + WRITTEN * self.written + REQUEST * self.requests

    def __str__(self) -> str:
        return (
            f"about {self.requests:,} requests, {self.read:,} prompt tokens and {self.written:,} written ones"
        )


def cost(
    way: Way, members: int, candidates: int, *, samples: bool, keeps: bool = True, thinking: int = 0
) -> Cost:
    """Of a round with texts of usual length.

    Args:
        samples: whether answers are sampled, so that several are asked for.
        keeps: whether the server keeps what it has read.
        thinking: tokens that the model writes before each answer.
    """
    together = 1 if way == "pairs" else SCORED_TOGETHER
    asked = -(-candidates // together)  # requests for one member, rounded up
    pair = about_one(_QUESTION, _OPINION, _CANDIDATE)
    some = about_several(_QUESTION, _OPINION, [_CANDIDATE] * together)
    prompt = pair if way == "pairs" else some
    whole = guessed_tokens(prompt.text)
    again = guessed_tokens(prompt.asked) if keeps else whole
    times = SAMPLES if samples else 1
    read = whole + (asked - 1) * again
    # The samples of one pair have the same prompt; those of several statements have another order each.
    if not keeps or way == "list":
        read += (times - 1) * asked * again
    written = asked * times * thinking + candidates * times * (DIGIT if way == "pairs" else LINE)
    return Cost(members * asked * times, members * read, members * written)


def cheaper(*, samples: bool, keeps: bool, thinking: int) -> Way:
    """The way that costs less; where both cost the same, one statement at a time, the finer measure."""
    pairs, lists = (
        cost(way, MEMBERS, CANDIDATES, samples=samples, keeps=keeps, thinking=thinking)
        for way in ("pairs", "list")
    )
    return "pairs" if pairs.price <= lists.price else "list"
