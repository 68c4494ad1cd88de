"""A crowd that answers at once: for the promise that nothing is lost, and for measuring answers."""

import asyncio
import random
import time
from dataclasses import dataclass

from tests.bell import PATIENCE_S
from tests.discord_house import DiscordHouse
from tests.discord_server import Interaction


@dataclass
class Crowd:
    """What became of what they did: the presses that open a window, and the windows that were submitted."""

    deliberation_id: str
    opened: list[Interaction]
    submitted: list[Interaction]
    took_s: float


async def crowd_answers(house: DiscordHouse, count: int, within_s: float) -> Crowd:
    """`count` members open the window and share an opinion, spread over `within_s` seconds."""
    people = house.people(count)
    d = await house.ask(people[0])
    card = house.card
    began = time.perf_counter()

    async def one(number: int) -> tuple[Interaction, Interaction]:
        await asyncio.sleep(random.Random(number).uniform(0, within_s))
        opened = await people[number].press(card, "Share your opinion")
        assert opened.modal is not None
        given = await people[number].submit(opened.modal, {"opinion": f"Opinion {number}"})
        await house.discord.until(
            lambda: given.message or given.failed, what="an answer", timeout_s=PATIENCE_S
        )
        return opened, given

    found = await asyncio.gather(*(one(number) for number in range(count)))
    took = time.perf_counter() - began
    return Crowd(d.id, [first for first, _ in found], [second for _, second in found], took)
