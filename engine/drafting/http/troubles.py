"""Troubles: what can go wrong with a server that writes text, and the one sentence that people read of it.

Reads:  HTTP statuses; what a refusal is about.
Gives:  `Failure`s, and the engine's error that some of them amount to.
Refrains from passing on anything that a server said: replies may repeat opinions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.drafting.http.refusals import About
from engine.errors import GenerationError, GeneratorUnavailableError, PromptRejectedError


class Trouble(StrEnum):
    """What can go wrong with one request, in the words of the error that people read."""

    OVERLOADED = "overloaded"
    UNREACHABLE = "not reachable"
    SLOW = "too slow"
    LATE = "too slow for the time that a round has"
    FAILED = "failing"
    REJECTED = "rejecting the prompt"
    REFUSED = "refusing us"
    UNPAID = "out of credit"
    STRANGE = "answering in a form that Accord does not know"


@dataclass(frozen=True)
class SettingNames:
    """What an operator calls a generator's settings, for errors to say which of them to look at.

    address: the setting with the servers' addresses; access: all that a server may refuse us for; prompt: all
    that makes a prompt one that the model takes.
    """

    address: str
    access: str
    prompt: str

    def remedy(self, trouble: Trouble) -> str:
        """What to do about a trouble."""
        slow = f"check what else its server does, or name more servers in {self.address}"
        return {
            Trouble.OVERLOADED: f"try again later, or name more servers in {self.address}",
            Trouble.UNREACHABLE: f"check that its server runs, and the address in {self.address}",
            Trouble.SLOW: slow,
            Trouble.LATE: slow,
            Trouble.FAILED: f"see what is in the log of the server at {self.address}",
            Trouble.REJECTED: f"check {self.prompt}",
            Trouble.REFUSED: f"check {self.access}",
            Trouble.UNPAID: f"add credit to the account behind {self.access}",
            Trouble.STRANGE: f"check that {self.address} is the address of the API and not of a page",
        }[trouble]


class Failure(Exception):
    """One request that failed; `status` is the HTTP status where there was one.

    about: what the server complained of. It carries nothing else that the server said: replies may repeat
        opinions.
    """

    def __init__(
        self,
        trouble: Trouble,
        status: int | None = None,
        retry_after_s: float | None = None,
        about: frozenset[About] = frozenset(),
    ) -> None:
        super().__init__(trouble if status is None else f"{trouble} ({status})")
        self.trouble = trouble
        self.status = status
        self.retry_after_s = retry_after_s
        self.about = about

    @classmethod
    def of_status(
        cls, status: int, retry_after_s: float | None = None, about: frozenset[About] = frozenset()
    ) -> "Failure":
        """The failure that an HTTP status stands for; an account that is spent is no overload."""
        trouble = _TROUBLES.get(status, _other_trouble(status))
        if About.UNPAID in about and 400 <= status < 500:
            trouble = Trouble.UNPAID
        return cls(trouble, status, retry_after_s, about)


_TROUBLES = {
    401: Trouble.REFUSED,
    402: Trouble.UNPAID,
    403: Trouble.REFUSED,
    404: Trouble.REFUSED,
    405: Trouble.REFUSED,
    408: Trouble.UNREACHABLE,
    424: Trouble.FAILED,
    429: Trouble.OVERLOADED,
    502: Trouble.UNREACHABLE,
    503: Trouble.UNREACHABLE,
    504: Trouble.UNREACHABLE,
    529: Trouble.OVERLOADED,
}


def _other_trouble(status: int) -> Trouble:
    if status >= 500:
        return Trouble.FAILED
    return Trouble.REJECTED if status >= 400 else Trouble.UNREACHABLE  # a redirect, or a page of a proxy


_PASSING = (Trouble.OVERLOADED, Trouble.UNREACHABLE, Trouble.SLOW, Trouble.LATE, Trouble.STRANGE)
_LASTING = (Trouble.REFUSED, Trouble.REJECTED, Trouble.UNPAID)


def counted(failures: Sequence[Failure]) -> str:
    """How many failed in which way, for the log."""
    counts = Counter(map(str, failures))
    return ", ".join(f"{count} {trouble}" for trouble, count in sorted(counts.items()))


def engine_error(
    failures: Sequence[Failure], settings: SettingNames, who: str = "The text generator"
) -> GenerationError:
    """What failed requests amount to, as the engine's error with one sentence for people.

    `who` begins the sentence, and what to do about it ends it.

    It is worth trying again later as soon as one of the failures is of the kind that passes.
    """
    if not failures:
        return GenerationError("The text generator gave no text.")
    troubles = Counter(failure.trouble for failure in failures)
    passing = [troubles[kind] for kind in _PASSING]
    commonest = troubles.most_common(1)[0][0]
    status = next((failure.status for failure in failures if failure.trouble is commonest), None)
    known = f" (HTTP {status})" if status else ""
    said = f"{who} is {commonest}{known}: {settings.remedy(commonest)}."
    if any(passing):
        return GeneratorUnavailableError(said)
    return PromptRejectedError(said) if commonest in _LASTING else GenerationError(said)
