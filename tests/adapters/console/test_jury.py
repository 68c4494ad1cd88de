"""What `accord jury` reads and shows: seats, who can take them, verdicts, and what other seats choose."""

import io
import json

import pytest

from adapters.console.files import InputError, read_with_attributes
from adapters.console.jury import as_json, print_hearing, print_hearing_json
from adapters.console.jury_file import check_seats, read_jury, values_for
from engine.groups.juries import Jury
from engine.groups.jury_hearing import hear
from engine.types import Candidate, ParticipantOpinion

INLINE = "{size: 3, seats: {team: {support: 2, sales: 1}}}"
JURY = Jury("team", {"support": 2, "sales": 1})

ROUNDS = {
    "round.yaml": """
question: Shall we?
opinions:
  - {participant: ann, text: Yes., attributes: {Team: support}}
  - {participant: bob, text: No., attributes: {Team: " sales "}}
  - {participant: cem, text: Perhaps.}
""",
    "round.jsonl": """{"question": "Shall we?"}
{"participant": "ann", "text": "Yes.", "attributes": {"team": "support"}}
{"participant": "bob", "text": "No.", "attributes": {"team": "sales"}}
{"participant": "cem", "text": "Perhaps."}
""",
    "round.csv": "participant,Team,text\nann,support,Yes.\nbob,sales,No.\ncem,,Perhaps.\n",
}


@pytest.mark.parametrize("name", ROUNDS)
def test_attributes_are_read_from_fields_and_from_further_columns(tmp_path, name):
    (tmp_path / name).write_text(ROUNDS[name])

    request, attributes = read_with_attributes(str(tmp_path / name), question="Shall we?")

    assert [opinion.participant for opinion in request.opinions] == ["ann", "bob", "cem"]
    assert values_for(JURY, attributes) == {"ann": "support", "bob": "sales"}


def test_an_attribute_that_is_no_text_is_told_in_a_line():
    entry = b'{"question": "?", "opinions": [{"text": "a", "attributes": {"team": 3}}, {"text": "b"}]}'

    with pytest.raises(InputError, match="`attributes` of opinion 1 must be names and words"):
        read_with_attributes("-", stdin=io.BytesIO(entry))


def test_a_jury_is_read_from_the_command_line_and_from_files(tmp_path):
    (tmp_path / "jury.yaml").write_text("seats:\n  team:\n    support: 2\n    sales: 1\n")
    (tmp_path / "jury.json").write_text('{"size": 3, "seats": {"team": {"support": 2, "sales": 1}}}')

    assert read_jury(INLINE) == read_jury('{"size":3,"seats":{"team":{"support":2,"sales":1}}}') == JURY
    assert read_jury(str(tmp_path / "jury.yaml")) == read_jury(str(tmp_path / "jury.json")) == JURY
    assert read_jury("-", stdin=io.BytesIO(INLINE.encode())) == JURY


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{seats: {team: {a: 1}, age: {b: 1}}}", "of one attribute"),
        ("{seats: {}}", "of one attribute"),
        ("{size: 2, seats: {team: {a: 1}}}", "`size` is 2 and the seats are 1"),
        ("{seats: {team: {a: 0}}}", "1 to 200 together, not 0"),
        ("{seats: {team: {a: 201}}}", "1 to 200 together, not 201"),
        ("{seats: {team: {a: -1}}}", "whole number of seats"),
        ("{seats: {team: {a: 1.5}}}", "whole number of seats"),
        ("{seats: {team: {a: many}}}", "whole number of seats"),
        ("{seats: {team: {1: 1}}}", "is not text; put it in quotes"),
        ("{seats: {team: {a: 1, ' a': 1}}}", "look the same"),
        ("{seats: {' ': {a: 1}}}", "1 to 100 characters"),
        ("{size: x, seats: {team: {a: 1}}}", "`size` must be a whole number"),
        ("{team: {a: 1}}", "this is no jury"),
        ("{seats: ", "is not valid YAML"),
        ("nowhere.yaml", "there is no such file"),
        ("jury.csv", "this is no jury"),
    ],
)
def test_what_is_no_jury_is_told_in_one_line(written, says):
    with pytest.raises(InputError, match=says) as caught:
        read_jury(written)
    assert "\n" not in str(caught.value)


def test_seats_that_cannot_be_filled_say_who_is_missing():
    short = Jury("team", {"support": 3, "sales": 1, "legal": 1})
    values = {"ann": "support", "bob": "sales"}

    with pytest.raises(InputError) as caught:
        check_seats(short, values)
    assert str(caught.value) == (
        "Too few members for this jury: team support has 3 seats, and only 1 is present; team legal has"
        " 1 seat, and nobody is present. Add their opinions or change the seats."
    )
    with pytest.raises(InputError, match="--with-replacement"):
        check_seats(JURY, values)
    check_seats(Jury("team", JURY.seats, with_replacement=True), values)
    with pytest.raises(InputError, match="Nobody has the attribute team"):
        check_seats(JURY, {})


