"""What a mediation looks like on a terminal, whatever the terminal and whatever members wrote."""

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from adapters.console.render import print_json, print_mediation, print_opinion, welfare_words
from adapters.console.terminal import one_line, plain, terminal
from bot.wording.texts import NO_MODEL_NOTE
from engine.digest import Digest, Group, Point, Section, as_text
from engine.types import PREVIOUS, BestOpinion, OpenPoint, OpinionGroup, WelfareFunction, WelfareName

NASTY = "[bold red]Stop[/] [link=http://x]:boom:[/link] \x1b[31mred\x1b[0m \x1b]0;title\x07\a\u202etfel"


def test_a_mediation_shows_question_candidates_statement_people_and_how_it_was_made(screen, a_mediation):
    shown = screen()
    print_mediation(shown.console, a_mediation(dropped={"duplicate": 2, "empty": 1}), {"p1": "Ana"})
    text = shown.text()
    assert "Shall we try it?" in text
    assert " 2 We leave it." in text
    assert "5.25" in text
    assert "3.50" in text
    assert "1 Ana ██" in text
    assert "Mean 4.0.\n" in text
    assert "to disagree" not in text
    assert "Drafted by drafter-1 with prompt prompt-3; agreement predicted by reward-2; seed\n42." in text
    assert "Drafts left out: 2 duplicate, 1 empty." in text
    assert "Reading opinions 0.75 s, drafting 1.50 s, scoring 0.25 s, together 1.60 s." in text


@pytest.mark.parametrize(("drafts", "says"), [(1, "1 draft from"), (2, "2 drafts from")])
def test_a_revision_may_have_a_single_draft(screen, a_mediation, drafts, says):
    shown, made = screen(), a_mediation()
    first, last = made.candidates
    before = last.model_copy(update={"source": PREVIOUS})
    print_mediation(shown.console, made.model_copy(update={"candidates": (*[first] * drafts, before)}))
    assert says in shown.text()


def test_each_person_has_a_column_while_they_fit(screen, a_mediation):
    shown = screen()
    print_mediation(shown.console, a_mediation(8))
    assert "   1    2    3    4    5    6    7    8" in shown.text()
    assert "1.0▁ 1.9▂ 2.7▃" in shown.text()


def test_two_thousand_people_are_summarised(screen, a_mediation):
    shown = screen()
    print_mediation(shown.console, a_mediation(2_000))
    text = shown.text()
    assert len(text.splitlines()) < 40
    assert "Lowest Mean Highest Agree  Spread" in text
    assert "1.0  4.0     7.0   50% ▄▇▇▇▇▇▄" in text
    assert "1,000 of 2,000 are likely to disagree." in text


@pytest.mark.parametrize("people", [2, 8, 9, 25])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(screen, people, width, a_mediation):
    shown = screen(COLUMNS=str(width))
    print_mediation(shown.console, a_mediation(people, statement="言語 " * 100))
    assert max(map(cell_len, shown.text().splitlines())) <= width


def test_without_a_terminal_the_width_is_80_and_there_are_no_escape_sequences(screen, a_mediation):
    shown = screen()
    print_mediation(shown.console, a_mediation())
    assert "\x1b" not in shown.text()
    assert max(map(len, shown.text().splitlines())) == 80


def test_colours_are_shown_unless_no_color_is_set(screen, a_mediation):
    coloured = screen(FORCE_COLOR="1")
    print_mediation(coloured.console, a_mediation())
    assert "\x1b[31m" in coloured.text()
    plain_screen = screen(FORCE_COLOR="1", NO_COLOR="1")
    print_mediation(plain_screen.console, a_mediation())
    assert "\x1b[3" not in plain_screen.text()


def test_an_ascii_terminal_gets_ascii_and_question_marks_but_no_failure(screen, a_mediation):
    shown = screen(encoding="ascii")
    print_mediation(shown.console, a_mediation(statement="Schön 😀"), {"p1": "Zoë"})
    assert "Sch?n ?" in shown.text()
    assert "Zo? ####" in shown.text()
    assert "    1    2    3 \n 1 Sch?n ?" in shown.text()


