"""The form of a digest: its text holds all of it, and nothing a member writes passes for a heading."""

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.digest import HEADINGS, LEAD, Digest, Group, Point, Section, as_text, read_digest

LINES = st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool)
POINTS = st.builds(Point, LINES, st.integers(1, 40))
LABELS = st.sampled_from(["Yes (2 of 3)", "No", "Monday (4 of 9)"])


def groups():
    points = st.lists(POINTS, min_size=1, max_size=3).map(tuple)
    unnamed = st.lists(st.builds(Group, points), max_size=1)
    return st.builds(
        lambda first, others: (*first, *others),
        unnamed,
        st.lists(st.builds(Group, points, LABELS), max_size=2),
    ).filter(bool)


@st.composite
def digests(draw):
    chosen = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, unique=True))
    return Digest(
        tuple(Section(heading, draw(groups())) for heading in chosen),
        common=draw(st.booleans()),
        left_out=draw(st.integers(0, 3)),
    )


@settings(max_examples=40)
@given(digests())
def test_a_digest_is_read_from_its_text_as_it_was(digest):
    read = read_digest(as_text(digest))

    assert read is not None
    assert (read.common, read.left_out) == (digest.common, digest.left_out)
    assert [section.heading for section in read.sections] == [section.heading for section in digest.sections]
    assert [point.quoted for point in read.points] == [point.quoted for point in digest.points]
    assert as_text(read) == as_text(digest)


def test_a_digest_reads_as_a_page():
    digest = Digest(
        (
            Section(
                "We differ on",
                (
                    Group((Point("Ban bags."), Point("Tax them.", 3)), "Yes (4 of 6)"),
                    Group((Point("He said “no”."),), "No (1 of 6)"),
                ),
            ),
            Section("Some of us need", (Group((Point("Only after two years."),)),)),
        ),
        common=False,
        left_out=1,
    )

    assert as_text(digest) == (
        "Here is where we stand\n\n"
        "We differ on\nYes (4 of 6)\n• “Ban bags.”\n• “Tax them.” (3 of us)\nNo (1 of 6)\n• He said “no”.\n\n"
        "Some of us need\n• “Only after two years.”\n\n"
        "No room for 1 more point.\n\n"
        "Sorted by a program, without a language model. Nobody's words were changed.\n"
        "No common statement without a language model: here is where we stand."
    )


def test_what_a_language_model_writes_is_no_digest():
    assert read_digest("We should phase plastics out.\n\nMost of us\n• “So do I.”") is None
    assert read_digest("") is None
    assert read_digest(f"{LEAD}\nAnd then?") is None
