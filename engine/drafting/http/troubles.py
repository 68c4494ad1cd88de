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
from engine.sentence import Said, sentence

THE_GENERATOR = Said(sentence("The text generator"))


class Trouble(StrEnum):
    """What can go wrong with one request, in the words of the error that people read."""

    OVERLOADED = sentence("overloaded")
    UNREACHABLE = sentence("not reachable")
    SLOW = sentence("too slow")
    LATE = sentence("too slow for the time that a round has")
    FAILED = sentence("failing")
    REJECTED = sentence("rejecting the prompt")
    REFUSED = sentence("refusing us")
    UNPAID = sentence("out of credit")
    STRANGE = sentence("answering in a form that Accord does not know")


@dataclass(frozen=True)
class SettingNames:
    """What an operator calls a generator's settings, for errors to say which of them to look at.

    address: the setting with the servers' addresses; access: all that a server may refuse us for; prompt: all
    that makes a prompt one that the model takes.
    """

    address: str
    access: str
    prompt: str

    def told(self, trouble: Trouble) -> str:
        """The sentence that says a trouble, and what to do about it."""
        return _TOLD[trouble]


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


# With what to do about it. {who} is "The text generator" or "The judge", {http} is " (HTTP 503)" or nothing.
_TOLD = {
    Trouble.OVERLOADED: sentence(
        "{who} is overloaded{http}: try again later, or name more servers in {address}."
    ),
    Trouble.UNREACHABLE: sentence(
        "{who} is not reachable{http}: check that its server runs, and the address in {address}."
    ),
    Trouble.SLOW: sentence(
        "{who} is too slow{http}: check what else its server does, or name more servers in {address}."
    ),
    Trouble.LATE: sentence(
        "{who} is too slow for the time that a round has{http}: check what else its server does, or name "
        "more servers in {address}."
    ),
    Trouble.FAILED: sentence("{who} is failing{http}: see what is in the log of the server at {address}."),
    Trouble.REJECTED: sentence("{who} is rejecting the prompt{http}: check {prompt}."),
    Trouble.REFUSED: sentence("{who} is refusing us{http}: check {access}."),
    Trouble.UNPAID: sentence("{who} is out of credit{http}: add credit to the account behind {access}."),
    Trouble.STRANGE: sentence(
        "{who} is answering in a form that Accord does not know{http}: check that {address} is the address "
        "of the API and not of a page."
    ),
}
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
    failures: Sequence[Failure], settings: SettingNames, who: str | Said = THE_GENERATOR
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
    kind: type[GenerationError] = GeneratorUnavailableError
    if not any(passing):
        kind = PromptRejectedError if commonest in _LASTING else GenerationError
    known = f" (HTTP {status})" if status else ""
    return kind(
        settings.told(commonest),
        who=who,
        trouble=Said(commonest.value),
        http=known,
        address=settings.address,
        access=settings.access,
        prompt=settings.prompt,
    )
