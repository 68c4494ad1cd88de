"""What statements come from here: a group that is divided, or members' own words."""

from dataclasses import dataclass, replace

from engine.drafting.digest.drafter import DigestGenerator
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from engine.types import Candidate, Mediation, MediationRequest, OnProgress
from tests.web_house import FakeMediator


@dataclass
class Divided(FakeMediator):
    """Two in five would rather have another draft. `model_used`: whether a model wrote them."""

    model_used: bool = True

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """The first draft pleases most, the second the others."""
        made = await super().mediate(request, on_progress)
        count = len(made.participants)
        few = [index < 2 * count // 5 for index in range(count)]
        first = tuple(2.0 if against else 6.5 for against in few)
        second = tuple(6.0 if against else 3.0 for against in few)
        candidates = (
            Candidate(text="Phase them out.", source="x", seed=1, rewards=first, welfare=5.0),
            Candidate(text="Keep <them> & use them twice.", source="x", seed=2, rewards=second, welfare=4.0),
        )
        changed = {"candidates": candidates, "statement": candidates[0].text, "model_used": self.model_used}
        return made.model_copy(update=changed)


class Quoting(FakeMediator):
    """No language model: statements are members' own words, in every round."""

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """A digest."""
        made_of_quotes = Mediator(DigestGenerator(), LexicalRewardModel(), minimum_usable=1)
        return await made_of_quotes.mediate(replace(request, revision=None), on_progress)
