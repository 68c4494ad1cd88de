"""llama.cpp in a process of its own, started and ended by `engine.drafting.local.llama_host`.

Reads:  one line of JSON from standard input: how to run which model.
Gives:  one line of JSON: the address of llama.cpp's own server on loopback, or that it cannot load the model.
Ends when standard input does, so that it never outlives whoever started it, however that one died.
Refrains from logs: llama.cpp's may repeat prompts, and with them opinions.

A process of its own, because loading holds Python's lock from beginning to end (measured: 5 to 30 seconds in
which not one other thread ran, so that no worker could say that it is alive); and because a model that takes
all memory, or a fault in native code, then ends this process and not a worker.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import xllamacpp

from engine.prompts import STOPS

RUNNING_TEXT = (
    "{% for message in messages %}{% if message.role == 'assistant' %}Consensus statement: {% endif %}"
    "{{ message.content }}\n\n{% endfor %}Consensus statement:"
)
"""How messages become the prompt of a model that was never taught to chat, so that it goes on writing."""
ENDS = ("\n\n", *STOPS)
"""Where such a model has ended its statement: it would go on with the next question."""


def main() -> None:
    """Serve until standard input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    wanted = json.loads(sys.stdin.readline())
    try:
        server = _loaded(wanted)
    except (RuntimeError, ValueError, OSError) as error:
        print(json.dumps({"failed": type(error).__name__}), file=out, flush=True)
        return
    print(json.dumps({"url": server.listening_address}), file=out, flush=True)
    sys.stdin.read()
    os._exit(0)  # the system takes memory back faster than llama.cpp gives it


def _loaded(wanted: Mapping[str, Any]) -> Any:
    """A server that listens; it works in threads of its own."""
    params = xllamacpp.CommonParams()
    params.model.path = wanted["path"]
    params.model_alias = {wanted["name"]}
    params.n_parallel = wanted["slots"]
    params.n_ctx = wanted["window"] * wanted["slots"]
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads = wanted["threads"]
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [wanted["key"]]
    params.ui = params.endpoint_slots = False
    params.endpoint_metrics = True  # numbers only, and those with the key only
    params.cors_origins = ""
    if not wanted["chats"]:
        params.chat_template, params.antiprompt = RUNNING_TEXT, list(ENDS)
    params.slot_save_path = wanted["folder"]
    params.cache_ram_mib = 0  # prompts are kept in their slots only
    params.enable_reasoning = -1 if wanted["thinks"] else 0
    params.verbosity = -1
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
