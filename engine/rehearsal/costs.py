"""What a rehearsal costs, before it begins: requests and tokens, by a guess that errs upward.

Reads:  the plan of a rehearsal.
Gives:  both counts. Answers that cannot be used are asked for again, up to `asking.TRIES` times; an
        estimate counts each once.
"""

from engine.drafting.fitting import guessed_tokens
from engine.prompts import REHEARSALS, SYSTEM, rehearsed
from engine.rehearsal.asking import CLEARER
from engine.rehearsal.results import Cost

LINE = 60
"""Tokens of a persona, an opinion or a reading, as models write them."""
STATEMENT = 160
"""Tokens of a drafted statement."""


def cost_of(
    question: str, *, invented: int, simulated: int, others: int, runs: int, candidates: int, team: str = ""
) -> Cost:
    """What a rehearsal costs.

    Args:
        invented: members who are to be invented.
        simulated, others: members who are simulated, invented or not, and real ones.
    """
    frame = {name: guessed_tokens(rehearsed(question, [], name=name)) for name in REHEARSALS}
    first = simulated - invented
    invented_tokens = sum(
        frame["persona"] + guessed_tokens(team) + LINE * (first + at + 1) for at in range(invented)
    )
    each = {"member": frame["member"] + 2 * LINE, "reading": frame["reading"] + 2 * LINE}
    draft = guessed_tokens(SYSTEM) + guessed_tokens(question) + LINE * (simulated + others) + STATEMENT
    # Once a run, what the statement leaves open is asked too: about as long as a draft.
    drafts = runs * (candidates + 1)
    last = frame["sorting"] + (LINE + 1) * simulated + CLEARER * (frame["clearer"] + LINE * (simulated + 1))
    tokens = (
        invented_tokens
        + runs * simulated * each["member"]
        + simulated * each["reading"]
        + drafts * draft
        + last
    )
    return Cost(requests=invented + (runs + 1) * simulated + drafts + 1 + CLEARER, tokens=tokens)
