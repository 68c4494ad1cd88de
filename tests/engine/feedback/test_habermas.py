"""The Habermas Machine's data as feedback: what a row becomes, what is left out, and what is refused."""

import sys
import tracemalloc
from datetime import UTC, datetime
from itertools import permutations

import pyarrow as pa
import pytest

from engine.errors import FeedbackError
from engine.feedback.habermas import Summary, read_habermas
from engine.feedback.habermas_rows import PUBLISHED
from engine.types import Arm
from tests.engine.feedback.samples import (
    COMPARISONS,
    POSITIONS,
    RANKINGS,
    SURVEYS,
    WORDS,
    comparison,
    damage,
    position,
    write,
)


@pytest.fixture
def read(tmp_path):
    """Reads rows of comparisons and of positions; gives the records and the summary's lines."""

    def read(*rows, positions=(), without=()):
        paths = [write(tmp_path / "comparisons.parquet", rows, without=without)]
        if positions:
            paths.append(write(tmp_path / "positions.parquet", positions, POSITIONS))
        return read_files(*paths)

    return read


def read_files(*paths):
    summary = Summary()
    found = list(read_habermas(paths, summary))
    return found, "\n".join(summary.lines())


def test_a_row_becomes_a_record_for_each_statement(read):
    (first, second), told = read(comparison(), positions=[position()])

    assert (first.statement, first.statement_id) == ("Keep cats, with bells.", "C1")
    assert (first.agreement, first.quality) == (6, 7)
    assert (second.agreement, second.quality) == (3, 4)
    assert first.question == "Should we keep cats?"
    assert first.opinion == "Cats are company for many."
    assert (first.position_statement, first.baseline) == ("We should keep cats.", 7)
    assert (first.study, first.group, first.deliberation_id, first.round) == ("EVAL_V1", "L1", "L1/R1", 1)
    assert (first.generator, first.reward_model, first.prompt) == ("model gen-4", "prm-2", "consensus")
    assert first.predicted_reward is None, "its scale is not that of ratings"
    assert first.settled_at == datetime(2023, 2, 3, 10, tzinfo=UTC)
    assert "comparisons.parquet: candidate comparisons; rows: 1, ratings taken: 2." in told
    assert "positions.parquet: position statement ratings; rows: 1, ratings taken: 1." in told
    assert "bad" not in told
    assert "left out" not in told


def test_nobodys_id_is_in_a_record_and_no_two_conversions_or_deliberations_share_a_name(read):
    rows = comparison(), comparison(round_id="R2")
    people = []
    for _ in range(2):
        found, _ = read(*rows)
        people += [each.participant for each in found]
        assert not any("worker-7" in each.model_dump_json() for each in found)
        assert not any("participant-70" in each.model_dump_json() for each in found)

    assert [people[0], people[2]] == [people[1], people[3]], "one person of one deliberation has one name"
    assert len(set(people)) == 4


def test_words_and_codes_are_the_same_points(read):
    masked = {name: [None] * 7 for name in comparison() if name.startswith("candidates.metadata.")}
    many = masked | {"candidates.text": [f"Statement {n}" for n in range(7)], "ratings.quality": None}
    words = [many | {"ratings.agreement": list(WORDS)}]
    words.append(many | {"ratings.agreement": [word.lower().replace("_", " ") for word in WORDS]})
    words.append(many | {"ratings.agreement": [str(n) for n in range(1, 8)]})
    for row in words:
        found, told = read(comparison() | row)
        assert [each.agreement for each in found] == [1, 2, 3, 4, 5, 6, 7], told


def test_codes_may_be_numbers_and_fractions_as_pandas_writes_them(tmp_path):
    for kind, mask in ((pa.int64(), -1), (pa.float64(), float("nan"))):
        at = COMPARISONS.get_field_index("ratings.agreement")
        schema = COMPARISONS.set(at, pa.field("ratings.agreement", pa.list_(kind)))
        row = comparison(ratings__agreement=[5, mask])
        found, told = read_files(write(tmp_path / "codes.parquet", [row], schema))
        assert [each.agreement for each in found] == [5]
        assert "left out: ratings masked or not given: 1" in told


