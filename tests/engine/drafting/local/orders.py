"""How many tokens of prompts llama.cpp reads for a round, by its own count.

As candidates are dealt now, and as they were when each had an order of the opinions of its own.
"""

import re

import httpx2

from engine.draft_briefs import candidate_seed, shuffled
from engine.drafting.local.llama_host import Wanted, host
from engine.types import Brief

QUESTION = "Should the town close the market square to cars?"
SEVEN = (
    "I run the bakery on the corner, and half of what I sell in the morning goes to people who stop for two "
    "minutes on their way to work. Close it at noon if you must, but leave me the mornings.",
    "My children cross the square to school every day, and twice this year somebody was nearly hit. I "
    "would close it today, and find the money for a few parking spaces behind the church.",
    "The square was the heart of the town before it was a car park. Trees, benches and a place for the "
    "market would bring people back who now shop elsewhere.",
    "I walk with a stick and need to be driven to the doctor's. Whatever you decide, let cars with a "
    "disabled badge and the taxi come as far as the door.",
    "Try it for one summer and count: visitors, sales, accidents. If the shops lose more than they can "
    "bear, open it again, and nobody has to be right beforehand.",
    "Deliveries cannot come on foot. Between six and nine in the morning lorries have to get in, or the "
    "shops will close one after the other and the square will be quiet for good.",
    "We have had three plans in ten years and not one of them was carried out. I am for it, but only with a "
    "date, a budget and somebody who is answerable for both.",
)


def unshared(request):
    """The briefs as they were: an order and a prompt of its own for each candidate."""
    texts = [opinion.text for opinion in request.opinions]
    seeds = [candidate_seed(request.seed, index) for index in range(request.candidates)]
    return [Brief(at, request.question, shuffled(texts, seed), seed, seed) for at, seed in enumerate(seeds)]


async def drafted(generator, briefs, path, *, reads_ahead=True):
    """The drafts, and how many tokens of prompts were read for them."""
    await host().let_go()
    wanted = Wanted(str(path), path.stem)
    if not reads_ahead:
        async with host().serving(wanted):
            pass
    drafts = [draft async for draft in generator.draft(briefs)]
    async with host().serving(wanted) as served, httpx2.AsyncClient() as http:
        known = {"Authorization": f"Bearer {served.key}"}
        told = (await http.get(f"{served.url.removesuffix('/v1')}/metrics", headers=known)).text
    return drafts, int(re.search(r"^llamacpp:prompt_tokens_total (\d+)", told, re.MULTILINE)[1])
