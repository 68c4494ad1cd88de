"""A small team's feedback in the words that tiny models know: who is for something likes what is for it."""

from datetime import UTC, datetime

from engine.feedback.record import FeedbackRecord

THINGS = ("cats", "dogs", "cars", "bikes", "schools", "taxes", "parks", "towns")
VERBS = ("ban", "keep", "allow")
QUESTIONS = tuple(f"Should we {verb} {thing}?" for thing in THINGS for verb in VERBS)
BASE = FeedbackRecord(
    team="team", group="g", deliberation_id="d", round=1, question="?", participant="p", opinion="yes",
    statement="we agree", statement_id="s", agreement=4, generator="g", reward_model="r", prompt="p",
    settled_at=datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


def record(**changes):
    return FeedbackRecord.model_validate(BASE.model_dump() | changes)


def records(questions=QUESTIONS, *, people=4):
    """A deliberation for each question: a statement for it and one against; half the people on a side."""
    found = []
    for number, question in enumerate(questions):
        act = question.removeprefix("Should we ").removesuffix("?")
        for person in range(people):
            opinion = f"yes i think we should {act}" if person % 2 == 0 else f"no i am against it {act}"
            for side in (1, -1):
                agrees = (person % 2 == 0) == (side == 1)
                found.append(
                    record(
                        group=f"g{number}",
                        deliberation_id=f"d{number}",
                        question=question,
                        participant=f"p{person}",
                        opinion=opinion,
                        statement=f"we should {act}" if side == 1 else f"we should not {act}",
                        statement_id="for" if side == 1 else "against",
                        agreement=6 if agrees else 2,
                        quality=6,
                    )
                )
    return found


def save(found, path):
    path.write_text("".join(f"{each.model_dump_json()}\n" for each in found))
    return path
