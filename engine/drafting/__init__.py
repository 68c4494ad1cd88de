"""Drafting: the generators behind the `TextGenerator` port, by name.

Reads:  a generator's name, from the settings or the command line, and the options of one that needs a model.
Gives:  the generator. Only the one that is asked for is imported, so that none pays for another's libraries.

local           language models on this machine
servers         language models behind TGI's API or OpenAI's
load_balancing  which of several servers is asked, and how often
http            a request to a server, and what comes back
parsing         from a reply to a statement that may stand for election
digest          the drafter that needs no model
fitting.py      which opinions a prompt shows where not all of them fit
sentences.py    how long a text is, and what makes a sentence
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.names import RENAMED, RENAMED_TO
from engine.ports import TextGenerator

if TYPE_CHECKING:
    from engine.drafting.load_balancing.pool import Watch
    from engine.drafting.servers.remote import Sampling

GENERATORS = ("digest", "tgi", "openai", "local")
GGUF = ".gguf"
"""How the name of a local model ends that llama.cpp runs; transformers runs the others."""


@dataclass(frozen=True)
class GeneratorOptions:
    """What generators that need a model are told; None and 0 leave the choice to the generator.

    urls: of equal servers; TGI's without a path, those of OpenAI's API with `/v1`.
    model: the name a server of OpenAI's API knows its model by; a local model's GGUF file, folder or hub id.
    template: one of `engine.prompts.TEMPLATES`.
    adapter: the name of an adapter that a TGI server was started with.
    reasoning_tokens: for models that think before they write.
    window_tokens: of an OpenAI server that does not tell its window, or of a GGUF file.
    choices: texts that an OpenAI server is asked for in one request.
    slots: requests of this process that may run at one server.
    temperature, top_p: how the model draws its words; see `engine.drafting.servers.remote.Sampling`.
    extra: further fields of each request to an OpenAI server.
    watch: entered around each text that a server is asked for; see `engine.drafting.load_balancing.pool`.
    """

    urls: tuple[str, ...] = ()
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    template: str | None = None
    adapter: str | None = None
    reasoning_tokens: int = 0
    window_tokens: int | None = None
    choices: int = 1
    slots: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    watch: "Watch" = nullcontext


def make_generator(name: str, options: GeneratorOptions | None = None) -> TextGenerator:
    """Build the generator called `name`; nothing is connected yet.

    Raises:
        ValueError: no generator has that name (the message lists those that exist), or its options are wrong.
    """
    options = options or GeneratorOptions()
    if name == "digest":
        from engine.drafting.digest.drafter import DigestGenerator

        return DigestGenerator()
    if name == "tgi":
        return _tgi(options)
    if name == "openai":
        return _openai(options)
    if name == "local":
        return _local(options)
    if name == RENAMED:
        raise ValueError(RENAMED_TO)
    raise ValueError(f"Unknown generator {name!r}; choose one of: {', '.join(GENERATORS)}.")


def _tgi(options: GeneratorOptions) -> TextGenerator:
    from engine.drafting.servers import tgi

    return tgi.TgiGenerator(
        options.urls,
        api_key=options.api_key,
        template=options.template or tgi.TEMPLATE,
        adapter=options.adapter,
        sampling=_sampling(options),
        reasoning_tokens=options.reasoning_tokens,
        slots=options.slots or tgi.MOST_SLOTS,
    ).watched(options.watch)


def _openai(options: GeneratorOptions) -> TextGenerator:
    from engine.drafting.servers import openai

    return openai.OpenAiGenerator(
        options.urls,
        model=options.model,
        api_key=options.api_key,
        template=options.template or openai.TEMPLATE,
        sampling=_sampling(options),
        reasoning_tokens=options.reasoning_tokens,
        window_tokens=options.window_tokens,
        choices=options.choices,
        extra=options.extra,
        slots=options.slots or openai.MOST_SLOTS,
    ).watched(options.watch)


def _local(options: GeneratorOptions) -> TextGenerator:
    if not options.model:
        raise ValueError(
            "The local generator needs ACCORD_LOCAL_MODEL: a .gguf file, a folder, or a name on the hub."
        )
    if options.model.endswith(GGUF):
        from engine.drafting.local import llama

        return llama.LlamaGenerator(
            options.model,
            template=options.template,
            sampling=_sampling(options),
            reasoning_tokens=options.reasoning_tokens,
            window_tokens=options.window_tokens,
        )
    try:
        from engine.drafting.local import transformers_drafter
    except ImportError:
        raise ValueError("The local generator needs torch and transformers: accord-bot[engine].") from None
    return transformers_drafter.LocalGenerator(
        options.model,
        template=options.template or transformers_drafter.TEMPLATE,
        sampling=_sampling(options),
        reasoning_tokens=options.reasoning_tokens,
    )


def _sampling(options: GeneratorOptions) -> "Sampling":
    from engine.drafting.servers.remote import Sampling

    usual = Sampling()
    return Sampling(options.temperature or usual.temperature, options.top_p or usual.top_p)
