"""Which words of a text were kept, removed and added."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.word_diff import Kind, Span, word_diff

KEPT, REMOVED, ADDED = Kind.KEPT, Kind.REMOVED, Kind.ADDED


@pytest.mark.parametrize(
    ("before", "after", "spans"),
    [
        ("We ban them.", "We ban them.", [(KEPT, "We ban them.")]),
        (
            "We ban cups.",
            "We tax cups.",
            [(KEPT, "We "), (REMOVED, "ban "), (ADDED, "tax "), (KEPT, "cups.")],
        ),
        ("We ban.", "We ban it  all.", [(KEPT, "We "), (REMOVED, "ban."), (ADDED, "ban it  all.")]),
        ("", "We ban.", [(ADDED, "We ban.")]),
        ("日曜に開く", "土曜に開く", [(REMOVED, "日"), (ADDED, "土"), (KEPT, "曜に開く")]),
    ],
    ids=["the same", "replaced", "with its mark", "from nothing", "without spaces"],
)
def test_words_are_kept_removed_or_added(before, after, spans):
    assert word_diff(before, after) == tuple(Span(kind, text) for kind, text in spans)


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_spans_make_up_both_texts(before, after):
    spans = word_diff(before, after)

    old = "".join(span.text for span in spans if span.kind is not ADDED)
    assert "".join(old.split()) == "".join(before.split())
    assert "".join(span.text for span in spans if span.kind is not REMOVED) == after.lstrip()
