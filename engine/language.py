"""The language of a round: what the question and the opinions are written in, taken together.

Reads:  what people wrote, as it came.
Gives:  the English name of a language that is none of those asked for, to `engine.reward.model_info.limits`.
Refrains from deciding about single texts, and from the network: the library brings its model (about 75 MiB in
memory, loaded when it is first asked, in half a second). A few words are hard to place, and a wrong "foreign"
costs a group its predictions, so English is assumed of what is too short to tell.
"""

from collections.abc import Collection, Sequence
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from engine.text import looks_english

ENGLISH = "en"
SURE = 0.5
"""Probability from which the library is taken at its word."""
SHORT = 120
"""Characters up to which a doubtful text is taken to be English."""
READ_OF_EACH = 300
"""Characters of a text that count: one long opinion is not the group's language."""
NO_LANGUAGE = "zxx"
"""What the library calls numbers, names of files and the like."""
UNNAMED = "this language"

NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "ary": "Arabic", "arz": "Arabic", "az": "Azerbaijani",
    "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech",
    "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto",
    "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "ht": "Haitian Creole", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer",
    "kn": "Kannada", "ko": "Korean", "ku": "Kurdish", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian",
    "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "mt": "Maltese",
    "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian", "no": "Norwegian", "pa": "Punjabi",
    "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala",
    "sk": "Slovak", "sl": "Slovenian", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "wuu": "Chinese", "xh": "Xhosa",
    "yo": "Yoruba", "yue": "Chinese", "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip
"""In English, by the library's codes; what it finds beside these stays unnamed."""


def foreign_language(texts: Sequence[str], known: Collection[str]) -> str | None:
    """The language of these texts together, unless it is one of `known`.

    Args:
        texts: the question first, then the opinions; whichever language most is written in decides.
        known: ISO 639 codes.

    Returns:
        Its name in English, `UNNAMED` where it is only clear that it is none of them; None where it is one of
        them, or where English is known and it may well be English.
    """
    sample = "\n".join(text[:READ_OF_EACH] for text in texts)
    code, probability = _identifier().classify(sample)
    if code in known or code == NO_LANGUAGE:
        return None
    if probability >= SURE:
        return NAMES.get(code, UNNAMED)
    return None if ENGLISH in known and _may_be_english(sample) else UNNAMED


def _may_be_english(sample: str) -> bool:
    return _is_latin(sample) and (len(sample) <= SHORT or looks_english(sample))


def _is_latin(text: str) -> bool:
    """Whether most letters are Latin ones, with or without marks."""
    letters = [character for character in text if character.isalpha()]
    return sum(letter < "\u0250" or "\u1e00" <= letter <= "\u1eff" for letter in letters) * 2 >= len(letters)


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
