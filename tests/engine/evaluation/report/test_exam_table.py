"""The table of a model card: every measure a row, every model a column."""

import pytest

from engine.evaluation.accuracy.baselines import TfIdf
from engine.evaluation.corpus.exam import examine
from engine.evaluation.corpus.reading import Corpus, Split, read_corpus
from tests.engine.evaluation.corpus.rounds import Knows, truth, write
from tests.exam_table import exam_table


def test_models_stand_beside_choosers_that_know_less(tmp_path):
    dev = read_corpus(write(tmp_path)).of(Split.DEV)
    exams = {name: examine(each, dev, draws=50) for name, each in {
        "TF-IDF": TfIdf(), "the truth": Knows(truth(dev.rounds)),
    }.items()}  # fmt: skip

    written = exam_table(exams)

    rows = {cells[1]: cells[2:-1] for cells in (
        [cell.strip() for cell in line.split("|")] for line in written.splitlines() if line.startswith("|")
    )}  # fmt: skip
    assert written.startswith("Split dev: 3 rounds with 24 ratings, 2 sets of options, 1 of conditions.")
    assert rows["measure"] == [
        "drawn by lot", "longest statement", "closest to the others", "best possible", "TF-IDF", "the truth",
    ]  # fmt: skip
    lot, *_, best, _, true = rows["choice among earnest drafts, by mean: share gained"]
    assert (lot, best, true) == ("0.00", "1.00", "1.00")  # one round: no interval
    assert rows["choice among earnest drafts, by mean: rating of the least happy"][-1] == "6.00"
    assert rows["choice among earnest drafts, by geometric mean: share gained"][-2] == "–"
    assert rows["pairs within a person"][:4] == ["–"] * 4
    assert rows["pairs within a person"][-1].startswith("1.00 [")
    assert rows["quantities: another's option above 4"][-2:] == ["–", "0.00"]
    assert rows["condition: met over broken"][-1] == "0.50"
    assert "a good compromise above one camp's wish" in rows
    assert "→" in rows["mean predicted → mean given, by fifths of the predictions"][-1]
    assert "Two raters, 2 rounds: Krippendorff's alpha" in written


def test_exams_of_other_rounds_do_not_stand_side_by_side(tmp_path):
    corpus = read_corpus(write(tmp_path))
    exams = {split: examine(TfIdf(), corpus.of(split), draws=50) for split in (Split.DEV, Split.TRAIN)}

    with pytest.raises(ValueError, match="the same rounds"):
        exam_table(exams)
    with pytest.raises(ValueError, match="the same rounds"):
        exam_table({})


def test_a_corpus_without_rounds_has_a_table_too():
    assert exam_table({"TF-IDF": examine(TfIdf(), Corpus(()), draws=50)}).startswith("Split empty: 0 rounds")
