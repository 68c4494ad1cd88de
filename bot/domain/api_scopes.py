"""What tokens for other software may be for, and for how long. Imports nothing, for the command line."""

from enum import StrEnum

LONGEST_DAYS = 3_650
USUAL_DAYS = 365


class Scope(StrEnum):
    """What software may do with a token. Each is given by itself: none holds another.

    MANAGE, and what is for the library and exports, is done with an admin's rights: an admin gave it.
    """

    READ = "questions:read"
    WRITE = "questions:write"
    MANAGE = "questions:manage"
    TAKE_PART = "take-part"
    RESULTS = "results:read"
    EXPORTS = "exports:read"
    READ_LIBRARY = "library:read"
    WRITE_LIBRARY = "library:write"
