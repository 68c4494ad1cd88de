"""Turns: which prompts a server may begin to read, so that it reads none twice where that is dear.

Reads:  what each request's prompt is.
Gives:  whether it had better wait for the slot that has read it.
Refrains from I/O, and from knowing what prompts say: a number stands for each.

A server keeps in each slot what it read there (llama.cpp), or in one store for all (TGI, vLLM): a prompt that
comes again is not read again. So at a small server requests of one prompt run one after the other, and those
that run at once are of different prompts: two of the same would both read it. A large one reads quickly, and
had better not be left idle.
"""

from collections import Counter

SMALL = 4
"""Slots up to which a server is a small machine, where reading a prompt twice takes longer than waiting."""

Prompt = int | None
"""Stands for a prompt; None for one that is like no other."""


class Turns:
    """The prompts that one server is at."""

    def __init__(self) -> None:
        self._running: Counter[int] = Counter()

    def may_begin(self, prompt: Prompt, slots: int) -> bool:
        """Whether a request should take a slot, of so many, that is free."""
        return prompt is None or slots > SMALL or not self._running[prompt]

    def begins(self, prompt: Prompt) -> None:
        """A request of this prompt has a slot."""
        if prompt is not None:
            self._running[prompt] += 1

    def ended(self, prompt: Prompt) -> None:
        """It has given it back."""
        if prompt is not None:
            self._running[prompt] -= 1
