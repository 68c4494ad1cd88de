"""Feedback is written whole or not at all, in any form, a few thousand records at a time."""

import sys
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from adapters.console.export import write_feedback
from adapters.console.files import InputError
from engine.feedback.files import COLUMNS, FeedbackFormat, dictionary, read_feedback
from tests.feedback_samples import RECORDS, record

FORMS = list(FeedbackFormat)


async def given_(records):
    for each in records:
        yield each


def numbered(count):
    return (record(participant=f"p{n}", opinion="Ban them, I say. " * 20) for n in range(count))


@pytest.mark.parametrize("form", FORMS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORDS, max_size=4))
async def test_what_is_written_is_read_back(tmp_path, screen, form, records):
    path = tmp_path / f"feedback.{form}"
    shown = screen()
    assert await write_feedback(given_(records), path, form, shown.console) == len(records)
    assert list(read_feedback(path)) == records
    assert shown.text().startswith("1 record.\n" if len(records) == 1 else f"{len(records)} records")
    assert ("fits no settled question" in shown.text()) == (not records)


@pytest.mark.parametrize("form", FORMS)
async def test_a_failure_on_the_way_leaves_what_was_there(tmp_path, screen, form):
    async def fails():
        for each in numbered(6_000):
            yield each
        raise RuntimeError("the store went away")

    path = tmp_path / f"feedback.{form}"
    path.write_text("as it was")
    with pytest.raises(RuntimeError):
        await write_feedback(fails(), path, form, screen().console)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "as it was"


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
async def test_fifty_thousand_records_take_no_more_memory_than_ten_thousand(tmp_path, screen, form):
    peaks = []
    for count in (10_000, 10_000, 50_000):  # the first of them loads libraries
        tracemalloc.start()
        await write_feedback(given_(numbered(count)), tmp_path / "feedback", form, screen().console)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.2 * peaks[1]


async def test_parquet_comes_in_row_groups_with_types(tmp_path, screen):
    path = tmp_path / "feedback.parquet"
    await write_feedback(given_(numbered(10_001)), path, FeedbackFormat.PARQUET, screen().console)
    file = parquet.ParquetFile(path)
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [5_000, 5_000, 1]
    assert file.schema_arrow.names == list(COLUMNS)
    types = {field.name: (str(field.type), field.nullable) for field in file.schema_arrow}
    assert types["agreement"] == ("int64", False)
    assert types["quality"] == ("int64", True)
    assert types["consent"] == ("bool", False)
    assert types["welfare_alpha"] == ("double", True)
    assert types["settled_at"] == ("timestamp[us, tz=UTC]", False)


async def test_without_pyarrow_parquet_says_what_to_install(tmp_path, screen, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "feedback.parquet"
    with pytest.raises(InputError, match=r"accord-bot\[parquet\]"):
        await write_feedback(given_([]), path, FeedbackFormat.PARQUET, screen().console)
    assert list(tmp_path.iterdir()) == []


def test_the_dictionary_says_what_every_column_means():
    rows = [row.split(" | ") for row in dictionary().splitlines()[2:]]
    assert [row[0].strip("| `") for row in rows] == list(COLUMNS)
    assert all(len(row) == 4 and len(row[3]) > 10 for row in rows)
