"""What members are told of an AI model: its name and where it runs, in the language of whoever reads.

Reads:  the English words that a `ModelNotice` keeps.
Gives:  the same words, put together anew.
"""

from bot.domain.model_notice import ModelNotice
from bot.wording.language import _, listed


def in_their_words(notice: ModelNotice) -> ModelNotice:
    """The notice as it is read; what an operator wrote in their own words stays."""
    return notice.model_copy(
        update={
            "drafter": _described(notice.drafter, notice.drafter_at),
            "judge": _described(notice.judge, notice.judge_at),
        }
    )


def _described(words: str, at: tuple[str, ...]) -> str:
    where = f"on {' and '.join(at)}"
    if not at or not words.endswith(where):
        return words
    places = listed(_(place) for place in at)
    name = words.removesuffix(where).strip()
    if name:
        # Translators: an AI model and where it runs, such as "Llama 3.1 on Accord's own server".
        return _("{model} on {places}").format(model=name, places=places)
    # Translators: where an AI model runs that has no name, such as "on Accord's own server".
    return _("on {places}").format(places=places)