@pytest.mark.parametrize(
    ("quality", "points"),
    [
        (["TERRIBLE_QUALITY", "POOR_QUALITY"], [1, 2]),
        (["SOMEWHAT_POOR_QUALITY", "SOMEWHAT_GOOD_QUALITY"], [3, 5]),
        (["good", "Excellent quality"], [6, 7]),
        (["MOCK", None], [None, None]),
        (None, [None, None]),
    ],
)
def test_quality_has_words_of_its_own_and_may_be_missing(read, quality, points):
    found, _ = read(comparison(ratings__quality=quality))

    assert [each.quality for each in found] == points


@pytest.mark.parametrize("mask", ["MOCK", "[MOCK]", "-1", "", None])
def test_a_masked_rating_is_left_out_alone_and_counted(read, mask):
    (only,), told = read(comparison(ratings__agreement=[mask, "AGREE"]))

    assert only.statement_id == "C2"
    assert "left out: ratings masked or not given: 1" in told


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ratings__agreement": ["AGREE", "SECRET"]}, "ratings.agreement is neither a word nor a code"),
        ({"ratings__agreement": ["AGREE", "8"]}, "ratings.agreement is neither a word nor a code"),
        ({"ratings__agreement": ["AGREE", "GOOD_QUALITY"]}, "ratings.agreement is neither a word nor a code"),
        ({"ratings__quality": ["SECRET", None]}, "ratings.quality is neither a word nor a code"),
        ({"ratings__agreement": ["AGREE"]}, "ratings.agreement and candidates.text are not of one length"),
        ({"candidates__metadata__id": ["C1"]}, "candidates.metadata.id and candidates.text are not of one"),
        ({"candidates__metadata__provenance": ["SECRET"] * 2}, "a provenance is none that is known here"),
        ({"own_opinion__metadata__provenance": "SECRET"}, "a provenance is none that is known here"),
        ({"worker_id": None, "metadata__participant_id": None}, "there is neither worker_id nor"),
        ({"launch_id": None}, "launch_id is missing"),
        ({"round_id": " "}, "round_id is missing"),
        ({"question__text": None}, "question.text is missing"),
        ({"iteration_index": -1}, "iteration_index is no whole number from 0 on"),
    ],
)
def test_a_bad_row_is_refused_by_its_number_and_nothing_of_it_is_told(read, changes, reason):
    found, told = read(comparison(), comparison(**changes), comparison(round_id="R3"))

    assert [each.deliberation_id for each in found] == ["L1/R1"] * 2 + ["L1/R3"] * 2
    (line,) = [line for line in told.splitlines() if "bad rows" in line]
    assert reason in line
    assert line.endswith(": row 2")
    assert "SECRET" not in told
    assert "Cats" not in told
    assert "cats" not in told


def test_of_many_bad_rows_the_first_are_named_and_the_others_counted(read):
    _, told = read(comparison(), *[comparison(launch_id=None)] * 14)

    assert "launch_id is missing: row 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 4 more" in told


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"metadata__provenance": "BOT_CITIZEN"}, "rows that no person filled in: 1"),
        ({"own_opinion__metadata__provenance": "MOCK"}, "rows that no person filled in: 1"),
        ({"question__split": "MOCK"}, "rows with a mock question: 1"),
        ({"candidates__text": None}, "rows without statements: 1"),
        ({"ratings__agreement": None}, "ratings masked or not given: 2"),
        ({"candidates__text": [None, " "]}, "ratings of a masked statement: 2"),
        (
            {"candidates__metadata__provenance": ["DUMMY", "POSITION_STATEMENT"]},
            "ratings of mock and position statements: 2",
        ),
    ],
)
def test_what_no_person_said_of_a_statement_is_left_out_and_counted(read, changes, reason):
    found, told = read(comparison(round_id="R2"), comparison(**changes))

    assert [each.deliberation_id for each in found] == ["L1/R2"] * 2
    assert f"  left out: {reason}" in told
    assert "bad" not in told


