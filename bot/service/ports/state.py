"""Where deliberations and all that belongs to them are kept: one port a subject, over one state.

Where one step changes or asks two subjects, it belongs to the one whose rule it is. `Deliberations.save`
counts opinions, since it decides on the phase; `Deliberations.delete` takes along everything there is;
`Contributions.erase_participant` reaches into mediations, since it looks for what somebody gave. So whoever
implements one of these ports implements all of them (`StatePorts`).

Every method raises `StoreError` when the store does not answer.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypedDict

from bot.domain.actors import Member
from bot.domain.deliberation import Deliberation, MessageRef, Opinion, Reason
from bot.domain.kept_mediation import KeptMediation, MediationInSum
from bot.domain.likeness import Signing
from bot.domain.model_notice import ModelNotice
from bot.domain.points import (
    FEWEST_NEW,
    FEWEST_VOTERS,
    OwnPoint,
    Point,
    PointChange,
    PointVote,
    Side,
    VotesMap,
)
from bot.domain.ratings import CHOSEN, Rating
from bot.domain.rounds import Comparison
from bot.domain.study import RatedStatement
from bot.domain.team import SettingsChange, Team
from bot.service.ports.webhooks import WebhookStore
from engine.types import Mediation

SOMEBODY_LEFT = "somebody-left"
"""The marker of a deliberation from which something was erased after its close, for somebody who left."""


class Deliberations(Protocol):
    """Keeps deliberations, finds them again, and notes what was done once."""

    async def add(self, deliberation: Deliberation) -> Deliberation:
        """Keep a new deliberation; when its id is taken, give the one that is there (a repeated command)."""
        ...

    async def load(self, deliberation_id: str) -> Deliberation:
        """Raises UnknownDeliberationError."""
        ...

    async def save(
        self, deliberation: Deliberation, *, opinions: int = 0, most: int | None = None
    ) -> Deliberation:
        """Keep a change and give it back with its new version.

        Compare-and-set: raises VersionConflictError when the kept version is not `deliberation.version`, or
        when there are fewer than so many `opinions`, or more than `most` of these and of what was said of
        points: one may be withdrawn or given between the count and the save, so all is looked at in one step.
        """
        ...

    async def of_team(self, team: str, *, limit: int = 100, offset: int = 0) -> Sequence[Deliberation]:
        """A team's deliberations, newest first."""
        ...

    def each_of_team(self, team: str) -> AsyncIterator[Deliberation]:
        """All of a team's deliberations, in any order; one that is deleted meanwhile hides no other."""
        ...

    async def of_message(self, platform: str, message: MessageRef) -> Deliberation | None:
        """The deliberation that a platform's message belongs to: shown there, or rated there."""
        ...

    async def due(self, now: datetime, *, limit: int = 1_000) -> Sequence[Deliberation]:
        """Deliberations whose next step is due, longest waiting first; never misses one."""
        ...

    async def unheard(self, before: datetime) -> Sequence[tuple[Deliberation, int]]:
        """What was saved before then with events that nobody has noted as `heard`, each with that version.

        Never misses one; one may be told of again.
        """
        ...

    async def heard(self, deliberation_id: str, version: int) -> None:
        """The events that were saved with this version are on their way."""
        ...

    async def mark(self, deliberation_id: str, marker: str) -> bool:
        """Set a marker once; True for the one who set it."""
        ...

    async def is_marked(self, deliberation_id: str, marker: str) -> bool:
        """Whether somebody set a marker; False too where the deliberation is gone."""
        ...

    async def delete(self, deliberation_id: str) -> None:
        """Erase a deliberation with all that any subject keeps of it; harmless when it is gone."""
        ...


class Answers(NamedTuple):
    """How many opinions a deliberation has, and how many of these wait to be encoded."""

    total: int
    unencoded: int


class RatingTally(NamedTuple):
    """The ratings of one statement, counted as they come and go.

    counts: how many there are of each of 1..7. answered: how many are by somebody who gave an opinion too.
    """

    counts: tuple[int, ...]
    answered: int

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts)


