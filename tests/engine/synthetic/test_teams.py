"""The simulated team: known preferences, told in words, and rated as they are."""

import json
from collections import defaultdict
from dataclasses import replace
from random import Random

import pytest

from engine.evaluation.__main__ import main
from engine.feedback.files import read_feedback
from engine.feedback.record import FeedbackRecord
from engine.questions.bank import bank
from engine.synthetic.teams import (
    CONCERNS,
    Member,
    SimulatedTeam,
    Statement,
    TeamSettings,
    expected_agreement,
    rated,
)
from engine.synthetic.topics import Question

QUESTIONS = [
    Question(f"q{n}", f"Should we {act}?", f"We should {act}.", f"We should not {act}.", n % 3, "train")
    for n, act in enumerate(("ban cars", "build trams", "plant trees", "close the pool", "open a school"))
]
SMALL = TeamSettings(members=12, deliberations=20, seed=7)
ANN = Member("ann", {0: 1.0}, first="cost", second="speed", strictness=0.0, consents=True)
CHEAP = Statement("", stance=0.0, serves="cost", yields="fairness", padded=False)


def records(settings=SMALL):
    return list(SimulatedTeam(settings, QUESTIONS).deliberations())


def test_the_same_seed_gives_the_same_records_and_another_seed_others():
    assert records() == records()
    assert records() != records(replace(SMALL, seed=8))


def test_everybody_rates_every_statement_of_their_deliberation_once():
    rated_by = defaultdict(list)
    for record in records():
        rated_by[record.deliberation_id].append((record.participant, record.statement_id))

    assert len(rated_by) == SMALL.deliberations
    for pairs in rated_by.values():
        people, statements = ({pair[at] for pair in pairs} for at in (0, 1))
        assert len(pairs) == len(set(pairs)) == len(people) * len(statements)
        assert SMALL.group[0] <= len(people) <= SMALL.group[1]
        assert len(statements) == SMALL.statements


def test_most_people_prefer_some_statements_of_a_round_to_others():
    given = defaultdict(set)
    for record in records():
        given[record.deliberation_id, record.participant].add(record.agreement)

    assert sum(len(each) > 1 for each in given.values()) > 0.9 * len(given)


def test_a_pseudonym_is_never_seen_in_two_deliberations():
    seen = defaultdict(set)
    for record in records():
        seen[record.participant].add(record.deliberation_id)

    assert all(len(where) == 1 for where in seen.values())


def test_opinions_of_members_who_do_not_consent_are_left_out():
    shy = records(replace(SMALL, consent=0.0))

    assert {(record.opinion, record.consent, record.predicted_reward) for record in shy} == {
        (None, False, None)
    }


def test_an_opinion_says_what_matters_to_its_author():
    team = SimulatedTeam(replace(SMALL, consent=1.0), QUESTIONS)
    said = {phrase for concern in CONCERNS.values() for phrase in concern["said"]}

    for record in team.deliberations():
        assert any(phrase in record.opinion for phrase in said)


def test_agreement_falls_with_the_distance_of_stances_and_rises_with_what_a_statement_puts_first():
    near, far = (expected_agreement(ANN, 0.8, replace(CHEAP, stance=stance)) for stance in (0.8, -0.8))
    against = expected_agreement(ANN, 0.8, replace(CHEAP, stance=0.8, serves="fairness", yields="cost"))

    assert near > far
    assert near > against
    assert near == pytest.approx(7.0)


def test_a_strict_member_gives_less():
    strict = replace(ANN, strictness=1.0)

    assert expected_agreement(ANN, 0, CHEAP) - expected_agreement(strict, 0, CHEAP) == pytest.approx(1.0)


@pytest.mark.parametrize("expected", [-20.0, 4.0, 30.0])
def test_a_rating_is_on_the_scale(expected):
    assert 1 <= rated(expected, Random(0)) <= 7


