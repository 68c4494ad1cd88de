"""A mediator without a language model: statements are members' own words, in further rounds too."""

from engine.drafting.digest.drafter import DigestGenerator
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from engine.types import PREVIOUS


def quoting():
    """One whose best draft is taken to be better than the statement there is."""
    return _Better(DigestGenerator(), LexicalRewardModel(), minimum_usable=1)


class _Better(Mediator):
    async def mediate(self, request, on_progress):
        made = await super().mediate(request, on_progress)
        if made.is_better:
            return made
        drafts = [each for each in made.candidates if each.source != PREVIOUS]
        candidates = (*drafts, made.previous)
        return made.model_copy(update={"candidates": candidates, "statement": drafts[0].text})
