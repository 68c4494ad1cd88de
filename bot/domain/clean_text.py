"""What people write, as it may be kept: in one Unicode form, without what does harm.

Reads:  a text as it came from a platform.
Gives:  the text to keep, and whether there is anything to read in it.
"""

import re
import unicodedata

LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Null bytes, escapes and halves of surrogate pairs, which no store takes; and the marks that turn the
# direction of whatever comes after the text. Joiners, which emoji and many scripts are made with, stay.
UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """One Unicode form and one kind of line break, without characters that do harm and show nothing."""
    return unicodedata.normalize("NFC", UNWANTED.sub("", LINE_BREAK.sub("\n", text))).strip()


def is_blank(text: str) -> bool:
    """Whether there is nothing to read: only spaces, joiners and the like."""
    return not any(unicodedata.category(character)[0] in "LNPS" for character in text)
