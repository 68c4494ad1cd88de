"""What can go wrong in the engine.

EngineError
├── GenerationError                 no draft could be had
│   ├── GeneratorUnavailableError   time-out, 429, 5xx: retryable
│   └── PromptRejectedError         other 4xx, input too long
├── TooFewCandidatesError           fewer usable texts than asked for
├── EmptySeatsError                 too few participants for the seats of a jury
├── ScoringError                    NaN, wrong shape, wrong checkpoint
├── FeedbackError                   a file of feedback cannot be read or written
├── CorpusError                     a corpus of deliberations cannot be read
│   └── NoCorpusError               there is none
├── ModelFileError                  a language model's file cannot be fetched, read or used
│   └── UnknownModelError           there is no model of that name
└── LearningError                   a run learnt nothing worth keeping, or a checkpoint is not to be used

Messages never hold opinions, statements, names or tokens: they end up in logs and in front of people.
"""

from engine.sentence import Said


class EngineError(Exception):
    """Any failure of the engine; `retryable` says whether the same call may succeed later.

    said: the sentence with what stands in its places, to be put together for whoever reads it.
    """

    retryable = False

    def __init__(self, sentence: str = "", /, **places: "int | str | Said") -> None:
        self.said = Said(sentence, places)
        super().__init__(str(self.said))


class GenerationError(EngineError):
    """The text generator gave nothing that can be used."""


class GeneratorUnavailableError(GenerationError):
    """The text generator does not answer or is overloaded."""

    retryable = True
    outage = "text generator"


class PromptRejectedError(GenerationError):
    """The text generator refused the prompt and would refuse it again."""


class TooFewCandidatesError(EngineError):
    """After dropping unusable drafts too few candidates are left to choose from."""

    retryable = True


class EmptySeatsError(EngineError):
    """Too few participants have what the seats of a jury are for; more opinions mend it."""


class ScoringError(EngineError):
    """The reward model's answer cannot be used."""


class ModelFileError(EngineError):
    """A language model's file cannot be fetched, read or used."""


class UnknownModelError(ModelFileError, ValueError):
    """No language model of that name is on this machine."""


class FeedbackError(EngineError, ValueError):
    """A file of feedback cannot be used; the message names the file and the line."""


class CorpusError(EngineError, ValueError):
    """A corpus of deliberations cannot be used; the message names the file and the line."""


class NoCorpusError(CorpusError):
    """There is no corpus where one was looked for."""


class LearningError(EngineError):
    """A training run learnt nothing worth keeping, or a checkpoint may not take another's place."""
