"""The names that come back with clicks and submitted windows, in one place for both sides."""

import re

from bot.domain.deliberation import Deliberation
from bot.domain.rounds import name_of_round, round_named

# Buttons on messages.
SHARE = "share_opinion"
HOW = "how_this_works"
RATE = "rate"  # with the step behind a colon: rate:5; the value of these three is `with_round`
UNRATE = "withdraw_rating"
SAY_WHY = "say_why"
QUALITY = "quality"  # with the question behind a colon; the value is the step, `with_round`
COMPARE = "compare"  # with the question behind a colon; the value is the round and the choice
RETRY = "retry_mediation"
STOP_REMINDERS = "stop_reminders"
START_REMINDERS = "start_reminders"
OPEN_PAGE = "open_page"
POINTS = "vote_on_points"

# Buttons in windows.
WITHDRAW = "withdraw_opinion"
WITHDRAW_REASON = "withdraw_reason"
MORE = "more_settings"
LESS = "fewer_settings"
TRY_OUT = "try_out"
MANAGE = "manage"
EXTEND_TO = "extend_to"
EXPORT = "export_question"
RESULTS = "results_of_question"
OUTCOME = "record_outcome"
FORGET = "forget_me"
SHORTEN = "keep_for_less_time"
REPLACE = "replace_template"
POINTS_AGAIN = "votes_on_points"  # the value is the question and from which point on, as the next
ADD_POINT = "add_point"
HIDE_POINT = "hide_point"  # the value is the question, from which point on, and the point
SHOW_POINT = "show_point"
MORE_POINTS = "more_points"
DO = "do"  # what a facilitator does, behind a colon: do:close

# Buttons on the app's home.
ASK_HOME = "ask_from_home"
ASK_TEMPLATE = "ask_from_template"
TEAM_SETTINGS = "team_settings"
LIBRARY = "library"
IMPORT = "import_questions"
NEW_TEMPLATE = "new_template"
DROP_TEMPLATE = "remove_template"
DROP_QUESTION = "remove_question"
NEW_SCHEDULE = "new_schedule"
DROP_SCHEDULE = "remove_schedule"
REFRESH = "refresh_home"
MINE = "my_settings"

# Windows.
ASK_VIEW = "ask"
TRY_VIEW = "try_out"
OPINION_VIEW = "opinion"
REASON_VIEW = "reason"
NOTICE_VIEW = "notice"
POINTS_VIEW = "points"
ADD_POINT_VIEW = "add_point"
EXTEND_VIEW = "extend"
CHANGE_VIEW = "change_view"
OUTCOME_VIEW = "outcome"
MANAGE_VIEW = "manage_view"
SETTINGS_VIEW = "settings"
IMPORT_VIEW = "import"
TEMPLATE_VIEW = "template"
SCHEDULE_VIEW = "schedule"
MINE_VIEW = "mine"

# Inputs in windows in which somebody writes, beside what they write.
BASELINE = "baseline"
ABOUT = "about"
LEARN = "learn"
REMIND = "remind"
UNLEARN = "unlearn"
STOP_LEARNING = "stop_learning"
YES = "yes"

# Shortcuts.
MESSAGE_SHORTCUT = "find_common_ground"
GLOBAL_SHORTCUT = "ask_question"

# How a message of ours is marked, so that it is found again after a crash.
CARD_EVENT = "accord_card"


def with_round(value: str, d: Deliberation) -> str:
    """The value of what is about a question's statement: it says which one."""
    return f"{value} {name_of_round(d.round)}".rstrip()


def read_round(value: str) -> tuple[str, int]:
    """The same as it comes back."""
    said, _, round_ = value.partition(" ")
    return said, round_named(round_)


def with_choice(name: str) -> re.Pattern[str]:
    """Matches a name with whatever stands behind its colon."""
    return re.compile(rf"^{name}:[\w-]+$")
