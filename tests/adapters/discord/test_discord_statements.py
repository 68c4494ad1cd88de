"""Statements and digests in Discord: lists under headings, escaped, within the room there is."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.views.text import stated
from engine.digest import DIFFER, NEED, Digest, Group, Point, Section, as_text

WORDS = st.text(st.sampled_from("ab *_~|`>#@<\\"), max_size=1_500).map(
    lambda text: " ".join(text.split()) or "-"
)


def overview(*points: str, common: bool = False) -> str:
    """A digest of these points, apart and together."""
    groups = (Group((Point(points[0]),)), Group(tuple(map(Point, points)), "Yes (2 of 3)"))
    return as_text(Digest((Section(DIFFER, groups), Section(NEED, groups[:1])), common))


def test_a_digest_is_lists_under_headings() -> None:
    assert stated(overview("Ban *all* bags.", "Tax them."), 3_000) == (
        "**We differ on**\n- “Ban \\*all\\* bags.”\n"
        "*Yes \\(2 of 3\\)*\n- “Ban \\*all\\* bags.”\n- “Tax them.”\n\n"
        "**Some of us need**\n- “Ban \\*all\\* bags.”\n\n"
        "-# Sorted by a program, without a language model. Nobody's words were changed.\n"
        "-# No common statement without a language model: here is where we stand.",
        True,
    )


def test_any_other_statement_stays_a_paragraph() -> None:
    assert stated("We ban - bags.", 3_000) == ("We ban \\- bags.", True)


@given(points=st.lists(WORDS, min_size=1, max_size=6))
def test_a_digest_keeps_to_its_room_and_says_whether_it_is_whole(points: list[str]) -> None:
    shown, whole = stated(overview(*points), 3_000)
    everything, _ = stated(overview(*points), 100_000)

    assert len(shown) <= 3_000
    assert whole == (shown == everything)
    assert everything.startswith(shown)
