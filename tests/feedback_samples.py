"""Feedback records: one to vary, and any at all."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from engine.feedback.record import FeedbackRecord
from engine.types import Arm, WelfareFunction

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
POINTS = st.integers(1, 7)
RECORDS = st.builds(
    FeedbackRecord,
    schema_version=st.just(1),
    team=TEXTS,
    study=st.none() | WORDS,
    group=TEXTS,
    deliberation_id=TEXTS,
    round=st.integers(1, 99),
    question=TEXTS,
    participant=TEXTS,
    opinion=st.none() | WORDS | st.sampled_from(["=1+1", "'=1+1", "'", " @x", '"', "a\r\nb", "\r", "N/A"]),
    consent=st.booleans(),
    position_statement=st.none() | WORDS,
    baseline=st.none() | POINTS,
    statement=TEXTS,
    statement_id=TEXTS,
    arm=st.sampled_from(Arm),
    included=st.booleans(),
    agreement=POINTS,
    quality=st.none() | POINTS,
    critique=st.none() | WORDS | st.sampled_from(["=1+1", "'", "a\r\nb"]),
    predicted_reward=st.none() | st.floats(1, 7),
    opinion_group=st.none() | st.integers(1, 5),
    map_x=st.none() | st.floats(-9, 9),
    map_y=st.none() | st.floats(-9, 9),
    welfare_function=st.none()
    | st.sampled_from([WelfareFunction(), WelfareFunction(name="rawlsian")])
    | st.builds(WelfareFunction, name=st.just("isoelastic"), alpha=st.floats(0, 99)),
    generator=TEXTS,
    reward_model=TEXTS,
    prompt=TEXTS,
    settled_at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)


def record(**about):
    return FeedbackRecord(
        **{
            "team": "t1",
            "group": "d1",
            "deliberation_id": "d1",
            "round": 1,
            "question": "Should we ban single-use plastics?",
            "participant": "p1",
            "opinion": "Ban them.",
            "statement": "Let us reuse.",
            "statement_id": "chosen",
            "agreement": 6,
            "generator": "scripted",
            "reward_model": "lexical",
            "prompt": "zero-shot-1",
            "settled_at": NOON,
        }
        | about
    )