def test_what_members_write_is_neither_markup_nor_a_terminal_command(screen, a_mediation):
    shown = screen(FORCE_COLOR="1", NO_COLOR="1", COLUMNS="200")
    print_opinion(shown.console, NASTY, NASTY)
    print_mediation(shown.console, a_mediation(statement=NASTY, question=NASTY), {"p1": NASTY})
    text = shown.text()
    assert text.count("[bold red]Stop[/] [link=http://x]:boom:[/link] red tfel") >= 5
    assert not any(harm in text for harm in ("\x1b]", "\x1b[31m", "\a", "\u202e"))


@given(st.text())
def test_plain_text_steers_no_terminal(text):
    assert not any(ord(c) < 32 and c not in "\n\t" for c in plain(text))
    assert "\n" not in one_line(text)


def test_a_digest_is_shown_as_lists_and_its_candidates_by_what_tells_them_apart(screen, a_mediation):
    def digest(*points, common=False):
        groups = (Group((Point("Yes to bags."),), "Yes (1 of 3)"), Group(points, "No (2 of 3)"))
        return as_text(Digest((Section("We differ on", groups),), common))

    first, second = digest(Point("Bags [bold]pile up.")), digest(Point("Tax them.", 2))
    made = a_mediation(statement=first, model_used=False, dropped={"not drafted": 14})
    candidates = [
        each.model_copy(update={"text": t}) for each, t in zip(made.candidates, (first, second), strict=True)
    ]
    shown = screen(COLUMNS="100")
    print_mediation(shown.console, made.model_copy(update={"candidates": tuple(candidates)}))

    text = shown.text()
    assert "1 point that all have · “Bags" in text
    assert "1 point that all have · “Tax" in text
    assert "─ Here is where we stand ─" in text
    assert re.search(r"We differ on +│\n│ Yes \(1 of 3\) +│\n│ • “Yes to bags.” +│\n│ No \(2 of 3\)", text)
    assert "• “Bags [bold]pile up.”" in text
    assert "Likely agreement with the statement" not in text
    assert "not drafted" not in text


def test_without_a_model_the_facts_say_so_and_name_no_prompt(screen, a_mediation):
    shown = screen(COLUMNS="200")
    print_mediation(shown.console, a_mediation(model_used=False))
    assert NO_MODEL_NOTE in shown.text()
    assert "prompt" not in shown.text()


def test_a_welfare_function_is_named_with_the_alpha_that_was_chosen():
    assert welfare_words(WelfareFunction(name=WelfareName.RAWLSIAN)) == "rawlsian"
    assert welfare_words(WelfareFunction(name=WelfareName.ISOELASTIC, alpha=2.5)) == "isoelastic, alpha 2.5"


def test_groups_are_shown_with_what_each_makes_of_the_statement_and_who_is_left_out(screen, a_mediation):
    groups = (
        OpinionGroup(
            participants=("p1", "p2", "p3", "p4", "p5"), size=5, welfare=2.5, agree=1, opinions=("p1",)
        ),
        OpinionGroup(participants=("p6", "p7", "p8"), size=3, welfare=6.25, agree=3, opinions=("p7", "p8")),
    )
    shown = screen()
    left_open = (OpenPoint(text="exemptions for islands", asked_by=("p1", "p2")),)
    made = a_mediation(8, groups=groups, unites=0, divides=1, left_out=("p1", "p2"), leaves_open=left_open)
    print_mediation(shown.console, made, {"p1": NASTY, "p2": "Ben"})
    text = shown.text()
    assert "1: 1 of 5 likely to agree, mean 2.5. Such as [bold red]Stop" in text
    assert "2: 3 of 3 likely to agree, mean 6.2. Such as p7, p8." in text
    assert "Unites the groups most: candidate 1.\nDivides the groups most: candidate 2." in text
    assert "Likely to be left out: [bold red]Stop" in text
    assert "Leaves open: exemptions for islands (asked for by 2).\n" in text
    assert "counts as one" not in text


