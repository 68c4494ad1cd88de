"""What `accord deliberate` reads, and the one line it gives for everything else."""

import csv
import io
import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.files import (
    LIMIT_MB,
    STATEMENT_LIMIT,
    InputError,
    look_of,
    read_request,
    read_revision,
)
from adapters.console.sample import sample
from bot.domain.clean_text import clean, is_blank
from bot.domain.deliberation import OPINION_LIMIT, QUESTION_LIMIT
from engine.types import MediationRequest, ParticipantOpinion, Revision, WelfareFunction, WelfareName

SAMPLES = Path(__file__).parent / "samples"
LIBRARY = MediationRequest(
    question="Should the library open on Sundays?",
    opinions=(
        ParticipantOpinion("Ana", "Yes, it is the only day I have time."),
        ParticipantOpinion("Béla", "Only if the staff agree to it.\nThey should be paid extra."),
    ),
)
SECRET = "sekrit"


def read_stdin(data: bytes | str) -> MediationRequest:
    return read_request("-", stdin=io.BytesIO(data.encode() if isinstance(data, str) else data))


def complaint(data: bytes | str) -> str:
    with pytest.raises(InputError) as caught:
        read_stdin(data)
    return str(caught.value)


# -- what is read ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["opinions.yaml", "opinions.json", "opinions.jsonl", "one-line.jsonl"])
def test_each_format_is_read_from_a_file_and_told_apart_on_standard_input(name):
    assert read_request(str(SAMPLES / name)) == LIBRARY
    assert read_stdin((SAMPLES / name).read_bytes()) == LIBRARY


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm():
    data = (SAMPLES / "opinions.jsonl").read_bytes().replace(b"\n", b"\r\n")
    assert read_stdin(b"\xef\xbb\xbf" + data) == LIBRARY


TABLES = {
    "commas": SAMPLES / "opinions.csv",
    "semicolons": SAMPLES / "semicolons.csv",
    "tabs": SAMPLES / "tabs.tsv",
}


