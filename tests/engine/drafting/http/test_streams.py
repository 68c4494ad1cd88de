"""Replies that come in pieces, however the network cuts them."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drafting.http.streams import Events, Heard, came_to_an_end, tokens_in

TEXTS = st.lists(st.text(max_size=12), min_size=1, max_size=8)
CUTS = st.lists(st.integers(0, 400), max_size=12)


def pieces(body, cuts):
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    return [body[a:b] for a, b in itertools.pairwise(places)]


def read(body, cuts, content_type):
    events = Events(content_type)
    for piece in pieces(body, cuts):
        events.fed(piece)
    return events


@given(texts=TEXTS, cuts=CUTS, ascii_=st.booleans())
def test_server_sent_events_are_read_whatever_pieces_they_come_in(texts, cuts, ascii_):
    told = [{"text": text} for text in texts]
    lines = [f"data: {json.dumps(one, ensure_ascii=ascii_)}\n\n" for one in told]
    body = "".join([": keep-alive\n\n", *lines, "data: [DONE]\n\n"]).encode("utf-8", "surrogatepass")
    events = read(body, cuts, "text/event-stream")
    assert events.ended() == told
    assert events.done


@given(texts=TEXTS, cuts=CUTS)
def test_lines_of_json_are_read_whatever_pieces_they_come_in(texts, cuts):
    told = [{"text": text} for text in texts]
    body = "\n".join(map(json.dumps, told)).encode()
    assert read(body, cuts, "application/x-ndjson").ended() == told


@given(text=st.text(max_size=60), cuts=CUTS)
def test_an_answer_that_is_no_stream_is_one_event(text, cuts):
    body = json.dumps({"text": text}, ensure_ascii=False, indent=1).encode()
    events = read(body, cuts, "application/json")
    assert events.ended() == [{"text": text}]
    assert events.done


@pytest.mark.parametrize(
    ("event", "count"),
    [
        ({"choices": [{"delta": {"content": "We"}}]}, 1),
        ({"choices": [{"delta": {"reasoning_content": "Hm"}}]}, 1),
        ({"choices": [{"delta": {"role": "assistant", "content": ""}}]}, 0),
        ({"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}]}, 2),
        ({"choices": [], "usage": {}}, 0),
        ({"index": 1, "token": {"text": "We"}}, 1),
        ({"message": {"content": "We"}, "done": False}, 1),
        ({"message": {"content": ""}, "done": True}, 0),
        ([1], 0),
        (None, 0),
    ],
)
def test_an_event_brings_as_many_tokens_as_it_says_something(event, count):
    assert tokens_in(event) == count


def test_every_token_is_told_once_also_where_the_server_counts_more_than_it_sent_events():
    came = []
    heard = Heard(came.append, None)
    for _ in range(3):
        heard({"token": {"text": "We"}})
    heard.ended(10)
    assert came == [1, 1, 1, 7]


@pytest.mark.parametrize(
    ("last", "ended"),
    [
        ({"choices": [{"delta": {}, "finish_reason": "stop"}]}, True),
        ({"choices": [], "usage": {"completion_tokens": 3}}, True),
        ({"token": {}, "generated_text": "We"}, True),
        ({"message": {"content": ""}, "done": True}, True),
        ({"choices": [{"delta": {"content": "We"}}]}, False),
        ({"token": {"text": "We"}, "generated_text": None}, False),
    ],
)
def test_a_stream_that_was_broken_off_is_told_from_one_that_ended(last, ended):
    assert came_to_an_end([{"choices": [{"delta": {"content": "W"}}]}, last]) is ended
