"""Feedback with a known truth, and single records to work examples by hand with.

In `study` a rating is the arm's level + the group's mood + a person's whim, the last two drawn evenly from
-1, 0, 1, so that nothing is cut off by the scale and every expected number can be worked out.
"""

from datetime import UTC, datetime
from random import Random

from engine.feedback.record import FeedbackRecord
from engine.types import Arm

LEVELS = {
    Arm.ZERO_SHOT: 3,
    Arm.FEW_SHOT: 4,
    Arm.SELECTED: 5,
    Arm.BEST_OPINION: 4,
    Arm.LEAVE_ONE_OUT: 5,
}
LEFT_OUT = -1
"""What the person who was left out gives less."""
SWAY = (-1, 0, 1)
DIVIDED, UNITED = (6, 6, 2, 2), (6, 6, 6, 6)
SECRETS = ("zebra crossings", "a lollipop lady", "Rumpelstiltskin")
"""Words of the question, the opinions and the statements: none may come out in a report."""


def record(**said) -> FeedbackRecord:
    """A rating with everything else filled in."""
    usual = {
        "team": "t",
        "group": "g",
        "deliberation_id": "d",
        "round": 1,
        "question": f"Should we pay for {SECRETS[0]}?",
        "participant": "ann",
        "opinion": f"Only with {SECRETS[1]}.",
        "statement": f"{SECRETS[2]} should pay.",
        "statement_id": said.get("arm", "s"),
        "agreement": 5,
        "generator": "a drafter",
        "reward_model": "a model",
        "prompt": "zero-shot/2",
        "settled_at": datetime(2026, 3, 1, tzinfo=UTC),
    }
    return FeedbackRecord(**{**usual, **said})


def study(groups: int, *, seed: int = 0, levels=LEVELS, size: int = 4, **said) -> list[FeedbackRecord]:
    """Every group deliberates once; every second one is divided over the position statement."""
    rng = Random(seed)
    records = []
    for group in range(groups):
        mood = rng.choice(SWAY)
        for arm, level in levels.items():
            for person in range(size):
                included = not (arm is Arm.LEAVE_ONE_OUT and person == 0)
                expected = level + mood + (0 if included else LEFT_OUT)
                whim = rng.choice(SWAY)
                told = {
                    "group": f"g{group:03}",
                    "deliberation_id": f"d{group:03}",
                    "participant": f"p{person}",
                    "position_statement": "We should.",
                    "baseline": (DIVIDED if group % 2 else UNITED)[person % 4],
                    "arm": arm,
                    "included": included,
                    "agreement": expected + whim,
                    "quality": level + rng.choice(SWAY),
                    "predicted_reward": float(expected),
                }
                records.append(record(**{**told, **said}))
    return records


def lines(records) -> str:
    """As the export writes them."""
    return "".join(each.model_dump_json() + "\n" for each in records)


def of_groups(number: int, ratings: dict[int, list[int]], *, anonymous: bool = False) -> list[FeedbackRecord]:
    """A statement's ratings by opinion group, whose members are around a place of their own, or all in it."""
    return [
        record(
            group=f"d{number}",
            deliberation_id=f"d{number}",
            participant=f"p{group}-{at}",
            agreement=given,
            opinion_group=group,
            map_x=-2.0 * group + (0 if anonymous else 0.3 * (at % 3)),
            map_y=float(group % 2) + (0 if anonymous else 0.2 * (at % 4)),
        )
        for group, own in ratings.items()
        for at, given in enumerate(own)
    ]
