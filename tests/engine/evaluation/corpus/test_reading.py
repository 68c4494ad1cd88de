"""Reading a corpus: typed lines by split; a line that does not belong is named."""

import json

import pytest

from engine.errors import CorpusError, NoCorpusError
from engine.evaluation.corpus.reading import (
    CONDITIONS,
    OPTIONS,
    ROUNDS,
    SHIPPED_CORPUS,
    Sort,
    Split,
    StatementKind,
    read_corpus,
)
from engine.question_kinds import QuestionKind
from tests.engine.evaluation.corpus.rounds import CAKE, DAYS, DOG, FILES, HALL, LAMPS, TRIP, write


def test_rounds_options_and_conditions_are_read_by_split(tmp_path):
    corpus = read_corpus(write(tmp_path))
    dev = corpus.of(Split.DEV)

    assert [each.id for each in corpus.rounds] == ["t-01", "t-02", "t-03", "t-04"]
    assert [each.id for each in dev.rounds] == ["t-01", "t-02", "t-03"]
    assert [each.id for each in corpus.of("train").rounds] == ["t-04"]
    assert [each.id for each in dev.of_sort(Sort.DRAFTS)] == ["t-03"]
    assert [each.form for each in dev.options] == [QuestionKind.HOW_MANY, QuestionKind.WHICH]
    assert dev.conditions[0].statements[1].silent == "We get a dog."
    assert corpus.of(Split.TEST).rounds == ()


def test_a_round_is_what_the_other_suites_know(tmp_path):
    cake = read_corpus(write(tmp_path)).rounds[0]
    rated = cake.rated()

    assert rated.question == CAKE["question"]
    assert rated.opinions[1] == CAKE["opinions"][1]["text"]
    assert rated.candidates == tuple(each["text"] for each in CAKE["statements"])
    assert rated.ratings.tolist() == CAKE["ratings"]
    assert cake.statements[1].kind is StatementKind.COLLAGE


def test_empty_lines_are_nothing(tmp_path):
    folder = write(tmp_path)
    (folder / ROUNDS).write_text(f"\n{json.dumps(CAKE)}\n\n")

    assert len(read_corpus(folder).rounds) == 1


@pytest.mark.parametrize("name", [ROUNDS, OPTIONS, CONDITIONS])
def test_a_missing_corpus_is_one_sentence(tmp_path, name):
    write(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(NoCorpusError, match=f"{name}: it is not there") as failed:
        read_corpus(tmp_path)
    assert "\n" not in str(failed.value)


BAD = {
    "not JSON": (ROUNDS, "{", "line 2: invalid JSON"),
    "an unknown field": (ROUNDS, {**HALL, "mood": "fair"}, "line 2: mood: there is no such field"),
    "no question": (OPTIONS, dict(list(DAYS.items())[:3]), "line 2: question: it is needed"),
    "an empty text": (OPTIONS, {**DAYS, "opinions": ["two", " ", "five"]}, "line 2: opinions.1: "),
    "an unknown split": (ROUNDS, {**HALL, "split": "held"}, "line 2: split: "),
    "a rating off the scale": (ROUNDS, {**HALL, "ratings": [[5, 8, 3], [5, 1, 2]]}, "line 2: ratings.0.1: "),
    "half a rating": (ROUNDS, {**HALL, "ratings": [[5, 6.5, 3], [5, 1, 2]]}, "line 2: ratings.0.1: "),
    "a row too few": (ROUNDS, {**HALL, "ratings": [[5, 7, 3]]}, "line 2: there are 2 opinions and 3"),
    "a number too few": (ROUNDS, {**HALL, "ratings": [[5, 7], [5, 1, 2]]}, "line 2: there are 2 opinions"),
    "quality of others": (ROUNDS, {**HALL, "quality": [6, 4]}, "line 2: there are 2 opinions"),
    "a second rater's row": (ROUNDS, {**HALL, "second": {**HALL["second"], "ratings": [[4, 7, 3]]}},
                             "line 2: there are 2 opinions"),
    "a draft among kinds": (ROUNDS, {**TRIP, "sort": "kinds"}, "line 2: a round of kinds has"),
    "kinds among drafts": (ROUNDS, {**HALL, "sort": "drafts"}, "line 2: in a round of drafts"),
    "somebody twice": (ROUNDS, {**HALL, "opinions": [HALL["opinions"][0]] * 2},
                       "line 2: a participant is there twice"),
    "an id twice": (ROUNDS, CAKE, "line 2: its id is there twice"),
    "options that do not fit": (OPTIONS, {**DAYS, "statements": ["Two."]}, "line 2: opinions and statements"),
    "conditions that do not fit": (CONDITIONS, {**DOG, "opinions": ["No."]}, "line 2: opinions and"),
    "a topic in two splits": (ROUNDS, {**LAMPS, "topic": "Cake, for the fete!"},
                              "line 2: its topic is in train here and in dev at "),
}  # fmt: skip


@pytest.mark.parametrize(("name", "line", "says"), BAD.values(), ids=BAD)
def test_a_line_that_does_not_belong_is_told_by_file_and_number(tmp_path, name, line, says):
    first = {ROUNDS: CAKE, OPTIONS: FILES[OPTIONS][1], CONDITIONS: {**DOG, "id": "o-9"}}[name]
    write(tmp_path, {ROUNDS: [CAKE], OPTIONS: [], CONDITIONS: [], name: [first]})
    with (tmp_path / name).open("a") as file:
        file.write(line if isinstance(line, str) else json.dumps(line))

    with pytest.raises(CorpusError) as failed:
        read_corpus(tmp_path)

    said = str(failed.value)
    assert said.startswith(f"{tmp_path / name}: {says}")
    assert said.endswith(".")
    assert "\n" not in said
    assert not any(text in said for text in ("fortune", "plenty", "danced"))


def test_a_topic_of_one_split_in_another_file_is_found_too(tmp_path):
    files = {**FILES, OPTIONS: [{**DAYS, "topic": LAMPS["topic"]}]}

    with pytest.raises(CorpusError, match=rf"{OPTIONS}: line 1: its topic is in dev here and in train"):
        read_corpus(write(tmp_path, files))


def test_the_shipped_corpus_lies_with_the_recipes_of_training():
    assert SHIPPED_CORPUS.parts[-3:] == ("engine", "training", "corpus")
    assert (SHIPPED_CORPUS.parent / "default.yaml").is_file()
