"""A crowd that answers at once: for the promise that nothing is lost, and for measuring acknowledgements."""

import asyncio
import random
import time
from dataclasses import dataclass

from tests.bell import PATIENCE_S
from tests.slack_house import SlackHouse, card
from tests.slack_server import Delivery


@dataclass
class Crowd:
    """What became of their submissions."""

    deliberation_id: str
    deliveries: list[Delivery]
    took_s: float


async def crowd_answers(house: SlackHouse, count: int, within_s: float) -> Crowd:
    """`count` members open the window and share an opinion, spread over `within_s` seconds."""
    people = house.people(count)
    room = house.slack.channel("general", *people)
    d = await house.ask(people[0], room)
    message = card(room)
    began = time.perf_counter()

    async def one(number: int) -> list[Delivery]:
        await asyncio.sleep(random.Random(number).uniform(0, within_s))
        clicked = await people[number].click(message, "share_opinion")
        view = await people[number].sees_modal("opinion", timeout_s=PATIENCE_S)
        given = await people[number].submit(view, {"opinion": f"Opinion {number}"})
        return [clicked, given]

    found = await asyncio.gather(*(one(number) for number in range(count)))
    took = time.perf_counter() - began
    await house.settled()
    return Crowd(d.id, [delivery for pair in found for delivery in pair], took)