@pytest.mark.parametrize(
    ("writer", "arm", "generator"),
    [
        ("MODEL_MEDIATOR", Arm.SELECTED, "model gen-4"),
        ("model_mediator", Arm.SELECTED, "model gen-4"),
        ("HUMAN_MEDIATOR", Arm.CHOSEN, "human mediator"),
        ("HUMAN_CITIZEN", Arm.BEST_OPINION, "member"),
        (None, Arm.CHOSEN, "not recorded"),
    ],
)
def test_who_wrote_a_statement_is_kept(read, writer, arm, generator):
    found, _ = read(comparison(candidates__metadata__provenance=[writer, "MODEL_MEDIATOR"]))

    assert (found[0].arm, found[0].generator) == (arm, generator)
    assert found[1].arm is Arm.SELECTED


def test_the_round_tells_before_the_critique_from_after_it(read):
    found, _ = read(comparison(), comparison(iteration_index=1), comparison(iteration_index=None))

    assert [each.round for each in found[::2]] == [1, 2, 1]


def test_what_a_person_said_of_the_statement_is_kept_with_each_of_their_ratings(read):
    found, _ = read(comparison(critique__text=" Say when. "), comparison(worker_id="w8"))

    assert [each.critique for each in found] == ["Say when.", "Say when.", None, None]


def test_only_columns_that_a_record_cannot_do_without_are_needed(read):
    needed = {"launch_id", "round_id", "worker_id", "question.text", "candidates.text", "ratings.agreement"}
    (one, other), told = read(
        comparison(), without=[name for name in COMPARISONS.names if name not in needed]
    )

    assert (one.agreement, one.quality, one.opinion, one.baseline) == (6, None, None, None)
    assert (one.study, one.round, one.settled_at) == ("habermas-machine", 1, PUBLISHED)
    assert one.statement_id != other.statement_id
    assert "bad" not in told


def test_a_statement_without_an_id_is_the_same_one_for_everybody(read):
    rows = [
        comparison(candidates__metadata__id=None),
        comparison(
            candidates__metadata__id=None,
            worker_id="w8",
            candidates__text=comparison()["candidates.text"][::-1],
        ),
    ]
    found, _ = read(*rows)

    assert [each.statement_id for each in found[:2]] == [each.statement_id for each in found[:1:-1]]


@pytest.mark.parametrize(
    ("changes", "baseline"),
    [
        ({}, 7),
        ({"rating_index": None, "metadata__participant_id": None}, 7),
        ({"worker_id": None}, 7),
        ({"ratings__agreement": ["2"]}, 2),
        ({"rating_index": 1}, None),
        ({"ratings__agreement": ["MOCK"]}, None),
        ({"ratings__agreement": ["SECRET"]}, None),
        ({"ratings__agreement": ["AGREE", "AGREE"]}, None),
        ({"question__text": "Another question?"}, None),
        ({"launch_id": "L2"}, None),
        ({"worker_id": "w8", "metadata__participant_id": "p8"}, None),
        ({"metadata__provenance": "BOT_CITIZEN"}, None),
    ],
)
def test_the_baseline_is_the_same_persons_rating_of_the_position_before(read, changes, baseline):
    (record, _), _ = read(comparison(), positions=[position(**changes)])

    assert record.baseline == baseline
    assert record.position_statement == (None if baseline is None else "We should keep cats.")


# -- files ---------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    """The four kinds, under names that say nothing."""
    return [
        write(tmp_path / "a.parquet", [comparison()]),
        write(tmp_path / "b.parquet", [position()], POSITIONS),
        write(tmp_path / "c.parquet", [{"worker_id": "w", "numerical_ranks": [0, 1]}], RANKINGS),
        write(tmp_path / "d.parquet", [{"worker_id": "w", "candidate.text": "Keep cats."}], SURVEYS),
    ]


def test_the_four_kinds_are_told_apart_by_their_columns_in_any_order(files):
    for order in permutations(files):
        found, told = read_files(*order)
        assert [(each.agreement, each.baseline) for each in found] == [(6, 7), (3, 7)]
        assert "a.parquet: candidate comparisons;" in told
        assert "b.parquet: position statement ratings;" in told
        assert "c.parquet: final preference rankings; not read" in told
        assert "d.parquet: round survey responses; not read" in told


