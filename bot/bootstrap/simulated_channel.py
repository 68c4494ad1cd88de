"""`accord rehearse --play`: a whole deliberation of simulated members in the terminal, to try settings.

Reads:  a plan and its language model; settings.
Gives:  everything that a real channel would show, each line of it marked.
It goes through the real commands, handlers and worker, over a server of its own in a folder that is deleted
afterwards: nothing of it is in any team's questions, feedback or exports.
"""

import sys

from adapters.console.rehearse import marked_terminal
from bot.bootstrap.demo_in_terminal import play
from bot.bootstrap.model_notice import model_notice
from bot.bootstrap.models import Rehearsing, settings_in_use
from bot.bootstrap.settings import read_settings
from bot.domain.terms import Terms
from engine.rehearsal.asking import Asker
from engine.rehearsal.rehearsing import Plan, Tell, members_of
from engine.types import MediationRequest, ParticipantOpinion


async def play_simulated(plan: Plan, engine: Rehearsing, tell: Tell) -> None:
    """Invent the members, have each answer once, and play it.

    Raises:
        GenerationError: the language model cannot be asked, or cannot play members.
        BotError: there was no statement.
    """
    asker = Asker(engine.writers, plan.question, plan.seed)
    members = await members_of(plan, asker, tell)
    said = await asker.opinions(members, 0)
    called = {who: f"{each.role} ({at})" for at, (who, each) in enumerate(members.items(), 1)}
    opinions = tuple(ParticipantOpinion(called[each.participant], each.text) for each in said)
    request = MediationRequest(plan.question, opinions)
    terms = Terms(anonymous=False, candidates=plan.candidates, welfare=plan.welfare)
    notice = model_notice(settings_in_use(read_settings()))
    await play(engine.mediator, notice, marked_terminal(sys.stdout), request, terms)