@pytest.mark.parametrize(
    ("name", "groups", "said"),
    [
        ("group-rawlsian", 0, "too few members for groups, so each of them counts as one."),
        ("group-informed", 0, "too few members for groups, so all of them count as one."),
        ("group-rawlsian", 1, "No groups can be told apart, so all members count as one."),
        ("rawlsian", 0, None),
    ],
)
def test_what_a_function_over_groups_counted_without_any_is_said(screen, a_mediation, name, groups, said):
    one = OpinionGroup(participants=("p1", "p2", "p3"), size=3, welfare=4, agree=1)
    shown = screen(COLUMNS="200")
    print_mediation(
        shown.console, a_mediation(welfare_function=WelfareFunction(name=name), groups=(one,) * groups)
    )
    text = shown.text()
    assert said in text if said else "count as one" not in text and "counts as one" not in text
    assert "Unites" not in text


def test_the_best_single_opinion_is_in_the_json_form_and_not_on_the_screen(screen, a_mediation):
    best = BestOpinion(participant="p2", rewards=(3.0, 4.0, 5.0), welfare=4.125, scored=3)
    with_best, without = screen(), screen()
    print_mediation(with_best.console, a_mediation(best_opinion=best))
    print_mediation(without.console, a_mediation())
    assert with_best.text() == without.text()
    assert a_mediation(best_opinion=best).public()["best_opinion"]["welfare"] == 4.125


@pytest.mark.parametrize("width", [20, 80, 200])
def test_what_was_not_predicted_has_no_figure_for_anybody(screen, width, a_mediation):
    shown = screen(COLUMNS=str(width))
    print_mediation(shown.console, unpredicted(a_mediation()), {"p1": "Ana"})
    text = " ".join(shown.text().split())
    assert "The reward model does not read German, so nobody's agreement is predicted" in text
    assert "chosen by closeness/1 (the reward model does not read German)" in text
    assert not any(word in text for word in ("Likely", "disagree", "Ana", "Mean", "Welfare", "welfare"))
    assert max(map(cell_len, shown.text().splitlines())) <= width


def unpredicted(mediation):
    why = "the reward model does not read German"
    models = mediation.models.model_copy(update={"reward": f"closeness/1 ({why})", "unpredicted": why})
    close = [
        each.model_copy(update={"rewards": (), "welfare": 0.5 - 0.1 * place})
        for place, each in enumerate(mediation.candidates)
    ]
    return mediation.model_copy(update={"models": models, "candidates": tuple(close)})


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_json_form_is_the_documented_one_in_any_encoding(encoding, a_mediation):
    mediation = a_mediation(statement="Schön 😀")
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    print_json(stream, mediation)
    stream.flush()
    assert json.loads(written.getvalue()) == mediation.public()


@pytest.mark.parametrize(
    ("people", "full", "left_out"), [(1_000, False, False), (1_001, False, True), (1_001, True, False)]
)
def test_the_json_form_holds_rewards_of_up_to_a_thousand_people_or_of_all_where_that_is_asked_for(
    people, full, left_out, a_mediation
):
    best = BestOpinion(participant="p1", rewards=(4.0,) * people, welfare=4.0, scored=1)
    mediation = a_mediation(people, best_opinion=best)
    stream = io.StringIO()
    print_json(stream, mediation, full=full)
    told, whole = json.loads(stream.getvalue()), mediation.public()
    if not left_out:
        assert told == whole
        return
    assert told.pop("rewards_left_out") == people
    for each in [*whole["candidates"], whole["best_opinion"]]:
        del each["rewards"]
    assert told == whole


def test_a_string_is_a_terminal_too():
    shown = io.StringIO()
    print_opinion(terminal(shown), "Ana", "Yes.")
    assert shown.getvalue() == "Ana  Yes.\n"
