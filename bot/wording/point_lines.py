"""Sentences about points to vote on: what members are told before, while and after they vote."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.points import (
    FEWEST_NEW,
    FEWEST_VOTERS,
    OWN_POINTS,
    SPAM_MARKS,
    Counts,
    PointChange,
    Side,
)
from bot.wording.language import N_, _, _n, number

# Said before writing, wherever an opinion is given in a question that has points.
POINTS_NOTE = N_(
    "Your opinion is split into points, which are sentences of yours. Others here vote on them, and the "
    "result shows some of them, all without your name. The people who run this question can read and hide "
    "points while it is open. If you change or withdraw your opinion, its points go, with the votes on them."
)
POINTS_GO = N_("Its points go too, with the votes on them.")
# Said before a point is written (`texts.point_notes`).
OWN_POINT_NOTE = N_(
    "Others here vote on your point, and the result may show it, all without your name. The people who run "
    "this question can hide it."
)
OWN_POINT_NOT_READ = N_("No AI model reads points that members add: statements are drafted from opinions.")
CHOOSE_SIDE = N_("Choose whether you agree, disagree or pass.")
VOTE_KEPT = N_("Your vote is saved. You can change it until the question closes.")
VOTES_KEPT = N_("Your votes are saved. You can change them until the question closes.")
POINT_HIDDEN = N_("The point is hidden. Nobody votes on it any more, and it is left out of the result.")
POINT_SHOWN = N_("The point is shown. Members can no longer hide it by marking it as spam.")

TITLE = N_("Vote on points")
GO_TO_POINTS = N_("Vote on points from these opinions")
HOW_TO_VOTE = N_("Say what you think of each point. You can stop at any time, and change your votes later.")
KEYS = N_("With a keyboard, go to one of the buttons. Then A or → agrees, D or ← disagrees, P or ↓ passes.")
NONE_YET = N_("There are no points yet. They come from opinions, so give yours first.")
ALL_DONE = N_("You have voted on every point there is. More may come: look again later.")
CLOSED = N_("The question is closed, so nobody votes on its points any more.")
PRIVATE = N_("Your votes are private: nobody sees who voted how.")
SIDES = {Side.AGREE: N_("Agree"), Side.DISAGREE: N_("Disagree"), Side.PASS: N_("Pass")}
YOU_SAID = {
    Side.AGREE: N_("You agreed."),
    Side.DISAGREE: N_("You disagreed."),
    Side.PASS: N_("You passed."),
}
VOTED = N_("Points you voted on")
OWN_LABEL = N_("Add a point of your own")
OWN_HINT = N_("One idea, in a sentence. Others vote on it without your name.")
ADD = N_("Add this point")
YOUR_POINT = N_("Your point")
OWN_WAITING = N_("Your points that aren't shown yet")
SPAM = N_("This is spam")
MODERATE = N_("Hide or show points")
HIDE = N_("Hide")
SHOW = N_("Show again")
HIDDEN = N_("Hidden by the people who run the question")
HIDDEN_BY_MEMBERS = N_("Hidden by members")
CHANGES = N_("What was hidden and shown")
GONE = N_("A point that is gone")
CONSENSUS = N_("Points that all groups agree with")
CONSENSUS_OF_ALL = N_("Points that most agree with")
DIVIDES = N_("Points that divide groups")
GROUP_POINTS = N_("What each group stands out by")
VOTES_TITLE = N_("Votes on points")
SOMEBODY_LEFT = N_(
    "A member asked to be forgotten after this question had closed. Any point now missing would be theirs, "
    "so its points are no longer shown."
)
NOTHING_CLEAR = N_("No point stands out yet.")
STILL_SAVING = N_("Your votes have arrived and are being saved. This window will say when it's done.")
STILL_SAVING_POINT = N_("Your point has arrived and is being saved. This window will say when it's done.")
NO_QUESTION_WITH_POINTS = N_("There are no points to vote on in this channel now.")
NEXT_POINTS = N_("More points")
CHANGE_VOTES = N_("Change your votes")
HIDE_SHORT = N_("Hide a point")
SHOW_SHORT = N_("Show a point again")

NAMED = 2
"""So many points of a kind a chat names with a result: the clearest."""


@dataclass(frozen=True)
class ClearPoints:
    """Points that the votes say something clear of, the clearest first; at most `NAMED` of a kind.

    consensus: those that members agree with, whatever group they are in where there are groups (`in_groups`).
    divides: those that set groups apart. notes: what to know about points that are not there, in sentences.
    """

    consensus: tuple[str, ...] = ()
    divides: tuple[str, ...] = ()
    in_groups: bool = False
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> list[tuple[str, str]]:
        """A heading and points in lines, for each kind that there is; the points are members' words."""
        agreed = CONSENSUS if self.in_groups else CONSENSUS_OF_ALL
        kinds = ((agreed, self.consensus), (DIVIDES, self.divides))
        named = [(_(title), "\n".join(f"• {each}" for each in found)) for title, found in kinds if found]
        return [*named, *([(_(VOTES_TITLE), " ".join(self.notes))] if self.notes else [])]


def point_added() -> str:
    """Said to a member who added a point."""
    return _(
        "Your point is saved. So that nobody can tell whose it is, it is shown together with points of "
        "others, once {count} people have new ones."
    ).format(count=number(FEWEST_NEW))


def marked_as_spam() -> str:
    """Said to a member who marked a point."""
    return _(
        "Thank you. A point that {count} members mark as spam is hidden. The people who run the question "
        "can show it again."
    ).format(count=number(SPAM_MARKS))


def own_limit() -> str:
    """How many points one may add."""
    return _("You can add up to {count}.").format(count=number(OWN_POINTS))


def counts(of: Counts) -> str:
    """How many say what to a point, where that is told."""
    if not of.total:
        return _("How others voted is shown once {count} people have.").format(count=number(FEWEST_NEW))
    return _("{agree} agree, {disagree} disagree, {passed} passed.").format(
        agree=number(of.agree), disagree=number(of.disagree), passed=number(of.passed)
    )


def voters(count: int) -> str:
    """How many voted on points at all."""
    return _n("{count} person voted on points.", "{count} people voted on points.", count).format(
        count=number(count)
    )


def groups_from() -> str:
    """From when groups are told of."""
    return _("Groups are shown once {count} people have voted.").format(count=number(FEWEST_VOTERS))


def left_to_vote(count: int) -> str:
    """How many points somebody has not voted on."""
    return _n("{count} point left", "{count} points left", count).format(count=number(count))


def hidden(count: int) -> str:
    """How many points those who run the question hid, said to everybody."""
    return _n(
        "{count} point was hidden by the people who run the question.",
        "{count} points were hidden by the people who run the question.",
        count,
    ).format(count=number(count))


def changed(change: PointChange, texts: Mapping[str, str]) -> str:
    """A line of what was hidden and shown; texts: by the point's id."""
    point = texts.get(change.point, GONE)
    if change.by is None:
        return _("Members hid “{point}” by marking it as spam.").format(point=point)
    who = change.by.name or change.by.user or _("Somebody who runs the question")
    if change.hidden:
        return _("{who} hid “{point}”.").format(who=who, point=point)
    return _("{who} showed “{point}” again.").format(who=who, point=point)


def group(number_: int, size: int) -> str:
    """The heading of a group."""
    return _n("Group {which}: {count} person", "Group {which}: {count} people", size).format(
        which=number(number_), count=number(size)
    )