def test_what_is_served_and_what_is_given_up_are_said_in_other_words_for_every_concern():
    for words in CONCERNS.values():
        assert len(words["said"]) >= 5
        assert not set(words["serves"]) & set(words["yields"])


@pytest.fixture
def questions_file(tmp_path):
    rows = [
        {
            "id": each.id,
            "question": each.text,
            "affirming_statement": each.affirming,
            "negating_statement": each.negating,
            "topic": each.topic,
            "split": each.split,
        }
        for each in QUESTIONS
    ]
    file = tmp_path / "questions.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    return file


def test_the_command_writes_one_record_a_line(questions_file, tmp_path, capsys):
    out = tmp_path / "team.jsonl"
    words = ["simulate", str(out), "--questions", str(questions_file), "--deliberations", "3", "--seed", "7"]

    assert main(words) == 0

    lines = out.read_text(encoding="utf-8").splitlines()
    assert [FeedbackRecord.model_validate_json(line) for line in lines] == records(
        TeamSettings(deliberations=3, seed=7)
    )
    assert f"{len(lines)} simulated ratings" in capsys.readouterr().out


def test_without_a_file_of_questions_the_bank_is_asked(tmp_path):
    out = tmp_path / "team.jsonl"

    assert main(["simulate", str(out), "--deliberations", "3"]) == 0

    asked = {record.question for record in read_feedback(out)}
    assert len(asked) == 3
    assert asked <= {each.question for each in bank()}


def test_how_many_people_there_are_is_asked_for_as_in_a_study(questions_file, tmp_path, capsys):
    written = []
    for option in ("--people", "--members"):  # the second is what it was called before
        out = tmp_path / f"{option.strip('-')}.jsonl"
        words = [
            "simulate",
            str(out),
            "--questions",
            str(questions_file),
            option,
            "9",
            "--deliberations",
            "4",
        ]
        assert main(words) == 0
        written.append(out.read_text(encoding="utf-8"))

    assert written[0] == written[1]
    with pytest.raises(SystemExit):
        main(["simulate", "--help"])
    told = capsys.readouterr().out
    assert "--people" in told
    assert "--members" not in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["simulate", "OUT", "--questions", "FILE", "--people", "3"], "people"),
        (["simulate", "OUT", "--questions", "MISSING"], "MISSING: it cannot be read"),
        (["simulate", "OUT", "--questions", "BAD"], "BAD: "),
        (["nonsense"], "simulate"),
    ],
    ids=["too few", "no file", "no questions", "no command"],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(words, says, questions_file, tmp_path, capsys):
    bad = tmp_path / "bad.json"
    bad.write_text('[{"question": "?"}]', encoding="utf-8")
    names = {
        "OUT": str(tmp_path / "out.jsonl"),
        "FILE": str(questions_file),
        "MISSING": str(tmp_path / "no.json"),
        "BAD": str(bad),
    }

    assert main([names.get(word, word) for word in words]) == 2

    complaint = capsys.readouterr().err
    for name, path in names.items():
        says = says.replace(name, path)
    assert says in complaint
    assert complaint.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("team.csv", "team.csv: JSON Lines are written here; let its name end in .jsonl."),
        (".", ".: JSON Lines are written here; let its name end in .jsonl."),
        ("nowhere/team.jsonl", "it cannot be written (No such file or directory); check the folder."),
        ("folder.jsonl", "folder.jsonl: it cannot be written (Is a directory); check the folder."),
    ],
)
def test_a_file_that_cannot_be_written_is_one_sentence_and_leaves_nothing(
    tmp_path, monkeypatch, capsys, out, said
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.jsonl").mkdir()

    assert main(["simulate", out, "--people", "8", "--deliberations", "8"]) == 2

    complaint = capsys.readouterr().err
    assert complaint.startswith("accord: ")
    assert said in complaint
    assert complaint.count("\n") == 1
    assert [each.name for each in tmp_path.iterdir()] == ["folder.jsonl"]
