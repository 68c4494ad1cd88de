"""A short list of language models that follow instructions, write statements and may be used freely.

Reads:  nothing.
Gives:  names with all that is needed to fetch each file, and to say what it takes.

Where each fact is from: revision, file, size and SHA-256 of all six from the manifests of other projects that
pin the same files (SmolLM2 and Qwen3 in two, the others in three or more, all alike; November 2026); licence
and languages from the makers' model cards: Qwen/Qwen2.5-0.5B-Instruct-GGUF, Qwen/Qwen2.5-1.5B-Instruct-GGUF,
HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF, ibm-granite/granite-4.0-micro, Qwen/Qwen3-4B-Instruct-2507,
Qwen/Qwen2.5-7B-Instruct. None could be fetched where this list was made, so no draft of theirs was read;
`accord model get` compares what it fetches with size and SHA-256.
`bytes_per_token` is layers x heads kept x (key + value) x 2 bytes, by their configurations; that Granite
keeps 8 heads was not seen, so that its memory may be named too high or too low. A file's own head decides.
Left out for their licences: Qwen2.5-3B (research only), Llama and Gemma (terms of use of their own).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class HubFile:
    """A file of a model on the hub. revision: the commit; None: the newest, which is then recorded."""

    hub_id: str
    file: str
    revision: str | None = None


@dataclass(frozen=True)
class Vetted:
    """A model of the list. size: bytes of its file. about: what it is good for, in a few words."""

    name: str
    source: HubFile
    size: int
    sha256: str
    licence: str
    bytes_per_token: int
    about: str


VETTED = (
    Vetted(
        "qwen2.5-0.5b",
        HubFile(
            "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
            "qwen2.5-0.5b-instruct-q4_k_m.gguf",
            "9217f5db79a29953eb74d5343926648285ec7e67",
        ),
        491_400_032,
        "74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db",
        "Apache-2.0",
        24 * 2 * (64 + 64) * 2,
        "smallest, to try things out; many languages",
    ),
    Vetted(
        "qwen2.5-1.5b",
        HubFile(
            "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
            "qwen2.5-1.5b-instruct-q4_k_m.gguf",
            "91cad51170dc346986eccefdc2dd33a9da36ead9",
        ),
        1_117_320_736,
        "6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
        "Apache-2.0",
        28 * 2 * (128 + 128) * 2,
        "for an older laptop; many languages",
    ),
    Vetted(
        "smollm2-1.7b",
        HubFile(
            "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF",
            "smollm2-1.7b-instruct-q4_k_m.gguf",
            "2d4a76a30b4af41ecd395c35725ac11688d4cfe4",
        ),
        1_055_609_536,
        "decd2598bc2c8ed08c19adc3c8fdd461ee19ed5708679d1c54ef54a5a30d4f33",
        "Apache-2.0",
        24 * 32 * (64 + 64) * 2,
        "for an older laptop; English",
    ),
    Vetted(
        "granite-4.0-micro",
        HubFile(
            "ibm-granite/granite-4.0-micro-GGUF",
            "granite-4.0-micro-Q4_K_M.gguf",
            "ec48475f0c811d812fbfb61975717a9c36eeb652",
        ),
        2_099_502_528,
        "97c417dcc0534b0737c74016fb2af083cb17c3b51eaac621192d23961b7024eb",
        "Apache-2.0",
        40 * 8 * (64 + 64) * 2,
        "for most laptops; 12 languages",
    ),
    Vetted(
        "qwen3-4b",
        HubFile(
            "bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF",
            "Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            "ae44f08e1392f39c0e474af10c3ff8355c8b6688",
        ),
        2_497_280_736,
        "2fde00ce69dd4899c70d020845e2638353015bba0fdf161b3eb965f2bca4464e",
        "Apache-2.0",
        36 * 8 * (128 + 128) * 2,
        "for most laptops; many languages",
    ),
    Vetted(
        "qwen2.5-7b",
        HubFile(
            "bartowski/Qwen2.5-7B-Instruct-GGUF",
            "Qwen2.5-7B-Instruct-Q4_K_M.gguf",
            "8911e8a47f92bac19d6f5c64a2e2095bd2f7d031",
        ),
        4_683_074_240,
        "65b8fcd92af6b4fefa935c625d1ac27ea29dcb6ee14589c55a8f115ceaaa1423",
        "Apache-2.0",
        28 * 4 * (128 + 128) * 2,
        "largest, slow without a GPU; many languages",
    ),
)


def vetted(name: str) -> Vetted | None:
    """The model of that name, if it is on the list."""
    return next((model for model in VETTED if model.name == name), None)