class Contributions(Protocol):
    """Keeps what participants give: opinions, ratings, reasons, and agreement with the position statement.

    Where several may come as one participant, by a personal link that others have too, whatever is put or
    taken back says its `giver`. The first thing that is kept makes that one the participant's giver, in the
    same atomic step. From then on any other giver is refused (GivenElsewhereError), until nothing is left
    that the participant gave: then there is none, and whoever comes first is the next one. What was given
    without a giver is refused to each of them. Whoever says none is refused nothing.
    """

    async def giver(self, deliberation_id: str, participant: str) -> str | None:
        """Who alone may change what this participant gave.

        None where nothing is kept that they gave; empty where it was given without a giver.
        """
        ...

    async def put_opinion(
        self,
        deliberation_id: str,
        opinion: Opinion,
        baseline: Rating | None = None,
        signing: Signing = Signing.AS_KNOWN,
        giver: str = "",
        edition: int | None = None,
    ) -> Answers:
        """Keep an opinion in place of an older one, only while opinions are open: one atomic step.

        An opinion older than what was last given or withdrawn by this participant changes nothing.
        baseline: what this participant said with it of the position statement, kept or refused in the same
            step; an older one changes nothing either.
        signing: whether its name is compared with those of the others, in the same step, so that of two who
            answer at once under one name one is refused. A name is free again when its opinion is withdrawn,
            erased, or kept under another. Of one question all are signed by hand or by link, or all as known.
        edition: of the question that it is on, looked at in the same step; None for whichever there is.

        Returns:
            How many opinions there are now; this one waits to be encoded, unless it was there before.

        Raises:
            TransitionError: the phase is not OPINIONS.
            NameInUseError: the name was typed, was not theirs before, and another's looks like it.
            GivenElsewhereError: this participant has another giver.
            VersionConflictError: the question has another edition by now.
            UnknownDeliberationError: there is no such deliberation.
        """
        ...

    async def remove_opinion(
        self, deliberation_id: str, participant: str, at: datetime, *, giver: str = ""
    ) -> int:
        """Take an opinion back, under the same rules; harmless when there is none.

        In the same step goes what this participant said with it of the position statement; not what they
        voted in a platform's own poll, which is taken back there.
        """
        ...

    async def withhold_opinion(self, deliberation_id: str, participant: str) -> bool:
        """Note in any phase that this opinion may not be learnt from (`consent`); it stays as it is.

        True when there is one.
        """
        ...

    async def opinion(self, deliberation_id: str, participant: str) -> Opinion | None:
        """One participant's opinion."""
        ...

    async def opinions(self, deliberation_id: str) -> Sequence[Opinion]:
        """All opinions, in a fixed order (by participant)."""
        ...

    async def opinion_count(self, deliberation_id: str) -> int:
        """How many opinions there are."""
        ...

    async def answerers(self, deliberation_id: str) -> frozenset[str]:
        """Which participants have given an opinion, without what they said."""
        ...

    async def put_rating(self, deliberation_id: str, round_: int, rating: Rating, *, giver: str = "") -> int:
        """Keep a rating as `put_opinion` does, only while the phase is RATING.

        One for each participant and statement; gives how many that statement has now.
        """
        ...

    async def remove_rating(
        self,
        deliberation_id: str,
        round_: int,
        participant: str,
        at: datetime,
        *,
        value: int | None = None,
        statement_id: str = CHOSEN,
        giver: str = "",
    ) -> int:
        """Take a rating back, under the same rules; with `value`, only while that is what is kept.

        Then a withdrawal that overtakes its rating keeps exactly that rating out, and no other.
        """
        ...

    async def rating(
        self, deliberation_id: str, round_: int, participant: str, statement_id: str = CHOSEN
    ) -> Rating | None:
        """One participant's rating of one of a round's statements."""
        ...

    async def ratings(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> Sequence[Rating]:
        """All ratings of one of a round's statements, in a fixed order (by participant)."""
        ...

    async def rating_count(self, deliberation_id: str, round_: int, statement_id: str = CHOSEN) -> int:
        """How many ratings one of a round's statements has."""
        ...

    async def rating_tally(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> RatingTally:
        """One of a round's statements' ratings, counted, at a cost that does not grow with their number."""
        ...

    async def raters(self, deliberation_id: str, round_: int, statement_id: str = CHOSEN) -> frozenset[str]:
        """Which participants have rated one of a round's statements, without how."""
        ...

    async def put_reason(self, deliberation_id: str, reason: Reason, *, giver: str = "") -> int:
        """Keep a reason as `put_rating` does, one for each participant and round; how many there are now."""
        ...

    async def remove_reason(
        self, deliberation_id: str, round_: int, participant: str, at: datetime, *, giver: str = ""
    ) -> int:
        """Take a reason back, under the same rules; harmless when there is none."""
        ...

    async def withhold_reason(self, deliberation_id: str, round_: int, participant: str) -> bool:
        """As `withhold_opinion`, for a round's reason."""
        ...

    async def reason(self, deliberation_id: str, round_: int, participant: str) -> Reason | None:
        """One participant's reason in a round."""
        ...

    async def reasons(self, deliberation_id: str, round_: int) -> Sequence[Reason]:
        """All reasons of a round, in a fixed order (by participant)."""
        ...

    async def put_comparison(self, deliberation_id: str, comparison: Comparison, *, giver: str = "") -> int:
        """Keep what somebody prefers as `put_rating` does, one for each participant and round."""
        ...

    async def comparison(self, deliberation_id: str, round_: int, participant: str) -> Comparison | None:
        """What one participant prefers in a round."""
        ...

    async def comparisons(self, deliberation_id: str, round_: int) -> Sequence[Comparison]:
        """What everybody prefers in a round, in a fixed order (by participant)."""
        ...

    async def put_baseline(
        self, deliberation_id: str, rating: Rating, *, collected: bool = False, giver: str = ""
    ) -> int:
        """Keep agreement with the position statement as `put_opinion` does; how many there are now.

        collected: it stood in a platform's own poll when opinions closed, and is kept while the statement is
            drafted, and only then.
        """
        ...

    async def baselines(self, deliberation_id: str) -> Sequence[Rating]:
        """Everybody's agreement with the position statement, in a fixed order (by participant)."""
        ...

    async def baseline(self, deliberation_id: str, participant: str) -> Rating | None:
        """One participant's agreement with the position statement."""
        ...

    async def erase_participant(self, deliberation_id: str, participant: str, at: datetime) -> bool:
        """Erase what one participant gave, whatever it is, and what was predicted of them, for good.

        In any phase and of every round, but only what was given up to `at`: a late copy of the wish does not
        erase what was given since.
        What was encoded of the opinion goes in the same step. Drafts that were not chosen may quote them, so
        those texts are erased too; and of a study's statements the one that is their own opinion. The chosen
        statement stays as it is: `bot.service.quotes` takes their words out of it before.
        Where something of theirs goes after the close, SOMEBODY_LEFT is marked in the same step.
        True when there was any of these.
        """
        ...


class Encodings(Protocol):
    """Keeps what a reward model made of opinions while these are open.

    `Contributions` drops it in the same step in which an opinion is replaced, withdrawn or erased.
    """

    async def waiting(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that wait to be encoded, which ones being left to chance."""
        ...

    async def keep(self, deliberation_id: str, encoded: Sequence[tuple[Opinion, bytes]]) -> int:
        """Keep what a reward model made of opinions, until these are replaced, withdrawn or erased.

        In one atomic step each is kept only where this very opinion is the one that is kept, and only while
        opinions are open.

        Returns:
            How many were kept.
        """
        ...

    async def of(self, deliberation_id: str, participants: Sequence[str]) -> Mapping[str, bytes]:
        """What is kept of these participants' opinions; those without are left out."""
        ...


class Voters(NamedTuple):
    """How many people have voted on points, and how many of them since the last map."""

    total: int
    new: int

    @property
    def map_is_due(self) -> bool:
        """Whether so many voted since that another map tells of none of them, and is worth its time."""
        return self.total >= FEWEST_VOTERS and self.new >= max(FEWEST_NEW, self.total // 10)


class Points(Protocol):
    """Keeps the points that members vote on while opinions are open, and what they say to them.

    What is put says its `giver` as in `Contributions`, whose `erase_participant` reaches here too: with a
    participant go their votes, which are taken off the counts, their marks and their points. In the steps in
    which `Contributions` changes the words of an opinion, or takes it back, its points go, with the votes on
    them. What members put here is refused as `put_opinion` refuses: once opinions are no longer open, and by
    GivenElsewhereError.
    """

    async def waiting(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that have not been split into points, which ones being left to chance.

        So wait those that said the same as a point that is gone, with the words of whoever said it first.
        """
        ...

    async def keep_split(
        self,
        deliberation_id: str,
        opinion: Opinion,
        points: Mapping[str, str],
        *,
        also: Mapping[str, str] | None = None,
    ) -> bool:
        """Keep what is new in an opinion, texts by new ids, beside what is kept of it; once while it waits.

        In one atomic step, only while these very words are kept, opinions are open, and the points are there
        that it shares; True where that was so.

        also: those points of others, by their ids: whose one is that nobody is shown yet, or ''.
        """
        ...

    async def unshown(self, deliberation_id: str) -> Mapping[str, Mapping[str, str]]:
        """The points that nobody has been shown yet, by participant: texts by ids."""
        ...

    async def show(
        self, deliberation_id: str, points: Mapping[str, Mapping[str, str]], *, fewest: int = FEWEST_NEW
    ) -> None:
        """Show these points, by participant, from now on, while opinions are open; what is gone stays so.

        In one atomic step all or none: none where they are left of fewer people than `fewest`, or would be
        more than `MOST_POINTS` with those that are shown.
        """
        ...

    async def put_own(self, deliberation_id: str, point: OwnPoint, *, giver: str = "") -> bool:
        """Keep a member's own point; False where they have as many as there may be (`OWN_POINTS`).

        The same words a second time change nothing, and are no further point.
        """
        ...

    async def own(self, deliberation_id: str, participant: str) -> Sequence[OwnPoint]:
        """The points that this participant added, oldest first."""
        ...

    async def all_own(self, deliberation_id: str) -> Sequence[OwnPoint]:
        """The points that members added, by participant."""
        ...

    async def vote(self, deliberation_id: str, vote: PointVote, *, giver: str = "") -> Voters:
        """Keep a vote in place of an older one, with the counts, in one atomic step.

        One that is older than what is kept of this participant and point changes nothing.

        Returns:
            How many people have voted, and how many of them since the last map was kept.

        Raises:
            OpinionError: the point is not shown, or no longer.
        """
        ...

    async def votes_of(self, deliberation_id: str, participant: str) -> Mapping[str, Side]:
        """What one participant said, by point; points that are gone included."""
        ...

    async def votes(self, deliberation_id: str) -> Mapping[str, Mapping[str, Side]]:
        """What everybody said, by participant and point; points that are gone included."""
        ...

    async def mark_spam(
        self, deliberation_id: str, participant: str, point: str, at: datetime, *, giver: str = ""
    ) -> None:
        """Keep that somebody marked a point; the last of `SPAM_MARKS` hides it, unless it was shown again.

        Harmless where the point is gone, and the second time.
        """
        ...

    async def marks_of(self, deliberation_id: str, participant: str) -> frozenset[str]:
        """The points that this participant marked as spam."""
        ...

    async def change(self, deliberation_id: str, change: PointChange) -> bool:
        """Hide or show a point and note who did; False where it is so already, or the point is gone.

        What was shown again is hidden by no marks any more.

        Raises:
            TransitionError: opinions are no longer open.
        """
        ...

    async def changes(self, deliberation_id: str) -> Sequence[PointChange]:
        """What was hidden and shown, newest first; of points that are gone too."""
        ...

    async def forget_changer(self, deliberation_id: str, user: str) -> bool:
        """Take out of every change that this user made who they are; whether there was any."""
        ...

    async def all(self, deliberation_id: str) -> Sequence[Point]:
        """The points that are shown, and those that were hidden since, with their counts; by id."""
        ...

    async def keep_map(self, deliberation_id: str, votes: VotesMap) -> None:
        """Put a map in the place of the one before, while opinions are open or a statement is drafted."""
        ...

    async def map(self, deliberation_id: str) -> VotesMap | None:
        """What the votes said when that was last made."""
        ...


class Mediations(Protocol):
    """Keeps each round's mediation, and the statements that a study has rated beside it."""

    async def keep_mediation(
        self,
        deliberation_id: str,
        round_: int,
        mediation: Mediation,
        *,
        drafter: ModelNotice | None = None,
        closed_at: datetime | None = None,
    ) -> KeptMediation:
        """Keep a round's mediation; the first one stays, and that one is given back.

        drafter: which models made it; None where that is not known.
        closed_at: when opinions closed that it was drafted from. In one atomic step it is kept only while the
            question, so closed, is being drafted; else VersionConflictError: it was opened again, or went on.
        """
        ...

    async def mediation(self, deliberation_id: str, round_: int) -> KeptMediation | None:
        """A round's mediation, with what it holds of each participant: for who works with all of it."""
        ...

    async def in_sum(self, deliberation_id: str, round_: int) -> MediationInSum | None:
        """A round's mediation without what is somebody's, at a cost that does not grow with their number."""
        ...

    async def reword(self, deliberation_id: str, round_: int, before: str, after: str) -> bool:
        """Put another text in the place of a round's chosen statement, if it is still `before`."""
        ...

    async def drop(self, deliberation_id: str, round_: int) -> None:
        """Erase a round's mediation, so that another can be kept; harmless when there is none.

        A study's statements of that round go with it: they were drafted from the same opinions.
        """
        ...

    async def keep_statements(
        self,
        deliberation_id: str,
        round_: int,
        statements: Sequence[RatedStatement],
        *,
        closed_at: datetime | None = None,
    ) -> Sequence[RatedStatement]:
        """Keep the statements that a study has rated in a round; the first ones stay, and are given back.

        Before the round is rated: erasing finds ratings by the statements that are kept.
        closed_at: as for a mediation.
        """
        ...

    async def statements(self, deliberation_id: str, round_: int) -> Sequence[RatedStatement]:
        """The statements that a study has rated in a round, in the order in which they were kept.

        Empty in everyday life, where the published statement is the only one.
        """
        ...


class Teams(Protocol):
    """Keeps teams' settings, and what members wish for themselves in a team."""

    async def team(self, team: str) -> Team:
        """A team's settings, or the defaults."""
        ...

    async def save_team(self, team: Team, change: SettingsChange | None = None) -> Team:
        """Keep a team's settings and, in the same step, who changed what; the oldest changes are dropped.

        Compare-and-set: raises VersionConflictError when the kept version is not `team.version`. Gives the
        settings back with their new version.
        """
        ...

    async def settings_changes(self, team: str, *, limit: int = 50) -> Sequence[SettingsChange]:
        """Who changed what, newest first."""
        ...

    async def set_reminders(self, team: str, member: Member, on: bool, at: datetime) -> None:
        """Whether a member wants to be reminded; `member` names nobody (`Pseudonyms.of_member`).

        Kept under the newest pseudonym. An older wish than the one that is kept there changes nothing.
        """
        ...

    async def wants_reminders(self, team: str, members: Sequence[Member]) -> Sequence[bool]:
        """For each of these members; True for those who never said anything.

        What was said under a newer pseudonym counts before what was said under an older one.
        """
        ...


class Upkeep(Protocol):
    """What workers say of themselves, and what keeps the store itself in order."""

    async def beat(self, worker: str, at: datetime) -> None:
        """A worker's sign of life; those that have been silent for a day are forgotten."""
        ...

    async def goodbye(self, worker: str) -> None:
        """A worker stops: it counts no more."""
        ...

    async def workers(self, since: datetime) -> int:
        """How many workers have given a sign of life since then."""
        ...

    async def keep_model_notice(self, notice: ModelNotice) -> None:
        """What members are told of the models, as the newest worker says."""
        ...

    async def model_notice(self) -> ModelNotice | None:
        """What members are told of the models; None where no worker has said it yet."""
        ...

    async def rewrite_files(self, now: datetime) -> int:
        """Have the server rewrite its files if something was erased since it last did, and once more later.

        What is erased goes from the store at once, but stays in the server's files until they are rewritten.
        Meant to be called again and again: cheap where nothing is to be done, and one rewrite serves all that
        was erased before it.

        Returns:
            How many rewrites were begun: 0 or 1.
        """
        ...

    async def try_write(self) -> None:
        """Raises StoreError, which says why, when the store does not answer or takes no writes."""
        ...


class StatePorts(TypedDict):
    """All of these over one state, as fields of `Ports`."""

    deliberations: Deliberations
    contributions: Contributions
    encodings: Encodings
    points: Points
    mediations: Mediations
    teams: Teams
    upkeep: Upkeep
    webhooks: WebhookStore
