"""Words and sentences of any language, for everything in the engine that compares texts without a model.

Reads:  what people and generators wrote, as it came.
Gives:  a normal form for comparing, words for counting, and sentences in their writer's own characters.
Refrains from understanding: there is no grammar here, only characters, spaces and a few lists. Where
sentences end is what sentencex says, with a few corrections where it cuts too soon.
"""

import re
import unicodedata
from collections.abc import Iterator

from sentencex import segment


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

SEPARATORS = ",;\t"
"""What may stand between the cells of a CSV file."""

EMOJI = "\u2190-\u2bff\ufe0e\ufe0f\u200d\U0001f000-\U0001faff"
"""The characters of emoji and other pictures, as the inside of a regular expression's brackets."""

_SILENT = "'’ʼ`´\u00ad\u200b\u200c\u200d\u2060\ufeff"  # apostrophes, and characters that nobody sees
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_LIST_MARK = re.compile(r"^\s*(?:[-*•–—·]+|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})\)|\d{1,2}\.)\s+")
_TABLE_EDGE = re.compile(r"^\s*\|\s*|\s*\|\s*$")
_LINE_ENDS = re.compile("[.!?…:;。！？｡؟۔।॥።|][\"'”’»)\\]}」』]*$")
_GOES_ON = re.compile(
    r"(?:[,،、，–—-]|\b(?:a|an|the|and|or|but|because|that|which|who|if|when|while|to|of|for|with|without|in|on|at"
    r"|by|from|und|oder|aber|weil|dass|der|die|das|ein|eine|wenn|für|mit|zu|et|ou|mais|que|le|la|les|un|une|de"
    r"|y|o|el|los|con))$",
    re.IGNORECASE,
)
_SHORT = 3  # letters of a word with a capital that is an abbreviation when a small letter follows: "Mon."
_WRAPPED = 4  # words from which a line may have been wrapped
_PICTURES_FIRST = re.compile(rf"[\s{EMOJI}]*[{EMOJI}]\s*")
_ABBREVIATIONS = word_set("approx dept vgl bzw bspw ggf evtl inkl zzgl usw ca nr mme mlle")
_ORDINAL = re.compile(
    r"\b(?:der|die|das|dem|den|des|am|im|ins|vom|zum|zur|beim|bis|seit|ab|jede[mnrs]?|eine?[mnrs]?)\s\d{1,2}\.$",
    re.IGNORECASE,
)
_LONE_MARK = re.compile(r"\(?(?:\d{1,2}|[a-h])[.)]")
_INITIAL = re.compile(r"(?:^|\s)(?!I\.$)M\.$")  # Monsieur; the library knows initials
_ASKED_ANEW = re.compile(r"(?<=[.!?…])\s+(?=[¿¡])")
_LANGUAGE_SIGNS = {
    "de": word_set("der die das und ist nicht wir ich ein eine für mit auf zu sollen sollten kein keine"),
    "fr": word_set("le la les des et est nous je une pour dans pas que il faut sur au"),
    "es": word_set("el los las es y nosotros que para una por con no debemos se del"),
    "it": word_set("il gli che è per una non con si noi della sono"),
    "pt": word_set("o os as é e que para uma não com nós se do da"),
    "nl": word_set("de het een en is niet wij ik voor met op te geen"),
}


FUNCTION_WORDS = ENGLISH_FUNCTION_WORDS.union(*_LANGUAGE_SIGNS.values())
"""Small words of several languages, which say nothing of what a text is about."""
DENIALS = word_set(
    """not no never none nobody nothing nor cannot without against cant dont doesnt isnt arent shouldnt
    wouldnt wont nicht kein keine keinen keiner nie gegen ohne pas non jamais contre sans nunca
    contra sin ni"""
)


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


def denies(text: str) -> bool:
    """Whether a text has a word that denies."""
    return not DENIALS.isdisjoint(normalised(text).split())


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
    """Split into sentences, each as written but for list marks and white space, which comes out as one space.

    A line ends a sentence unless it was wrapped. Emoji stay with the sentence before them. Pieces without a
    letter or digit are left out.
    """
    return [
        sentence
        for paragraph in filter(None, _paragraphs(text))
        for piece in _pieces(paragraph)
        if normalised(sentence := _LIST_MARK.sub("", piece))
    ]


def language_of(text: str) -> str:
    """The code of the Latin-script language whose small words the text has most of; "en" when in doubt."""
    found = normalised(text).split()
    counts = {code: sum(word in signs for word in found) for code, signs in _LANGUAGE_SIGNS.items()}
    best = max(counts, key=lambda code: counts[code])
    english = sum(word in ENGLISH_FUNCTION_WORDS for word in found)
    return best if counts[best] > english else "en"


def _paragraphs(text: str) -> Iterator[str]:
    """The lines, those that belong together on one, without list marks."""
    own_capitals = text.lstrip()[:1].isupper()
    before = ""
    for raw in [*text.splitlines(), ""]:
        line = " ".join(raw.split())
        if before and line and not _LIST_MARK.match(f"{line} ") and _is_wrapped(before, line, own_capitals):
            before = f"{before} {line}"
            continue
        if before:
            yield _LIST_MARK.sub("", _TABLE_EDGE.sub("", before))
        before = line


def _is_wrapped(line: str, following: str, own_capitals: bool) -> bool:
    """Whether a sentence goes on in the next line.

    own_capitals: whether the writer begins sentences with capitals, so that a small letter tells something.
    """
    if _LINE_ENDS.search(line) or following.startswith("|"):
        return False
    small = own_capitals and following[:1].islower() and len(line.split()) >= _WRAPPED
    return small or bool(_GOES_ON.search(line))


def _pieces(paragraph: str) -> list[str]:
    """The sentences of one paragraph, by the library, corrected; each a slice of it."""
    # A half of a character would be refused; lengths stay, so that the writer's own text is cut.
    whole = "".join("?" if "\ud800" <= character <= "\udfff" else character for character in paragraph)
    begins: list[int] = []
    at = 0
    for segmented in segment(language_of(paragraph), whole):
        pictures = _PICTURES_FIRST.match(paragraph, at)
        begin = pictures.end() if pictures and begins else at
        at += len(segmented)
        before = paragraph[begins[-1] : begin].strip() if begins else ""
        if not before or not _ended_too_soon(before, paragraph[begin:at].strip()):
            begins.append(begin)
    slices = (paragraph[begin:end] for begin, end in zip(begins, [*begins[1:], None], strict=True))
    return [part.strip() for piece in slices for part in _ASKED_ANEW.split(piece)]


def _ended_too_soon(before: str, piece: str) -> bool:
    """Whether a full stop belongs to an ordinal or an abbreviation that the library does not know."""
    if not normalised(piece) or _LONE_MARK.fullmatch(before):
        return True
    if not before.endswith("."):
        return False
    word = before[:-1].rsplit(" ", 1)[-1].lstrip("(\"'“„")
    if word.casefold() in _ABBREVIATIONS or (piece[0].islower() and word.istitle() and len(word) <= _SHORT):
        return True
    return bool(_ORDINAL.search(before) or _INITIAL.search(before))


def separator_of(first_line: str) -> str:
    """What stands between the cells of a CSV file: the comma, or what Excel puts there in other countries."""
    return max(SEPARATORS, key=first_line.count)


def formula_safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe in front keeps it text."""
    risky = cell.lstrip().startswith(("=", "+", "-", "@")) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if risky else cell
