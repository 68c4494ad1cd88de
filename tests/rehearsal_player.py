"""A language model for rehearsals on loopback: it plays personas, each with an interest of its own."""

import re
from collections.abc import Callable

from bot.bootstrap.simulated_members import SimulatedMembers
from bot.chat.rehearsals import Rehearsals
from bot.service.ports import Ports
from bot.worker.rehearsing import play_waiting
from bot.worker.steps import Worker
from engine.drafting import GeneratorOptions, make_generator
from engine.mediator import Mediator
from engine.prompts import REHEARSALS
from engine.reward.lexical.model import LexicalRewardModel
from tests.engine.drafting.servers.loopback_tgi import Asked, LoopbackTgi

QUESTION = "Should we move the weekly meeting to Friday?"
ROLES = (
    ("baker", "to be home before the ovens are lit", "short and dry"),
    ("driver", "a fixed hour, since routes are planned on Mondays", "friendly"),
    ("bookkeeper", "no meetings in the last week of a month", "exact"),
    ("apprentice", "to keep Friday afternoons for vocational school", "shy"),
    ("shop manager", "everybody in one room once a week", "loud"),
    ("cleaner", "to know of it two days before", "calm"),
    ("night baker", "nothing at all before noon", "tired"),
    ("florist next door", "no deliveries blocked by parked cars", "warm"),
)
CLEARER = "Should our team meet every Friday at 9 am instead of Mondays, from May on?"
STATEMENT = (
    " We agree to hold the weekly meeting on Friday at a fixed hour, provided that it never falls into the "
    "last week of a month, that it is announced two days before and ends in time for school; draft {seed}."
)


def playing(asked: Asked) -> str:
    """What a capable model answers to each task of a rehearsal."""
    prompt = asked.inputs
    if "ROLE | INTEREST | TONE" in prompt:
        known = prompt.count("A member already")
        return " " + " | ".join(ROLES[known % len(ROLES)])
    if "what the member says alone" in prompt:
        role, interest, _ = _member(prompt)
        return f" As {role} I need {interest}; number {asked.seed} of my reasons is my work as {role}."
    if "that sentence alone" in prompt:
        role, interest, _ = _member(prompt)
        return f" The team decides whether to meet on Fridays, which touches {interest}."
    if "each number once" in prompt:
        count = len(re.findall(r"Told: \d+\.", prompt))
        return " 1 | " + " ".join(map(str, range(2, count + 1)))
    if "the new question alone" in prompt:
        return f" {CLEARER}"
    return STATEMENT.format(seed=asked.seed)


def _member(prompt: str) -> tuple[str, str, str]:
    line = prompt.rsplit("Told: ", 1)[1].split("\n", 1)[0]
    role, interest, tone = line.split(" | ")
    return role, interest, tone


async def played(rehearsals: Rehearsals, ports: Ports, writer: Callable[[Asked], str] = playing) -> int:
    """What a worker does with rehearsals that wait, its model on loopback; how many it played."""
    async with LoopbackTgi(writer=writer, input_tokens=32_000, total_tokens=33_000) as tgi:
        options = {name: GeneratorOptions(urls=(tgi.url,), template=name) for name in REHEARSALS}
        writers = {name: make_generator("tgi", each) for name, each in options.items()}
        mediator = Mediator(make_generator("tgi", GeneratorOptions(urls=(tgi.url,))), LexicalRewardModel())
        plays = SimulatedMembers(writers, mediator)
        return await play_waiting(Worker(ports, mediator, rehearsals=rehearsals, plays=plays))
