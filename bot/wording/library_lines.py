"""What is kept for asking again, in words: templates, the question bank, schedules, and importing.

Reads:  what is kept, and times and channels in a platform's own form.
Gives:  titles and sentences.
"""

from bot.domain.library import IMPORT_LIMIT, Schedule
from bot.wording.language import N_, _, _n, clock, explained, number, weekday

TEMPLATES = N_("Templates")
SCHEDULES = N_("Schedules")
BANK = N_("Question bank")
# By the shelf: a button that leads to it.
SEE_TEMPLATES = N_("See templates")
SEE_BANK = N_("See question bank")
SEE_SCHEDULES = N_("See schedules")
NOTHING_YET = N_("Nothing yet.")
NO_TEMPLATES = N_("None. Make one under “Questions to ask again”.")
BANK_IN_TURN = N_("The bank's questions in turn")
# Translators: stands after a schedule, in place of the time of its next post.
NOTHING_LEFT = N_("nothing left to post")
# Translators: how often a schedule posts.
ONCE = N_("once")
CHOOSE_TEMPLATE = N_("This template is gone. Choose another one.")
TOO_MANY_TEMPLATES = N_("There are {limit} templates already. Remove one first.")


def more_templates(count: int) -> str:
    """How many a tab has no room for."""
    # English has one form for both; German and French do not.
    told = _n(
        "And {count} more, under “Questions to ask again”.",
        "And {count} more, under “Questions to ask again”.",
        count,
    )
    return told.format(count=number(count))


def page_of(title: str, first: int, last: int, total: int) -> str:
    """A shelf's title where it has several pages."""
    return _("{title} ({first}–{last} of {total})").format(
        title=title, first=number(first), last=number(last), total=number(total)
    )


def how_templates(command: str) -> str:
    """What templates are for."""
    return _("To ask one, use `{command} ask` with its option “template”.").format(command=command)


def how_bank(command: str) -> str:
    """How questions come into the bank."""
    return _("`{command} import` adds questions from a CSV file.").format(command=command)


def how_schedules(command: str) -> str:
    """What schedules do."""
    return _(
        "`{command} schedule` posts a template or the bank's questions in turn, once or every week."
    ).format(command=command)


# -- schedules -----------------------------------------------------------------------------------

EVERY_WEEK_NEEDS_TIME = N_("For every week, give a time of day, such as 09:30, 9am or noon.")
ONE_TIME_OR_WEEKLY = N_("Choose either one time or a weekday and a time of day.")
TOO_MANY_SCHEDULES = N_("There are {limit} schedules already. Remove one first.")
# Why a schedule posted nothing.
NOT_RUNNING_THEN = N_("It was due while Accord was not running, so it was not posted.")
TEMPLATE_GONE = N_("Its template is gone. Remove the schedule, or make a template with that name again.")
BANK_HAS_NONE = N_("The question bank is empty. Import questions first.")
TEXT_CHANNELS_ONLY = N_("Questions are posted in text channels. Choose one of those.")


def when_posted(schedule: Schedule) -> str:
    """On which day of the week and at what time, or once."""
    weekly = schedule.weekly
    if weekly is None:
        return str(ONCE)
    # Translators: how often a schedule posts, such as "every Monday 09:30".
    return _("every {weekday} {time}").format(weekday=weekday(weekly.weekday), time=clock(weekly.at))


def next_post(when: str) -> str:
    """When it posts next."""
    # Translators: stands after a schedule, such as "next 24 December 2026, 09:30".
    return _("next {when}").format(when=when)


def clocks_skip_it(schedule: Schedule) -> str:
    """Why it posts at another hour next time; empty where it does not."""
    if schedule.weekly is None or schedule.next_at is None:
        return ""
    at = schedule.weekly.moved_to(schedule.next_at)
    if at is None:
        return ""
    return _("There is no {usual} that day, because the clocks go forward, so it posts at {time}.").format(
        usual=clock(schedule.weekly.at), time=clock(at)
    )


def why_not_posted(schedule: Schedule) -> str:
    """Why it posted nothing the last time; empty where it did."""
    if schedule.reason is not None:
        return explained(schedule.reason)
    return _(schedule.problem) if schedule.problem else ""


def posts_first(when: str) -> str:
    """Said to who made it."""
    return _("First post: {when}.").format(when=when)


def read_in(zone: str) -> str:
    """The time zone of a time of day."""
    # Translators: under an input for a time of day.
    return _("In {zone}.").format(zone=zone or "UTC")


# -- importing -----------------------------------------------------------------------------------

IMPORT_NOTE = N_(
    "A CSV file with `question` or `question,context` as its first line. If a line is wrong, nothing is "
    "added."
)
IMPORT_TEXT = N_("Its text")
IMPORT_TEXT_HINT = N_("Up to 3,000 characters; a file can be longer.")
IMPORT_FILE = N_("… or the file")
# Translators: an example of a file; its first line has to stay as it is.
IMPORT_EXAMPLE = N_("question,context\nShould we meet less?,We have 9 hours of meetings a week.")
TEXT_OR_FILE = N_("Paste the text, or choose a file.")
FILE_NOT_TEXT = N_(
    "The file isn't text in UTF-8. Save it as “CSV UTF-8” and choose it again. Nothing was imported."
)
FILE_ELSEWHERE = N_("Slack doesn't store this file. Paste its text instead.")
FILE_WITHHELD = N_(
    "Slack didn't let Accord read the file. The app may lack files:read; paste the text instead."
)


def too_many_characters() -> str:
    """Said of a file that is read as text."""
    return _("The file is too large: it can have up to {count} characters. Nothing was imported.").format(
        count=number(IMPORT_LIMIT)
    )


def file_too_long(limit: int) -> str:
    """limit: in bytes."""
    return _("The file is too large: it can have up to {count} bytes. Nothing was imported.").format(
        count=number(limit)
    )
