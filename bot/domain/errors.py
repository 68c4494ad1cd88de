"""What can go wrong in the application.

BotError
├── DomainError                      shown to the participant as it is
│   ├── TransitionError              late, or in the wrong phase
│   ├── OpinionError                 empty or too long
│   ├── NameInUseError               somebody else answered under this name, or one that looks like it
│   ├── RatingError                  not on the scale
│   ├── QuestionError                a question or its terms cannot be used
│   ├── DeadlineError                words that are no time to come
│   ├── TeamError                    a team's settings cannot be changed like this
│   ├── LibraryError                 a template, an imported file or a schedule cannot be used
│   ├── WebhookError                 a webhook cannot be added, or is not there
│   ├── RehearsalError               a question cannot be tried out now
│   ├── PermissionDeniedError
│   │   └── GivenElsewhereError      another browser gave what was given by this personal link
│   └── UnknownDeliberationError
├── PlatformError                    a chat platform refused or failed
│   ├── MessageGoneError             a message of ours is not there any more
│   ├── UnreachableError             this one person cannot be written to
│   ├── UnreadableVotesError         what members voted on was deleted: what was counted stands
│   └── RateLimitedError             retryable after `retry_after_s`
├── BackupError                      a backup cannot be made, read or put back like this
└── StoreError                       the state store does not answer: retryable
    └── VersionConflictError         somebody else saved first: load again, decide again

Messages are whole sentences, for people, and never hold opinions, names or tokens. They are English here;
`bot.wording.language.explained` says them to whoever reads.
"""

from engine.sentence import Said, in_english
from engine.sentence import sentence as sentence


class BotError(Exception):
    """Any failure of the application; `retryable` says whether the same call may succeed later.

    sentence: with its named places, such as "{count} are possible.", as it is translated; places: what stands
        in them: numbers, words, another error, or a list of errors. The message is both together, in English.
    """

    retryable = False
    # What does not answer, where that is the reason: the log says so once a minute and not each time.
    outage = ""

    def __init__(self, sentence: str = "", /, **places: object) -> None:
        super().__init__(in_english(sentence, places))
        self.sentence, self.places = sentence, places

    @property
    def said(self) -> Said:
        """What it says, to be kept for whoever reads it later; a list in it stays English."""
        return Said(self.sentence, {name: _kept(each) for name, each in self.places.items()})


def _kept(place: object) -> int | str | Said:
    if isinstance(place, BotError):
        return place.said
    if isinstance(place, list):
        return "\n".join(map(str, place))
    return place if isinstance(place, int | str | Said) else str(place)


class DomainError(BotError):
    """Something a person may not do, or not now, or not like this."""


class TransitionError(DomainError):
    """The deliberation is not in a phase that allows this."""


class OpinionError(DomainError):
    """The opinion cannot be kept as it is."""


class NameInUseError(DomainError):
    """Somebody else answered this question under this name, or one that looks like it."""

    def __init__(
        self, told: str = sentence("Somebody else answered under this name, or one that looks like it.")
    ) -> None:
        super().__init__(told)


class RatingError(DomainError):
    """The rating is not on the question's scale."""


class QuestionError(DomainError):
    """The question or one of its terms cannot be used."""


class DeadlineError(QuestionError):
    """These words do not say when, or that time is over."""


class TeamError(DomainError):
    """A team's settings cannot be changed like this."""


class LibraryError(DomainError):
    """A template, a file of questions or a schedule cannot be used as it is."""


class WebhookError(DomainError):
    """A webhook cannot be added like this, or is not there."""


class RehearsalError(DomainError):
    """A question cannot be tried out with simulated members now."""


class PermissionDeniedError(DomainError):
    """This person may not do this here."""


class GivenElsewhereError(PermissionDeniedError):
    """Another browser gave what is kept of this participant, and only that one may change it."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "Somebody answered with this personal link in another browser, and only that browser can "
                "change the answer. To answer here, ask the person who sent you the link for a new one. The "
                "first answer then stays as it is. “Forget me” under your data deletes it, and ends this "
                "link."
            )
        )


class UnknownDeliberationError(DomainError):
    """There is no such deliberation, or this person may not see it, or nobody can say whether they may.

    One sentence for all of these, so that nobody can tell that there is a question.
    """

    def __init__(self) -> None:
        super().__init__(
            sentence("There is no such question here. Check the link or the list, or try again in a minute.")
        )


class PlatformError(BotError):
    """A chat platform refused or failed.

    reason: tells refusals apart; empty where there is nothing that anybody could mend.
    """

    reason = ""


class MessageGoneError(PlatformError):
    """A message of ours was deleted, or can no longer be edited."""


class UnreachableError(PlatformError):
    """This one person cannot be written to: they left, or take no messages."""


class UnreadableVotesError(PlatformError):
    """The message that members voted on was deleted; asking again would not bring its votes back."""


class RateLimitedError(PlatformError):
    """A chat platform asks to wait."""

    retryable = True

    def __init__(self, sentence: str, *, retry_after_s: float, **places: object) -> None:
        super().__init__(sentence, **places)
        self.retry_after_s = retry_after_s


class BackupError(BotError):
    """A backup cannot be made, read or put back like this; nothing was changed."""


class StoreError(BotError):
    """The state store does not answer; nothing was changed."""

    retryable = True
    outage = "store"


class VersionConflictError(StoreError):
    """Somebody else saved first."""

    outage = ""
