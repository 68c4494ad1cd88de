"""A copy of a server that is being written to is of one moment."""

import threading

import pytest
from redis import Redis

from adapters.redis.backup.snapshot import snapshot

pytestmark = pytest.mark.redis


async def test_what_is_written_together_is_in_the_copy_together(client, redis_url):
    stop = threading.Event()

    def write() -> None:
        number = 0
        with Redis.from_url(redis_url) as writer:
            while not stop.is_set():
                number += 1
                pipeline = writer.pipeline(transaction=True)
                # Two questions, far apart in any order that one could read them in.
                pipeline.hset("accord:{a}:opinions", str(number), "x" * 200)
                pipeline.hset("accord:{z}:opinions", str(number), "x" * 200)
                pipeline.execute()

    await client.hset("accord:{m}:many", mapping={str(n): "y" * 100 for n in range(50_000)})
    writing = threading.Thread(target=write)
    writing.start()
    try:
        async with snapshot(client, lambda got: None) as (copy,):
            counts = [copy.hlen("accord:{a}:opinions"), copy.hlen("accord:{z}:opinions")]
            assert counts[0] == counts[1] == max(map(int, copy.hkeys("accord:{a}:opinions")), default=0)
            assert copy.hlen("accord:{m}:many") == 50_000
    finally:
        stop.set()
        writing.join()
    assert await client.hlen("accord:{a}:opinions") > counts[0]
