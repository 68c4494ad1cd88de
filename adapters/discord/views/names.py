"""The names that come back with clicks and submitted windows, in one place for both sides.

A name is `accord:WHAT:ID:CHOICE`, where the last two may be missing; the id is mostly a deliberation's. So a
button of any age says by itself what it means.
"""

import re
from typing import NamedTuple

LIMIT = 100
PATTERN = re.compile(r"accord:(?P<what>[a-z-]+)(?::(?P<id>[\w.-]*))?(?::(?P<choice>[\w.-]*))?")

# Buttons on cards and notes.
SHARE = "share"
WITHDRAW = "withdraw"
SURE = "sure"  # as the choice of a button that asks first
HOW = "how"
RATE = "rate"  # with the step, as the choice; from the second round on with the round, too: 5.2
UNRATE = "unrate"  # from the second round on with the round, as the choice, as the next two
QUALITY = "quality"
SAY_WHY = "say-why"
WITHDRAW_REASON = "withdraw-reason"  # with the round, as the choice
COMPARE = "compare"  # with the round, too
RETRY = "retry"
POINTS = "points"  # the button and the window; from which of the points voted on, as the choice
STOP_REMINDERS = "stop-reminders"
START_REMINDERS = "start-reminders"

# Buttons in answers that one person sees.
ASK_AGAIN = "ask-again"
TRY = "try"
CANCEL = "cancel"
STEP = "step"  # of running a question, as the choice; with the round that was seen, where that matters
RESULT_LINK = "result-link"  # with what to do with it and which one was there, as the choice
SETTINGS = "settings"
FORGET = "forget"
SHORTEN = "shorten"
REPLACE = "replace"
OWN = "own"
LIBRARY = "library"
OUTCOME = "outcome"  # the button and the window; "again" as the choice, for what was refused
AGAIN = "again"
RESULTS = "results"  # what was chosen says of which question
DROP = "drop"
DROP_SURE = "drop-sure"
NEW_TEMPLATE = "new-template"

POINTS_OF = "points-of"  # what was chosen says of which question
ADD_POINT = "add-point"  # the button and the window
MANAGE_POINTS = "manage-points"  # with from which point on, as the choice, as the next two
HIDE_POINT = "hide-point"
SHOW_POINT = "show-point"

# Windows, and inputs in the opinion's and the reason's.
OPINION = "opinion"
REASON = "reason"  # with the round, as the choice
BASELINE = "baseline"
LEARN = "learn"
YES = "yes"
NO = "no"
ASK = "ask"
CHANGE = "change"  # the window, with the edition that it showed; the button, after a refusal
SETTINGS_WINDOW = "settings-window"
TEMPLATE = "template"


class Name(NamedTuple):
    """What a custom id says."""

    what: str
    id: str = ""
    choice: str = ""


def custom_id(what: str, id_: str = "", choice: str = "") -> str:
    """The name as Discord keeps it."""
    return ":".join(["accord", what, *([id_] if id_ or choice else []), *([choice] if choice else [])])[
        :LIMIT
    ]


def read(text: str) -> Name | None:
    """What it says; None for what is not ours."""
    found = PATTERN.fullmatch(text)
    return None if found is None else Name(*(found[name] or "" for name in ("what", "id", "choice")))
