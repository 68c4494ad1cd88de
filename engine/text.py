"""Words and sentences of any language, for everything in the engine that compares texts without a model.

Reads:  what people and generators wrote, as it came.
Gives:  a normal form for comparing, words for counting, and sentences in their writer's own characters.
Refrains from understanding: there is no grammar here, only characters, spaces and a few lists.
"""

import re
import unicodedata


def word_set(listed: str) -> frozenset[str]:
    """A set of words from a listing of them."""
    return frozenset(listed.split())


ENGLISH_FUNCTION_WORDS = word_set(
    """a about after all also am an and any are as at be because been before being believe both but by can
    could did do does doing each even feel few for from get got had has have having he her here hers him his
    how i id if im in into is it its itself ive just lets make may me might more most much must my of on once
    only or other our ours own people quite really same shall she should so some still such than that thats
    the their theirs them then there these they theyre thing things think this those through to too under
    until up upon us very was way we were what when where which while who whom why will with would yet you
    your yours"""
)
_ALSO_IN_OTHER_LANGUAGES = word_set(
    "a all am an as at by do for had has he her i id in is me of on so us was will"
)
_ENGLISH_EVIDENCE = (ENGLISH_FUNCTION_WORDS | {"not"}) - _ALSO_IN_OTHER_LANGUAGES

EMOJI = "\u2190-\u2bff\ufe0e\ufe0f\u200d\U0001f000-\U0001faff"
"""The characters of emoji and other pictures, as the inside of a regular expression's brackets."""

_SILENT = "'’ʼ`´\u00ad\u200b\u200c\u200d\u2060\ufeff"  # apostrophes, and characters that nobody sees
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_CLOSERS = "\"'”’»)\\]}」』"
_SENTENCE_END = re.compile(
    rf"(?:(?<![.!?…])[.!?…]++|(?P<always>[。！？｡؟۔।॥።]++))[{_CLOSERS}]*+"
    rf"(?:(?:\s*+[{EMOJI}]++)++|(?(always)|(?=\s|$)))"
)
_LIST_MARK = re.compile(r"^\s*(?:[-*•–—·]+|\(?\d{1,2}[.)])\s+")
_ABBREVIATIONS = word_set(
    "mr mrs ms dr prof st vs etc eg ie cf approx dept inc ltd jr sr fig gov sen rep al ca bzw usw ggf nr"
)
_INITIALS = re.compile(r"(?:\w\.)*\w")


class _WordCharacters(dict[int, str]):
    """A translation table filled as characters are met: letters, digits and marks stay, the rest is space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _SILENT or 0xFE00 <= code <= 0xFE0F:
            kept = ""
        elif character.isalnum() or unicodedata.category(character) in ("Mn", "Mc"):
            kept = character
        else:
            kept = " "
        self[code] = kept
        return kept


_WORD_CHARACTERS = _WordCharacters()


def normalised(text: str) -> str:
    """The text without case, punctuation and layout: texts that differ only in those have the same form."""
    kept = unicodedata.normalize("NFKC", text).casefold().translate(_WORD_CHARACTERS)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def words(form: str) -> list[str]:
    """The words of a text in its normal form; a script without spaces gives pairs of characters."""
    found: list[str] = []
    for token in form.split():
        if len(token) > 2 and _UNSPACED.search(token):
            found.extend(token[at : at + 2] for at in range(len(token) - 1))
        else:
            found.append(token)
    return found


def stem(word: str) -> str:
    """Cut the common endings off an English word, so that ban, bans, banned and banning meet."""
    if not word.isascii():
        return word
    for ending in ("ations", "ation", "ments", "ment", "ings", "ing", "ness", "ed", "es", "ly", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        return word[:-1]
    return word.rstrip("eiy") if len(word) > 4 else word


def looks_english(text: str) -> bool:
    """Whether one word in eight or more is a function word that only English has."""
    found = normalised(text).split()
    return bool(found) and sum(word in _ENGLISH_EVIDENCE for word in found) * 8 >= len(found)


def sentences(text: str) -> list[str]:
    """Split into sentences, each exactly as written but for outer white space and list marks.

    Lines end sentences; emoji stay with the sentence before them; a full stop inside a number, an address
    or after an abbreviation or initial ends nothing. Pieces without a letter or digit are left out.
    """
    pieces = [piece for line in text.splitlines() for piece in _split_line(_LIST_MARK.sub("", line))]
    return [piece for piece in pieces if normalised(piece)]


def _split_line(line: str) -> list[str]:
    pieces, begin = [], 0
    for end in _SENTENCE_END.finditer(line):
        if line[end.start()] == "." and _is_abbreviated(line, end.start()):
            continue
        pieces.append(line[begin : end.end()].strip())
        begin = end.end()
    return [*pieces, line[begin:].strip()]


def _is_abbreviated(line: str, stop: int) -> bool:
    """Whether the word that the full stop at `stop` follows is an abbreviation or initials (`e.g.`, `J.`)."""
    word = line[max(line.rfind(" ", 0, stop) + 1, stop - 12) : stop].lstrip("(\"'“").casefold()
    return word in _ABBREVIATIONS or (bool(_INITIALS.fullmatch(word)) and not word.isdigit())


def formula_safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe in front keeps it text."""
    risky = cell.lstrip().startswith(("=", "+", "-", "@")) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if risky else cell
