"""Agreement by topic of the question: the clusters that the question bank was released in.

Reads:  `Ratings`, and the bank.
Gives:  for each topic that was asked about its name, examples and mean agreement.
Refrains from questions of the feedback: examples are the topic's first in the bank, which is public, and
whether just these were asked is not told. What is not in the bank has no topic.
"""

import numpy as np
from pydantic import Field

from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap, Estimate
from engine.questions.bank import bank, topics
from engine.types import Frozen

EXAMPLES = 2


class TopicAsked(Frozen):
    """A cluster of the bank. name: the words that set it apart. questions: how many of it were asked."""

    id: int
    name: str
    examples: tuple[str, ...]
    questions: int = Field(ge=1)
    agreement: Estimate


def topics_asked(ratings: Ratings, bootstrap: Bootstrap) -> tuple[TopicAsked, ...]:
    """Those of the bank, most asked about first; empty where no question is from the bank."""
    topic_of = {each.question: each.topic for each in bank()}
    at = np.array([topic_of.get(record.question, -1) for record in ratings.records])
    names = {each.id: ", ".join(each.words) for each in topics()} if (at >= 0).any() else {}
    found = []
    for topic in np.unique(at[at >= 0]).tolist():
        own = ratings.where(at == topic)
        found.append(
            TopicAsked(
                id=topic,
                name=names[topic],
                examples=_examples_of(topic),
                questions=len({record.question for record in own.records}),
                agreement=bootstrap.mean(own.agreement, own.group),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.questions, each.id)))


def _examples_of(topic: int) -> tuple[str, ...]:
    """The first questions of a topic, in the bank's order."""
    return tuple(each.question for each in bank() if each.topic == topic)[:EXAMPLES]