@pytest.fixture
def heard(a_mediation):
    """Four people, of whom the two in sales are against what wins with the stated seats."""
    candidates = tuple(
        Candidate(text=text, source="test", seed=0, rewards=rewards, welfare=4)
        for text, rewards in (("We wait.", (2, 2, 5, 5)), ("We begin.", (6.5, 6, 3, 2)))
    )
    mediation = a_mediation(4, statement="We wait.", candidates=candidates)
    said = ("Yes, at last we begin.", "Yes.", "I want to wait until May.", "We wait for the others, please.")
    opinions = [ParticipantOpinion(f"p{at}", text) for at, text in enumerate(said, 1)]
    values = {"p1": "support", "p2": "support", "p3": "sales", "p4": "sales"}
    return mediation, hear(JURY, mediation, opinions, values)


def test_verdicts_winner_other_seats_and_dissent_are_shown(screen, heard):
    shown = screen(COLUMNS="100")
    print_hearing(shown.console, *heard)
    text = shown.text()

    assert "100 juries by team: 2 support, 1 sales" in text
    assert [line.split()[:3] for line in text.splitlines() if line.startswith((" 1 ", " 2 "))] == [
        ["1", "We", "begin."],
        ["2", "We", "wait."],
    ]
    assert "Smallest change with another winner: 1 seat from support to sales. Candidate 2 wins then." in text
    assert "\n  We wait.\n" in text
    assert "Each alone would choose: sales: candidate 2, support: candidate 1." in text
    assert "sales (1 seat): 1.5 below (mean 2.5); 2 of 2 likely to disagree. They write:" in text
    assert "- We wait for the others, please." in text


def test_the_json_has_the_documented_fields_and_numbers_candidates_by_verdict(heard):
    stream = io.StringIO()
    print_hearing_json(stream, *heard)
    told = json.loads(stream.getvalue())

    assert [each["text"] for each in told["verdicts"]] == ["We begin.", "We wait."]
    assert told["winner"] == 0
    assert told["verdicts"][0]["by_seat"] == {"support": 6.25, "sales": 2.5}
    assert told["jury"]["seats"] == {"team": {"support": 2, "sales": 1}}
    assert (told["seed"], told["draws"]) == (42, 100)
    assert told["counterfactual"]["smallest"] == {
        "moves": [{"from": "support", "to": "sales", "seats": 1}],
        "seats": {"team": {"sales": 2, "support": 1}},
        "winner": 1,
        "ahead": pytest.approx(1 / 3),
    }
    assert told["counterfactual"]["alone"] == {"sales": 1, "support": 0}
    assert [each["seat"] for each in told["dissent"]] == ["sales"]


def test_words_of_members_and_names_of_seats_cannot_steer_the_terminal(screen, a_mediation):
    opinions = [ParticipantOpinion(f"p{at}", "Stop \x1b[2J this now please.") for at in (1, 2, 3)]
    values = dict.fromkeys(("p1", "p2"), "\x1b[31mred")
    hearing = hear(Jury("\x1b[1mteam", {"\x1b[31mred": 2}), a_mediation(), opinions, values)
    shown = screen()

    print_hearing(shown.console, a_mediation(), hearing)

    assert "\x1b" not in shown.text()


def test_winners_that_the_reward_model_cannot_tell_apart_are_named(screen, a_mediation):
    rated = (("We wait.", (4, 4, 5)), ("We begin.", (4.2, 4, 5)), ("We ask.", (1, 1, 1)))
    candidates = tuple(
        Candidate(text=text, source="test", seed=0, rewards=rewards, welfare=4) for text, rewards in rated
    )
    made = a_mediation(3, statement="We wait.", candidates=candidates)
    opinions = [ParticipantOpinion(f"p{at}", "Yes, we do.") for at in (1, 2, 3)]
    values = {"p1": "support", "p2": "support", "p3": "sales"}

    sure = hear(JURY, made, opinions, values)
    unsure = hear(JURY, made.model_copy(update={"uncertainty": 0.5}), opinions, values)
    shown = screen()
    print_hearing(shown.console, made, unsure)

    assert (sure.as_good, unsure.as_good) == ((), (0,))
    assert as_json(made, unsure)["as_good"] == [1]
    assert as_json(made, unsure)["uncertainty"] == 0.5
    assert "can't tell the winner from candidate 2" in " ".join(shown.text().split())
