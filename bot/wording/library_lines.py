"""What is kept for asking again, in words: templates, the question bank, schedules, and importing.

Reads:  what is kept, and times and channels in a platform's own form.
Gives:  titles and sentences.
"""

from bot.domain.library import IMPORT_LIMIT, Schedule
from bot.wording.choices import DAYS

TEMPLATES = "Templates"
SCHEDULES = "Schedules"
BANK = "Question bank"
# By the shelf: a button that leads to it.
SEE_TEMPLATES = "See templates"
SEE_BANK = "See question bank"
SEE_SCHEDULES = "See schedules"
NOTHING_YET = "Nothing yet."
NO_TEMPLATES = "None. “Questions to ask again” makes one."
BANK_IN_TURN = "The bank's questions in turn"
NOTHING_LEFT = "nothing left to post"
ONCE = "once"
CHOOSE_TEMPLATE = "This template is gone. Choose another one."
TOO_MANY_TEMPLATES = "There are {limit} templates already. Remove one first."


def more_templates(count: int) -> str:
    """How many a tab has no room for."""
    return f"And {count:,} more, under “Questions to ask again”."


def page_of(title: str, first: int, last: int, total: int) -> str:
    """A shelf's title where it has several pages."""
    return f"{title} ({first:,}–{last:,} of {total:,})"


def how_templates(command: str) -> str:
    """What templates are for."""
    return f"`{command} ask` asks one by its option “template”."


def how_bank(command: str) -> str:
    """How questions come into the bank."""
    return f"`{command} import` adds questions from a CSV file."


def how_schedules(command: str) -> str:
    """What schedules do."""
    return f"`{command} schedule` posts a template or the bank's questions in turn, once or every week."


# -- schedules -----------------------------------------------------------------------------------

EVERY_WEEK_NEEDS_TIME = "For every week, give a time of day, such as 09:30, 9am or noon."
ONE_TIME_OR_WEEKLY = "Choose either one time or a weekday and a time of day."
TOO_MANY_SCHEDULES = "There are {limit} schedules already. Remove one first."
# Why a schedule posted nothing.
NOT_RUNNING_THEN = "It was due while Accord was not running, so it was not posted."
TEMPLATE_GONE = "Its template is gone. Remove the schedule, or make a template of that name again."
BANK_HAS_NONE = "The question bank is empty. Import questions first."
TEXT_CHANNELS_ONLY = "Questions are posted in text channels. Choose one of those."


def when_posted(schedule: Schedule) -> str:
    """On which day of the week and at what time, or once."""
    if schedule.weekly is None:
        return ONCE
    return f"every {DAYS[schedule.weekly.weekday]} {schedule.weekly.at:%H:%M}"


def next_post(when: str) -> str:
    """When it posts next."""
    return f"next {when}"


def clocks_skip_it(schedule: Schedule) -> str:
    """Why it posts at another hour next time; empty where it does not."""
    if schedule.weekly is None or schedule.next_at is None:
        return ""
    at = schedule.weekly.moved_to(schedule.next_at)
    if at is None:
        return ""
    usual = schedule.weekly.at
    return f"There is no {usual:%H:%M} that day: the clocks go forward, so it posts at {at:%H:%M}."


def posts_first(when: str) -> str:
    """Said to who made it."""
    return f"It posts first {when}."


def read_in(zone: str) -> str:
    """The time zone of a time of day."""
    return f"In {zone or 'UTC'}."


# -- importing -----------------------------------------------------------------------------------

IMPORT_NOTE = "CSV whose first line is `question` or `question,context`. All of it is added, or nothing."
IMPORT_TEXT = "Its text"
IMPORT_TEXT_HINT = "Up to 3,000 characters; a file can be longer."
IMPORT_FILE = "… or the file"
IMPORT_EXAMPLE = "question,context\nShould we meet less?,We have 9 hours of meetings a week."
TEXT_OR_FILE = "Paste the text, or choose a file."
FILE_NOT_TEXT = (
    "The file isn't text in UTF-8. Save it as “CSV UTF-8” and choose it again. Nothing was imported."
)
FILE_TOO_LARGE = (
    f"The file is too large: it can have up to {IMPORT_LIMIT:,} characters. Nothing was imported."
)
FILE_ELSEWHERE = "This file is not kept by Slack. Paste its text instead."
FILE_WITHHELD = "Slack didn't let Accord read the file. The app may lack files:read; paste the text instead."


def file_too_long(limit: int) -> str:
    """limit: in bytes."""
    return f"The file is too large: it can have up to {limit:,} bytes. Nothing was imported."
