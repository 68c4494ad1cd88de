"""What is said of further rounds: what changed, which statement somebody prefers, how ratings moved.

Reads:  two statements, and counts.
Gives:  sentences, and the changes as text with a platform's own marks.
"""

from collections.abc import Callable, Mapping

from bot.domain.deliberation import Deliberation
from bot.domain.rounds import Preference, RoundChange
from bot.wording.language import N_, _, number
from engine.word_diff import Kind as Kind
from engine.word_diff import Span as Span
from engine.word_diff import word_diff

WHAT_CHANGED = N_("What changed")
PREFER = N_("Which statement do you prefer?")
PREFERENCES: Mapping[Preference, str] = {
    Preference.REVISED: N_("The revised one"),
    Preference.FIRST: N_("The one before"),
    Preference.NEITHER: N_("Neither"),
}
SAVE_PREFERENCE = N_("Save my choice")
PREFERENCE_NEEDED = N_("Choose one of the three first.")
PREFERENCE_KEPT = N_("Your choice is saved. You can change it until the vote is closed.")
PREFERENCE_KEPT_AND_CLOSED = N_("Your choice was saved. The vote is closed now.")
PREFERENCE_NOTE = N_("Nobody sees what you choose. The counts are shown when the vote is closed.")
COMPARED = N_("Compared with the statement before")

# How words are marked that were removed or added, where all that can be done is to put signs around them.
SIGNS: Mapping[Kind, str] = {Kind.KEPT: "{}", Kind.REMOVED: "~{}~", Kind.ADDED: "*{}*"}


def round_title(deliberation: Deliberation) -> str:
    """Which round it is; empty in the first."""
    if deliberation.round == 1:
        return ""
    return _("Round {number}").format(number=number(deliberation.round))


def changes(before: str, after: str) -> tuple[Span, ...]:
    """The words that were kept, removed and added, in reading order."""
    return word_diff(before, after)


def changes_as_text(
    before: str, after: str, escaped: Callable[[str], str] = str, signs: Mapping[Kind, str] = SIGNS
) -> str:
    """The same as text; signs: how a platform strikes out and stresses, around words without outer spaces."""
    return " ".join(
        signs[span.kind].format(escaped(words))
        for span in word_diff(before, after)
        if (words := span.text.strip())
    )


def compared(change: RoundChange | None) -> list[str]:
    """What came of a further round, in sentences; none where nothing of it may be shown."""
    told = []
    if change is not None and (moved := change.movement) is not None:
        told.append(
            _(
                "Of {count} who rated both statements, {more} agree more with this one, {less} agree less "
                "and {same} as much as before."
            ).format(
                count=number(moved.rated_both),
                more=number(moved.more),
                less=number(moved.less),
                same=number(moved.same),
            )
        )
    if change is not None and (chosen := change.preferences) is not None:
        told.append(
            _(
                "Asked which they prefer: {revised} the revised statement, {first} the one before, {neither} "
                "neither."
            ).format(
                revised=number(chosen.revised), first=number(chosen.first), neither=number(chosen.neither)
            )
        )
    return told