def test_other_files_are_refused_in_one_sentence_before_anything_is_read(files, tmp_path):
    other = write(tmp_path / "other.parquet", [{"text": "?"}], pa.schema([("text", pa.string())]))
    text = tmp_path / "text.parquet"
    text.write_text("Cats are company.")
    empty = tmp_path / "empty.parquet"
    empty.touch()
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(files[0].read_bytes()[:-40])
    narrow = write(tmp_path / "narrow.parquet", [comparison()], without=["round_id"])
    said = {
        other: "its columns are of none of the four files",
        text: "it is no Parquet file, or is cut off",
        empty: "it is no Parquet file, or is cut off",
        cut: "it is no Parquet file, or is cut off",
        narrow: "there is no column round_id",
        tmp_path / "absent.parquet": "it cannot be read (No such file or directory)",
    }
    for path, what in said.items():
        summary = Summary()
        with pytest.raises(FeedbackError) as refused:
            next(read_habermas([*files, path], summary))
        assert str(refused.value).startswith(f"{path}: {what}")
        assert "Cats" not in str(refused.value)
        assert summary.files == []


def test_a_file_that_is_damaged_further_on_says_after_which_row(tmp_path):
    rows = [comparison(question__text=f"{number} " * 50) for number in range(1_000)]
    path = write(tmp_path / "damaged.parquet", rows, row_group_size=500, compression="zstd")
    damage(path, group=1, column="question.text")

    with pytest.raises(FeedbackError, match=r"damaged\.parquet: it is damaged after row 500; fetch"):
        read_files(path)


@pytest.mark.parametrize(
    "rows", [[], [comparison(ratings__agreement=["MOCK", None])]], ids=["none", "masked"]
)
def test_files_without_a_single_usable_rating_are_refused(tmp_path, rows):
    with pytest.raises(FeedbackError, match="no rating that can be used"):
        read_files(write(tmp_path / "none.parquet", rows))


def test_without_comparisons_or_with_a_file_twice_there_is_nothing_to_convert(files):
    with pytest.raises(FeedbackError, match=r"name hm_all_candidate_comparisons\.parquet too"):
        read_files(*files[1:])
    with pytest.raises(FeedbackError, match="named twice"):
        read_files(files[0], *files)


def test_without_pyarrow_a_sentence_says_what_to_install(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(FeedbackError, match=r"pip install 'accord-bot\[parquet\]'"):
        read_files(*files)


def test_topics_are_told_in_the_form_of_clusters(tmp_path):
    rows = [
        comparison(),
        comparison(question__text="And dogs?", question__topic=4),
        comparison(question__text="Or birds?"),
        comparison(question__text="Nothing?", question__topic=None),
    ]
    summary = Summary()
    list(read_habermas([write(tmp_path / "a.parquet", rows)], summary))

    assert summary.clusters() == {
        "clusters": {
            "3": {"questions": ["Or birds?", "Should we keep cats?"]},
            "4": {"questions": ["And dogs?"]},
        }
    }


@pytest.mark.long
def test_three_times_the_rows_take_no_more_memory(tmp_path):
    """All in one row group, as pandas writes them; from some thousand rows on its pages are full."""
    peaks = []
    for count in (4_000, 4_000, 12_000):  # the first of them loads libraries
        rows = [comparison(round_id=f"R{n}", own_opinion__text=f"Said {n} " * 100) for n in range(count)]
        path = write(tmp_path / "many.parquet", rows)
        del rows
        tracemalloc.start()
        before = pa.total_allocated_bytes()
        most = 0
        for _ in read_habermas([path], Summary()):
            most = max(most, pa.total_allocated_bytes() - before)
        peaks.append((tracemalloc.get_traced_memory()[1], most))
        tracemalloc.stop()

    assert peaks[2][0] < 1.5 * peaks[1][0]
    assert peaks[2][1] < 1.5 * peaks[1][1]
