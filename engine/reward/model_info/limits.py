"""What a reward model has not learnt: languages that it cannot read, kinds of question on which it guesses.

Reads:  a question and opinions; what the model's manifest says of it.
Gives:  the reason not to predict a round, to `engine.mediator`, which then chooses by closeness.
Refrains from loading a model, and from saying how well one predicts what it knows.
"""

import asyncio
from collections.abc import Sequence

from engine.language import foreign_language
from engine.question_kinds import KIND_WORDS, QuestionKind, kind_of
from engine.types import Frozen


class Limits(Frozen):
    """What a model says of itself.

    languages: ISO 639 codes of those it has learnt; None: nobody has said so, and any is tried.
    unknown_kinds: kinds of question on which its card says that it is no better than chance.
    """

    languages: tuple[str, ...] | None = None
    unknown_kinds: tuple[QuestionKind, ...] = ()

    async def unknown(self, question: str, opinions: Sequence[str]) -> str | None:
        """Why this round cannot be predicted, as a clause such as "the reward model does not read German".

        The work is done in a thread, so that the event loop stays free. None where it can be.
        """
        if self.languages is not None:
            texts = [question, *opinions]
            if language := await asyncio.to_thread(foreign_language, texts, self.languages):
                return f"the reward model does not read {language}"
        if self.unknown_kinds and (kind := kind_of(question)) in self.unknown_kinds:
            return f"the reward model only guesses at {KIND_WORDS[kind]}"
        return None


ENGLISH_ONLY = Limits(languages=("en",))
