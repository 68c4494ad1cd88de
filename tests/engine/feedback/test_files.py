"""Feedback as files: what is written is read back, and what cannot be read says where."""

import csv
import json

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from engine.errors import FeedbackError
from engine.feedback.files import COLUMNS, as_cells, as_row, read_feedback
from tests.feedback_samples import RECORDS, record


def write_jsonl(path, records):
    path.write_text("".join(f"{each.model_dump_json()}\n" for each in records), encoding="utf-8", newline="")


def write_csv(path, records):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *map(as_cells, records)])


def write_parquet(path, records):
    parquet.write_table(pyarrow.Table.from_pylist([as_row(each) for each in records]), path)


WRITERS = {".jsonl": write_jsonl, ".csv": write_csv, ".parquet": write_parquet}


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
@given(records=st.lists(RECORDS, max_size=3))
def test_records_are_read_as_they_were_written(tmp_path_factory, ending, records):
    path = tmp_path_factory.mktemp("files") / f"feedback{ending}"
    WRITERS[ending](path, records)
    assert list(read_feedback(path)) == records


@given(each=RECORDS)
def test_a_spreadsheet_finds_no_formula_in_any_text(each):
    row = as_row(each)
    for column, cell in zip(COLUMNS, as_cells(each), strict=True):
        if isinstance(row[column], str):
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
            assert not cell.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("ending", WRITERS)
def test_a_record_that_is_none_is_named_by_file_and_line(tmp_path, ending):
    path = tmp_path / f"feedback{ending}"
    WRITERS[ending](path, [record(), record(participant="p2").model_copy(update={"agreement": 9})])
    place = {".jsonl": "line 2", ".csv": "line 3", ".parquet": "row 2"}[ending]
    with pytest.raises(FeedbackError, match=f"feedback{ending}: {place}: agreement: input should be less"):
        list(read_feedback(path))


@pytest.mark.parametrize("ending", WRITERS)
def test_a_file_that_was_cut_off_says_so(tmp_path, ending):
    path = tmp_path / f"feedback{ending}"
    WRITERS[ending](path, [record(opinion='Ban "them".'), record(participant="p2")])
    path.write_bytes(path.read_bytes()[:-25])
    with pytest.raises(FeedbackError, match=f"feedback{ending}: "):
        list(read_feedback(path))


@pytest.mark.parametrize("separator", ",;\t", ids=["commas", "semicolons", "tabs"])
def test_a_csv_is_read_however_a_spreadsheet_saved_it(tmp_path, separator):
    path, records = tmp_path / "feedback.csv", [record(opinion="Ban; tax, or\ttalk."), record()]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=separator).writerows([COLUMNS, *map(as_cells, records)])

    assert list(read_feedback(path)) == records


def test_what_was_written_before_there_were_critiques_is_read(tmp_path):
    old = tmp_path / "feedback.jsonl"
    old.write_text(json.dumps(json.loads(record().model_dump_json(exclude={"critique"}))) + "\n")
    table = tmp_path / "feedback.csv"
    at = COLUMNS.index("critique")
    rows = [list(COLUMNS), as_cells(record())]
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*row[:at], *row[at + 1 :]] for row in rows)

    assert list(read_feedback(old)) == list(read_feedback(table)) == [record()]
    assert record().critique is None


def test_a_csv_without_a_last_newline_is_whole(tmp_path):
    path = tmp_path / "feedback.csv"
    WRITERS[".csv"](path, [record(), record(participant="p2")])
    path.write_bytes(path.read_bytes().rstrip(b"\r\n"))

    assert [each.participant for each in read_feedback(path)] == [record().participant, "p2"]


def test_a_csv_that_was_cut_off_anywhere_in_its_last_line_says_so(tmp_path):
    path = tmp_path / "feedback.csv"
    WRITERS[".csv"](path, [record()])
    whole = path.read_bytes().rstrip(b"\r\n")
    for cut in range(whole.rindex(b"\n") + 2, len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(FeedbackError, match=r"feedback\.csv: line 2"):
            list(read_feedback(path))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.jsonl", "not json\n", "line 1 is not JSON"),
        ("x.jsonl", "\n[]\n", "line 2 is no JSON object"),
        ("x.jsonl", b"\xff\n", "line 1 is not UTF-8"),
        ("x.jsonl", json.dumps({"schema_version": 2}), "another schema than 1"),
        ("x.jsonl", json.dumps({"team": "t"}), "line 1: group: it is needed"),
        ("x.csv", "a,b\n1,2\n", "no column team"),
        ("x.csv", b"\xff\n", "line 1 is not UTF-8"),
        ("x.csv", "", "no column team"),
        ("x.csv", ",".join([*COLUMNS, "more"]) + "\n", "column 'more'"),
        ("x.csv", ",".join([*COLUMNS, "team"]) + "\n", "twice"),
        ("x.csv", ",".join(COLUMNS) + "\n1,2\n", "line 2 has 2 cells"),
        ("x.parquet", "text", "no Parquet file"),
        ("x.txt", "", "one of .jsonl, .csv, .parquet"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_with_the_file(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FeedbackError, match=said) as caught:
        list(read_feedback(path))
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FeedbackError, match=r"none\.jsonl: it cannot be read"):
        list(read_feedback(tmp_path / "none.jsonl"))


def test_a_message_quotes_no_opinion(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(record().model_dump(mode="json") | {"opinion": ["secret words"]}))
    with pytest.raises(FeedbackError) as caught:
        list(read_feedback(path))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