@pytest.mark.parametrize("path", TABLES.values(), ids=TABLES.keys())
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["line feed", "Windows", "old Mac"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte-order mark"])
def test_a_table_is_read_however_a_spreadsheet_saved_it(path, end, mark):
    data = mark + path.read_bytes().strip().replace(b"\n", end)

    request = read_request("-", question=LIBRARY.question, stdin=io.BytesIO(data))

    assert request.question == LIBRARY.question
    assert [(each.participant, each.text.split(".")[0]) for each in request.opinions] == [
        ("Ana", "Yes, it is the only day; I have time"),
        ("Béla", 'Only if the "staff" agree to it'),
    ]


def test_the_ending_says_that_a_file_is_a_table(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text("who,what\na,sekrit\n")
    with pytest.raises(InputError, match=r"line 1 is no heading of opinions; name the columns `participant`"):
        read_request(str(path), question="Q?")


def test_polis_comments_of_one_author_are_one_opinion_without_those_that_were_turned_down():
    request = read_request(str(SAMPLES / "polis_comments.csv"), question="What about the library?")

    assert request.opinions == (
        ParticipantOpinion("3", "Open it on Sundays, not Mondays\nMore chairs, please"),
        ParticipantOpinion("8", "Keep it as it is"),
    )


def test_the_question_may_be_given_apart_from_the_opinions():
    lines = '{"participant": "a", "text": "one"}\n{"text": "two"}'

    request = read_request("-", question="Open on Sundays?", stdin=io.BytesIO(lines.encode()))

    assert request.question == "Open on Sundays?"
    assert [opinion.participant for opinion in request.opinions] == ["a", "p2"]


def test_a_question_that_is_given_goes_before_the_files_own():
    assert read_request(str(SAMPLES / "opinions.json"), question="And Mondays?").question == "And Mondays?"


def test_a_hash_cuts_nothing_in_quotes_in_a_block_within_a_word_or_on_a_line_of_its_own():
    written = (
        "# our files\nquestion: 'Option #1?' # as asked\nopinions:  # three\n- text: \"take #2\"\n"
        "- text: C# is fine\n  # a remark\n- text: |\n    never\n    #3 nor #4\n"
    )

    request = read_stdin(written)

    assert request.question == "Option #1?"
    assert [opinion.text for opinion in request.opinions] == ["take #2", "C# is fine", "never\n#3 nor #4"]


def test_participants_may_be_left_out():
    request = read_stdin("question: Q?\nopinions: [{text: one}, {text: two, participant: Bo}, {text: three}]")
    assert [opinion.participant for opinion in request.opinions] == ["p1", "Bo", "p3"]


def test_the_settings_of_the_mediation_are_passed_on():
    rawlsian = WelfareFunction(name=WelfareName.RAWLSIAN)
    request = read_request(str(SAMPLES / "opinions.yaml"), candidates=4, welfare=rawlsian, seed=7)
    assert (request.candidates, request.welfare, request.seed) == (4, rawlsian, 7)


def test_the_sample_has_diverse_members_and_is_within_the_limits():
    assert sample().question == "Should we ban single-use plastics?"
    assert len({opinion.participant for opinion in sample().opinions}) == 7


# Text as the application keeps it; U+FFFE and the like are no characters in YAML.
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\n\t"), min_size=1)
KEPT = WORDS.map(clean).filter(lambda text: not is_blank(text))
NAMES = KEPT.filter(lambda name: "\n" not in name and len(name) <= 100)
REQUESTS = st.builds(
    MediationRequest,
    question=KEPT.filter(lambda text: len(text) <= QUESTION_LIMIT),
    opinions=st.lists(
        st.builds(ParticipantOpinion, participant=NAMES, text=KEPT),
        min_size=2,
        max_size=6,
        unique_by=lambda opinion: look_of(opinion.participant),
    ).map(tuple),
)


def as_yaml(request: MediationRequest) -> str:
    return yaml.safe_dump(
        {"question": request.question, "opinions": [asdict(opinion) for opinion in request.opinions]},
        allow_unicode=True,
    )


def as_json(request: MediationRequest) -> str:
    opinions = [asdict(opinion) for opinion in request.opinions]
    return json.dumps({"question": request.question, "opinions": opinions}, ensure_ascii=False, indent=1)


def as_json_lines(request: MediationRequest) -> str:
    lines = [{"question": request.question}, *map(asdict, request.opinions)]
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


def as_table(request: MediationRequest) -> str:
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\n")
    rows.writerows([("participant", "text"), *(tuple(asdict(each).values()) for each in request.opinions)])
    return written.getvalue()


@given(request=REQUESTS)
def test_any_table_that_is_written_down_is_read_back_equal(request):
    data = io.BytesIO(as_table(request).encode())

    assert read_request("-", question=request.question, stdin=data) == request


@pytest.mark.parametrize("write", [as_yaml, as_json, as_json_lines])
@given(request=REQUESTS)
def test_any_request_that_is_written_down_is_read_back_equal(write, request):
    assert read_stdin(write(request)) == request


@given(data=st.binary(max_size=200) | st.text(max_size=200) | st.from_regex(r"[\[\]{}:,\"'&*!|>? \n-]{0,40}"))
def test_any_other_input_is_refused_in_one_line(data):
    assert "\n" not in complaint(data)


# -- what is refused -------------------------------------------------------------------------------


def document(**changes: object) -> str:
    opinions = [{"participant": "a", "text": SECRET}, {"participant": "b", "text": "no"}]
    return json.dumps({"question": "Q?", "opinions": opinions, **changes})


def first_opinion(**changes: object) -> str:
    entry = {"participant": "a", "text": SECRET, **changes}
    return document(opinions=[entry, {"participant": "b", "text": "no"}])


def bomb() -> str:
    """Nine levels of nine aliases each: nine to the ninth power once somebody walks through it."""
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(levels)


BAD = {
    "empty": ("", "empty"),
    "only blanks": (" \n\t\n", "empty"),
    "only a comment": ("# nothing", "must hold `question` and `opinions`"),
    "not UTF-8": (b"question: ok\nopinions: [\xe9t\xe9]", "line 2 is not UTF-8"),
    "UTF-16": (document().encode("utf-16"), "line 1 is not UTF-8"),
    "null byte": (b"question: a\nopinions: \0", "line 2 has a null byte"),
    "escape sequence": ("question: \x1b[31mred", "line 1 has a control character"),
    "a sentence": (f"{SECRET} is what I think", "must hold `question` and `opinions`"),
    "a list": (f'["{SECRET}"]', "must hold `question` and `opinions`"),
    "no question": (document(question=None), "it holds no question: give it with --question"),
    "question left out": (json.dumps({"opinions": []}), "it holds no question: give it with --question"),
    "question blank": (document(question=" \n"), "question is empty"),
    "question too long": (document(question=SECRET * 100), "question has 600 characters"),
    "question a number": ("question: 12\nopinions: []", "`question` is not text"),
    "question a list": (document(question=[SECRET]), "`question` is not text"),
    "opinions left out": (json.dumps({"question": "Q?"}), "no `opinions`"),
    "no opinions": (document(opinions=[]), "there are no opinions; give at least 2"),
    "opinions null": (document(opinions=None), "`opinions` must be a list"),
    "opinions a text": (document(opinions=SECRET), "`opinions` must be a list"),
    "one opinion": (document(opinions=[{"text": SECRET}]), "only one opinion"),
    "unknown key": (document(sekrit=1), "nothing else"),
    "unknown key of an opinion": (first_opinion(sekrit="x"), "opinion 1 must have `text`"),
    "opinion a text": (document(opinions=[SECRET, SECRET]), "opinion 1 must have `text`"),
    "text left out": (document(opinions=[{"participant": "a"}]), "`text` of opinion 1 is missing"),
    "text null": (first_opinion(text=None), "`text` of opinion 1 is missing"),
    "text blank": (first_opinion(text=" \n "), "opinion 1 is empty"),
    "text only joiners": (first_opinion(text="\u200d\u00ad"), "opinion 1 is empty"),
    "text only control characters": (first_opinion(text="\u0000\u001b"), "opinion 1 is empty"),
    "text too long": (first_opinion(text="x" * (OPINION_LIMIT + 1)), "opinion 1 has 3,001 characters"),
    "text a number": (first_opinion(text=12), "`text` of opinion 1 is not text"),
    "text not a number": (first_opinion(text=float("nan")), "`text` of opinion 1 is not text"),
    "text yes": ("question: Q?\nopinions: [{text: no way}, {text: yes}]", "`text` of opinion 2 is not text"),
    "text a date": ("question: Q?\nopinions: [{text: 2026-11-23}]", "`text` of opinion 1 is not text"),
    "text an impossible date": ("question: Q?\nopinions: [{text: 2026-13-45}]", "opinion 1 is not text"),
    "text a list": (first_opinion(text=[SECRET]), "`text` of opinion 1 is not text"),
    "text a huge number": (first_opinion().replace(f'"{SECRET}"', "9" * 9999), "opinion 1 is not text"),
    "text a huge number in YAML": (
        f"question: Q?\nopinions:\n- text: 1{':1' * 99_999}",
        "opinion 1 is not text",
    ),
    "participant a number": (first_opinion(participant=1), "`participant` of opinion 1 is not text"),
    "participant blank": (first_opinion(participant=" "), "`participant` of opinion 1 must be one line"),
    "participant in two lines": (first_opinion(participant="a\nb"), "`participant` of opinion 1 must be one"),
    "participant too long": (first_opinion(participant="a" * 101), "`participant` of opinion 1 must be one"),
    "same participant": (first_opinion(participant="b"), "opinions 1 and 2 have the same participant"),
    "same participant but for blanks": (first_opinion(participant=" b "), "opinions 1 and 2 have the same"),
    "default participant taken": (
        document(opinions=[{"participant": "p2", "text": "x"}, {"text": "y"}]),
        "opinions 1 and 2 have the same participant",
    ),
    "broken JSON": ('{"question": "Q?",\n "opinions": [}', "line 2, column 15 is not valid JSON"),
    "two JSON values": ('{"question": 1}\n[', "line 2, column 2 is not valid JSON"),
    "repeated key in JSON": ('{"question": "a", "question": "b"}', "the same key stands there twice"),
    "deep JSON": ("[" * 100_000, "nested more deeply"),
    "broken JSON line": ('{"question": "Q?"}\n{"text": "sekrit"}\n{"text"', "line 3, column 8"),
    "JSON lines without a question": ('{"text": "sekrit"}\n{"text": "b"}', "it holds no question: give it"),
    "CSV without a question": ("participant,text\na,sekrit\nb,no", "it holds no question: give it"),
    "CSV with a cell too many": ("text,participant\nno,b\nsekrit,or not,a", "line 3 has 3 cells"),
    "CSV with a cell too few": ("participant;text\na", "line 2 has 1 cells and line 1 names 2 columns"),
    "CSV with half a quotation": ('participant,text\na,"sekrit', "line 2 is not CSV"),
    "CSV with an empty text": ("participant,text\na,no\nsekrit, ", "line 3 has no text"),
    "text that YAML would cut": ("question: Q?\nopinions:\n- text: sekrit #2, not #1", 'line 3 has " #"'),
    "text that YAML would cut to nothing": ("question: Q?\nopinions:\n- text: #sekrit", 'line 3 has " #"'),
    "question that YAML would cut": ("question: Stränd №1 #2?\nopinions: []", 'line 1 has " #"'),
    "same participant but for a space without width": (
        first_opinion(participant="b\u200b"),
        "opinions 1 and 2 have the same participant",
    ),
    "same participant in wide letters": (
        first_opinion(participant="\uff42"),
        "opinions 1 and 2 have the same",
    ),
    "two deliberations": (document() + "\n" + document(), "the first of several lines"),
    "JSON line not an object": ('["sekrit"]\n["sekrit"]', "the first of several lines"),
    "broken YAML": (f"question: Q?\nopinions:\n - text: {SECRET}: b", "line 3, column 16 is not valid YAML"),
    "YAML with a tab": ("question: Q?\nopinions:\n\t- text: a", "line 3, column 1 is not valid YAML"),
    "two YAML documents": ("question: a\n---\nquestion: b", "line 2, column 1 is not valid YAML"),
    "repeated key in YAML": ("question: a\nopinions: []\nquestion: b", "line 1 the same key stands there"),
    "YAML alias bomb": (bomb(), "line 1 has a YAML alias"),
    "YAML that holds itself": ("question: &a [*a]", "line 1 has a YAML alias"),
    "emphasis taken for an alias": (f"question: Q?\nopinions:\n - text: *{SECRET}*", "line 3"),
    "too many opinions in JSON": (
        document(opinions=[{"text": SECRET}] * 10_001),
        "more than 10,000 opinions",
    ),
    "too many opinions in JSON lines": ("{}\n" * 10_002, "more than 10,000 opinions"),
    "too many opinions in YAML": ("opinions:\n" + "- [a]\n" * 40_000, "more than 10,000 opinions"),
    "YAML object": ("question: !!python/object:os.system {}", "line 1, column 11 is not valid YAML"),
    "YAML key that is a list": ("? [a]\n: b", "line 1, column 3 is not valid YAML"),
    "deep YAML": ("question: " + "[" * 100_000, "nested more deeply"),
    "deep YAML blocks": ("- " * 10_000, "nested more deeply"),
}


@pytest.mark.parametrize(("data", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_input_gives_one_line_that_says_what_and_quotes_no_opinion(data, says):
    line = complaint(data)
    assert line.startswith("standard input: ")
    assert says in line
    assert "\n" not in line
    assert SECRET not in line


def test_the_error_leads_with_the_name_of_the_file(tmp_path):
    path = tmp_path / "bad\nname.json"
    path.write_text("{")
    with pytest.raises(InputError, match=r"bad name\.json: line 1, column 2 is not valid JSON"):
        read_request(str(path))


def test_the_ending_of_the_name_says_the_format(tmp_path):
    path = tmp_path / "flow.yml"
    path.write_text("{question: Open, opinions: [{text: one}, {text: two}]}")
    assert len(read_request(str(path)).opinions) == 2


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("missing.yaml", "there is no such file"),
        (".", "this is a folder"),
        ("x" * 5_000, "cannot be read"),
        ("null\0byte", "cannot be read"),
    ],
    ids=["missing", "folder", "name too long", "null byte in the name"],
)
def test_a_path_that_cannot_be_read_is_explained(path, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=says):
        read_request(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_explained(tmp_path):
    path = tmp_path / "locked.yaml"
    path.touch(mode=0)
    with pytest.raises(InputError, match="may not be read"):
        read_request(str(path))


def test_a_large_file_is_refused_without_being_read(tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)  # sparse; were it read, the complaint would be about null bytes
    with pytest.raises(InputError, match=f"larger than {LIMIT_MB} MB"):
        read_request(str(path))


def test_an_endless_standard_input_is_read_only_up_to_the_limit():
    with open("/dev/zero", "rb") as endless, pytest.raises(InputError, match=f"larger than {LIMIT_MB} MB"):
        read_request("-", stdin=endless)


# -- a second round --------------------------------------------------------------------------------

REVISION = Revision(
    "Open it on Sundays.",
    (ParticipantOpinion("Béla", "Say who is paid."), ParticipantOpinion("Cy", "Not in summer.")),
)


def revision_of(data: object) -> Revision:
    return read_revision("-", LIBRARY.opinions, stdin=io.BytesIO(json.dumps(data).encode()))


def told(**changes: object) -> dict[str, object]:
    critiques = [
        {"participant": "Be\u0301la", "text": "Say who is paid."},
        {"participant": "Cy", "text": "Not in summer."},
    ]
    return {"statement": "Open it on Sundays.", "critiques": critiques} | changes


def test_a_critique_is_by_whoever_gave_the_opinion_of_that_name_or_by_somebody_new(tmp_path):
    path = tmp_path / "critiques.yaml"
    path.write_text(yaml.safe_dump(told(), allow_unicode=True), encoding="utf-8")

    assert read_revision(str(path), LIBRARY.opinions) == revision_of(told()) == REVISION


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"critiques": []}, "`statement` is missing; write it"),
        (told(statement=" "), "`statement` is empty; write some words or take it out"),
        (
            told(statement="x" * 10_001),
            "`statement` has 10,001 characters and 10,000 are possible; shorten it",
        ),
        ({"statement": "S."}, "there are no `critiques`; list them with `participant` and `text` each"),
        (told(critiques=[]), "there are no critiques; give at least 1 of them"),
        (
            told(critiques="sekrit"),
            "`critiques` must be a list; write `participant` and `text` for each of them",
        ),
        (told(critiques=[{"text": "sekrit"}]), "`participant` of critique 1 is missing; write it"),
        (
            told(critiques=[{"participant": "a", "text": ""}]),
            "critique 1 is empty; write some words or take it out",
        ),
        (told(critiques=["sekrit"]), "critique 1 must have `participant` and `text`, and nothing else"),
        (
            told(critiques=[{"participant": "Ana", "text": "a"}, {"participant": "Ana ", "text": "b"}]),
            "critiques 1 and 2 have the same participant; everyone gives one critique",
        ),
        (
            told(critiques=[{"participant": "a\nb", "text": "sekrit"}]),
            "`participant` of critique 1 must be one line of 1 to 100 characters; change it",
        ),
        (
            told(question="sekrit?"),
            "it must hold `statement` and `critiques` and nothing else; see the documentation for the form",
        ),
    ],
)  # fmt: skip
def test_what_is_no_revision_is_refused_in_one_line_that_says_where(data, problem):
    with pytest.raises(InputError) as caught:
        revision_of(data)

    assert str(caught.value) == f"standard input: {problem}."
    assert STATEMENT_LIMIT == 10_000


def test_a_table_of_critiques_is_refused_by_its_name(tmp_path):
    path = tmp_path / "critiques.csv"
    path.write_text("participant,text\nAna,sekrit\n")

    with pytest.raises(InputError, match="a table cannot hold the statement; write it as YAML or JSON"):
        read_revision(str(path), LIBRARY.opinions)
