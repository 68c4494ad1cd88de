"""Servers of language models that run on this machine already, at the ports that they usually have.

Reads:  what answers on loopback, in a moment.
Gives:  each server's address and the models that it lists.
Refrains from any other machine, from proxies and from keys.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

USUAL_PORTS = {11434: "Ollama", 1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM"}
WITHIN_S = 0.7
_MOST_NAMED = 20
_MOST_BYTES = 2**20


@dataclass(frozen=True)
class NearbyServer:
    """A server that answers. usual: the program whose usual port it is; url: for OPENAI_BASE_URL."""

    usual: str
    url: str
    models: tuple[str, ...]


async def nearby_servers(ports: Mapping[int, str] | None = None) -> list[NearbyServer]:
    """Ask all ports together; those that do not answer like such a server are left out.

    ports: which program usually has which port; None: the usual ones.
    """
    asked = USUAL_PORTS if ports is None else ports
    async with httpx2.AsyncClient(timeout=WITHIN_S, trust_env=False, follow_redirects=False) as http:
        found = await asyncio.gather(*(_asked(http, port, usual) for port, usual in asked.items()))
    return [server for server in found if server is not None]


async def _asked(http: httpx2.AsyncClient, port: int, usual: str) -> NearbyServer | None:
    url = f"http://127.0.0.1:{port}/v1"
    try:
        async with asyncio.timeout(WITHIN_S), http.stream("GET", f"{url}/models") as reply:
            if not reply.is_success:
                return None
            body = b""
            async for piece in reply.aiter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    return None
        entries = httpx2.Response(200, content=body).json()["data"]
        names = tuple(str(entry["id"]) for entry in entries[:_MOST_NAMED])
    except (httpx2.HTTPError, TimeoutError, ValueError, LookupError, TypeError):
        return None
    return NearbyServer(usual, url, names)
