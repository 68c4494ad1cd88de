"""Drafting: the generators behind the `TextGenerator` port, by name.

Reads:  a generator's name, from the settings or the command line.
Gives:  the generator. Only the one that is asked for is imported, so that none pays for another's libraries.
"""

from engine.ports import TextGenerator

GENERATORS = ("extractive",)


def make_generator(name: str) -> TextGenerator:
    """Build the generator called `name`.

    Raises:
        ValueError: no generator has that name; the message lists those that exist.
    """
    if name == "extractive":
        from engine.drafting.extractive import ExtractiveGenerator

        return ExtractiveGenerator()
    raise ValueError(f"Unknown generator {name!r}; choose one of: {', '.join(GENERATORS)}.")
