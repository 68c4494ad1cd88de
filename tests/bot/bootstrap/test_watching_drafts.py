"""What comes of texts that servers are asked for is counted by server, without a password in its address."""

from contextlib import suppress

import pytest
from prometheus_client import REGISTRY

from bot.bootstrap.watching_drafts import watched_draft
from engine.drafting.http.troubles import Failure, Trouble
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import Pool, Server


def counted(outcome: str) -> float:
    of = {"server": "models.example.org:8080", "outcome": outcome}
    return REGISTRY.get_sample_value("draft_requests_total", of) or 0.0


@pytest.mark.parametrize("trouble", [None, *Trouble], ids=str)
async def test_every_text_counts_by_its_server_and_what_came_of_it(trouble: Trouble | None) -> None:
    pool = Pool(["http://user:hush@models.example.org:8080"], Patience(), slots=1, setting="TGI_URL")
    pool.watch = watched_draft
    outcome = "done" if trouble is None else trouble.name.lower()
    before = counted(outcome)

    async def answer(server: Server) -> str:
        if trouble is not None:
            raise Failure(trouble)
        return "text"

    with suppress(Failure):
        await pool.ask_once(pool.servers[0], answer)
    assert counted(outcome) == before + 1
