"""What is said of further rounds."""

from bot.domain.rounds import Movement, Preferences, RoundChange
from bot.wording import round_lines


def test_what_changed_is_marked_around_the_words_alone():
    before, after = "We reuse bags in shops.", "We reuse all bags in every shop."
    told = round_lines.changes_as_text(before, after)
    assert told == "We reuse *all* bags in ~shops.~ *every shop.*"
    assert round_lines.changes_as_text("a", "<b>", lambda text: text.replace("<", "&lt;")) == "~a~ *&lt;b>*"


def test_what_came_of_a_round_is_told_as_counts_and_nothing_where_there_are_none():
    assert round_lines.compared(None) == round_lines.compared(RoundChange()) == []
    moved, chosen = Movement(more=4, less=1, same=1), Preferences(first=1, revised=3, neither=2)
    told = " ".join(round_lines.compared(RoundChange(movement=moved, preferences=chosen)))
    assert "Of 6 who rated both statements, 4 agree more with this one, 1 agree less and 1 as much" in told
    assert "3 the revised statement, 1 the one before, 2 neither" in told
