"""The sentences that people read, in one place. Platforms render them; nothing here knows a platform."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.deliberation import REMIND_EVERY, Deliberation, Phase
from bot.domain.library import BANK_LIMIT
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import (
    AGREEMENT_LEVELS,
    QUALITY_LEVELS,
    Level,
    RatingBy,
    ResultsShown,
    Scale,
    Tally,
    Turnout,
)
from bot.domain.study import Study
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.wording import jury_lines
from bot.wording.choices import lasts
from bot.wording.language import N_, _, _n, clock, day, decimals, explained, number, retold
from bot.wording.models import in_their_words
from bot.wording.point_lines import OWN_POINT_NOT_READ, OWN_POINT_NOTE, POINTS_NOTE
from engine.digest import DIFFER, MOST, NEED, REMOVED, SAY, Digest, Point, in_one_line, is_common, read_digest
from engine.types import Arm, KindRead, Mediation, PartialReading, Shortfall, WelfareName

POSTED = N_("Your question is open.")
SCHEDULED = N_("Your question is scheduled.")
OPINION_KEPT = N_("Opinion saved. You can change or withdraw it until the question closes.")
OPINION_KEPT_AND_CLOSED = N_("Opinion saved. The question is closed now.")
NO_OPINION = N_("You haven't given an opinion here.")
OPINION_WITHDRAWN = N_("Opinion withdrawn.")
IN_THE_BOX = N_("Your text is still in the box below, so you can copy it or send it again.")
BASELINE_KEPT = N_("Agreement saved. Now say in your own words what you think.")
BASELINE_KEPT_AND_CLOSED = N_("Agreement saved. The question is closed now.")
RATING_KEPT = N_("Rating saved. You can change it until the vote closes.")
RATING_KEPT_AND_CLOSED = N_("Rating saved. The vote is closed.")
NO_RATING = N_("You haven't rated this.")
RATING_WITHDRAWN = N_("Rating withdrawn.")
REASON_KEPT = N_("Reason saved.")
REASON_KEPT_AND_CLOSED = N_("Reason saved. The vote is closed.")
NO_REASON = N_("You haven't given a reason here.")
REASON_WITHDRAWN = N_("Reason withdrawn.")
CLOSED = N_("The question is closed; a statement is being drafted.")
ALREADY_CLOSED = N_("This question is already closed.")
RETRYING = N_("Drafting again from all opinions. If that fails too, Accord tells the person who asked why.")
STATEMENT_ON_ITS_WAY = N_("A statement is already written and about to be posted.")
REOPENED = N_(
    "The question is open for opinions again. All opinions so far are saved. Nobody was notified, so "
    "tell anyone who should add theirs."
)
# Beside what can be done after a failure.
AFTER_FAILED_ROUND_NOTE = N_("Or keep the statement there is: then the vote on it is the result.")
AFTER_FAILURE_NOTE = N_(
    "Drafting again uses the same opinions and loses nothing. If they can't be used as they are, open the "
    "question again, so that people can change theirs or add one."
)
REOPENING_NOTE = N_(
    "Opinions stay, and can be changed or withdrawn again. The question then closes at its deadline, "
    "however many people answer. Nobody is notified."
)
NO_STATEMENT = N_(
    "Accord could not write a statement. All opinions are saved, and the person who asked can try again."
)
SETTLED = N_("The vote is closed.")
STATEMENT_KEPT = N_("The statement stays as it is, and the vote on it is the result.")
STATEMENT_STAYS = N_("No draft is predicted to do better than the statement there is. It stays.")
REVISING = N_(
    "The vote on this statement has ended. Accord drafts a revised one from the opinions and from what "
    "members say of this one. If it is likely to do better, everybody votes once more."
)
EXTENDED = N_("Deadline changed.")
QUESTION_CHANGED = N_("Question changed.")
NOBODY_TO_REMIND = N_("We have no address of anybody here. Copy the reminder and send it yourself.")
REMINDERS_OFF_HERE = N_("Reminders are switched off in the team's settings.")
REPOSTED = N_("My message with your question “{question}” was deleted, so I posted it again.")
GOES_ON = N_("It goes on by itself once this is fixed. No opinion is lost.")
OPEN_UNTIL = N_("It is open until {when}.")
CANCELLED = N_("The question is cancelled.")
RESULT_LINK_NEW = N_("This is now the link to the result. Older links no longer work.")
RESULT_LINK_ENDED = N_("The link to the result no longer works.")
TEAM_CHANGED = N_("Team settings saved.")
TEAM_CHANGED_MEANWHILE = N_(
    "Somebody else changed the settings in the meantime, so your changes were not saved. Open them and "
    "make your changes again."
)
# Where one setting is asked about first.
OTHERS_SAVED = N_("Your other changes are saved.")
REMINDERS_ON = N_("You will be reminded again.")
REMINDERS_OFF = N_("You won't be reminded again.")
NOT_IN_CHANNEL = N_("You can only ask in a channel that you are in. Join it first, or choose another one.")
# Translators: {why} is a sentence, such as "Slack isn't answering as it should. Accord keeps trying."
CHANNEL_UNCHECKED = N_(
    "{why} We can't check right now whether you are in this channel. Try again in a minute."
)
KEY_MISSING = N_(
    "Accord's secret key was changed after this question began, so we can't tell which answer here is yours. "
    "Ask the person who runs Accord to add the old key, then try again."
)
# Asked before anything is erased, on every platform.
FORGET_TITLE = N_("Forget me")
FORGET_GOES = N_(
    "This deletes your opinions, points, ratings, reasons and votes on points from every question here, "
    "along with anything kept to learn from them and drafts that may quote you. In questions that you took "
    "part in, your name is taken out of “Who does it?”, and in all of them out of who hid points."
)
FORGET_STAYS = N_(
    "Published statements stay, without the sentences of yours that they quote. Anyone who read one before "
    "can tell which are gone. What was decided stays as it was written. Questions you asked stay too, and so "
    "do results of private votes and of votes on points, as counts without names."
)
# In chats, after the last one: pages have neither channels nor reactions.
FORGET_STAYS_IN_CHANNEL = N_(
    "Reactions and messages of yours in the channel stay visible, but no longer count."
)
FORGET_FINAL = N_("You can't undo this.")
FORGET_FILE = N_("Your texts that will be deleted are in the file below. Copy what you want to keep first.")
FORGET_COPY = N_("Copy what you want to keep first. These are your texts that will be deleted:")
FORGET_BUTTON = N_("Delete everything of mine")
LEARNING_OFF = N_(
    "Accord no longer learns from you. What it kept of earlier opinions, ratings and reasons is deleted."
)
# There is no yes for all questions at once: each one asks, in teams that want it.
OWN_LEARNING_NOTE = N_(
    "Accord only learns from opinions and reasons where you ticked the box for it, and from your ratings of "
    "the same question."
)
STOP_LEARNING_NOTE = N_(
    "That deletes what Accord kept to learn from. Your opinions, ratings and reasons stay in their questions."
)
STOP_LEARNING_COPIES = N_(
    "People who run the server may have earlier copies. Comparing those with what is stored now shows "
    "which opinions, ratings and reasons were yours."
)
TEMPLATE_KEPT = N_("Template saved.")
TEMPLATE_REMOVED = N_("Template removed.")
TEMPLATE_REPLACED = N_("Template replaced.")
QUESTION_REMOVED = N_("Question taken out of the bank.")
CHOICE_GONE = N_("That was too long ago. Choose it again.")
GONE_ALREADY = N_("That is gone.")
SCHEDULED_POSTS = N_("Schedule saved.")
BANK_EMPTY = N_(
    "But the question bank is empty, so it has nothing to post. Import questions before its time comes."
)
SCHEDULE_REMOVED = N_("Schedule removed. Questions it has posted stay.")

TEMPLATE_GONE = N_("This template is gone. Ask without it, or make it again.")
NO_QUESTION = N_("There is no question of that kind in this channel. `/accord list` shows what there is.")
NO_STATEMENT_YET = N_("There is no statement on this question yet.")
WHICH_QUESTION = N_("Which question do you mean?")
OPEN_TO_CANCEL = N_("Open the question to cancel it.")
NOBODY_HAS_RATED = N_("Nobody has rated the statement yet.")
ALL_THE_SAME = N_("Close the vote anyway?")
NOTHING_TO_EXPORT = N_("This question is not open yet, so there is nothing to export.")
TICK_FIRST = N_("Tick the box first: you can't undo this.")
SAY_WHEN = N_("Write the new deadline, such as: tomorrow 5pm, in 3 hours, friday 17:00.")

CANCELLED_BY_PERSON = N_("The question was cancelled by the people who run it.")
# A change may have been made although its answer was lost, so none of these says that nothing happened.
STORE_UNREACHABLE = N_(
    "Accord cannot reach its database right now. Try again in a minute; doing it twice does no harm."
)
TOO_BUSY = N_("Too many people changed this question at once. Try again; doing it twice does no harm.")
UNFORESEEN = N_("there was an unexpected error; the worker's log has the details")
UNEXPECTED = N_("Something went wrong in Accord. Try again, or tell the person who runs it.")

ANONYMOUS_NOTE = N_(
    "Opinions are anonymous: nobody sees who wrote what, and names are not kept. The person who asked and "
    "admins can read all opinions once there is a statement or the question has ended."
)
NAMED_NOTE = N_(
    "Opinions are named: your name is kept with your opinion, and the people who run this question see it."
)
# The same of what is said next to a rating, before it is written (`reason_notes`).
ANONYMOUS_REASON_NOTE = N_(
    "Reasons are anonymous: nobody sees who wrote which, and names are not kept. The person who asked and "
    "admins can read them once the vote is over, if there are at least {fewest}."
)
NAMED_REASON_NOTE = N_(
    "Your name is kept with your reason, and the people who run this question see it. Other members don't."
)
REASONS_READ_NOTE = N_(
    "If the statement is revised, an AI model ({model}) may read reasons and use your words without your "
    "name."
)
REASONS_MAY_BE_READ_NOTE = N_(
    "If the statement is revised, an AI model may read reasons and use your words without your name."
)
REASONS_JUDGED_NOTE = N_(
    "If the statement is revised, an AI model ({model}) may read reasons to predict how far each member "
    "would agree."
)
REASONS_JUDGED_TOO_NOTE = N_(
    "Another AI model ({model}) may read them to predict how far each member would agree."
)
REASONS_UNREAD_NOTE = N_("No AI model reads reasons.")
REASONS_QUOTED_NOTE = N_(
    "If the statement is revised, the new one may quote your reason word for word, without your name."
)
REASONS_QUOTED_WITHOUT_MODEL_NOTE = N_(
    "If the AI model is down then, the new statement may quote your reason word for word, without your name."
)
REASONS_MAY_BE_QUOTED_NOTE = N_(
    "If no AI model revises it, the new statement may quote your reason word for word, without your name."
)
# For questions of both kinds: where it is explained how this works.
WHO_READS_OPINIONS = N_(
    "Members never see who wrote what. The people who run a question can read all opinions: with names where "
    "it asks for names; otherwise without, once there is a statement or the question has ended."
)
WHO_READS_REASONS = N_(
    "If you say why, the people who run the question can read that: with names where it asks for names; "
    "otherwise without, once the vote is over and enough people have said why."
)
# Said before writing; how long that is, the team's settings say (`kept_note`).
KEPT_NOTE = N_("Accord keeps what you write until {period} after the question ends, then deletes it.")
KEPT_TITLE = N_("How long it is kept")
KEPT_CHANGES = N_("Admins can shorten that time. A longer time only applies to questions that open later.")
POSTED_STAYS = N_("What Accord posted in the channel stays there.")
# Said where opinions are given in a team that has opted in (`Terms.keep_feedback`), beside the box.
LEARNING_NOTE = N_(
    "If you agree, your opinion and ratings here are kept to improve Accord, under a made-up name, and are "
    "deleted with the question. They are kept together, so people who run the server can see which rating "
    "goes with which opinion. You can take part either way."
)
# Translators: above the box to tick.
LEARNING_TITLE = N_("Learning")
LEARNING_LABEL = N_("Accord may learn from my opinion and ratings")
REASON_LEARNING_NOTE = N_(
    "If you agree, your reason is kept with your rating to improve Accord, under a made-up name, and is "
    "deleted with the question. That needs your yes for your opinion too. You can say why either way."
)
REASON_LEARNING_LABEL = N_("Accord may learn from my reason")
BASELINE_LABEL = N_("Before you answer: how far do you agree with this statement?")
QUALITY_LABEL = N_("How well is it worded?")
QUALITY_PRIVATE_NOTE = N_("Nobody else sees what you choose.")
QUALITY_NEEDS_RATING = N_("First say how far you agree with the statement, then how well it is worded.")
STILL_SAVING = N_("Your opinion has arrived and is being saved. This window will say when it's done.")
STILL_SAVING_REASON = N_("Your reason has arrived and is being saved. This window will say when it's done.")
NAME_NEEDED = N_("This question is answered by name. Write yours.")
RATING_NEEDED = N_("Choose how far you agree first.")
STATEMENT_RATING_NEEDED = N_("Choose how far you agree with a statement first.")
STUDY_NOTE = N_(
    "This question is part of a study. Once everybody has answered, you rate several statements without "
    "being told how each came about."
)
STUDY_QUOTES_NOTE = N_(
    "One of them may be the opinion of one of you, shown word for word and without a name."
)
STUDY_MODELS_NOTE = N_("To draft them, these AI models read what you write too: {models}.")
STUDY_REVISES_NOTE = N_(
    "You can also say what you would change in one of them. If enough of you do, there is a second vote, "
    "with a revised statement too."
)
STUDY_REASON_LABEL = N_("What would you change in this statement? (optional)")
STUDY_UNREVISED = N_("There was no second vote, because no statement could be revised.")
STUDY_ENDS_EARLY = N_("The vote closes when everyone in your group has rated all statements.")
STUDY_VOTE_ENDED = N_(
    "Everyone in your group has rated, so this vote is closed. Come back later: there may be one more vote."
)
STUDY_ENDED = N_("Everyone in your group has rated, so the vote is closed. Thank you.")
# Why nothing was drafted; told to whoever runs the question.
NO_STUDY = N_(
    "a study compares AI models, and members weren't told of one that is set up now before they wrote. "
    "Set up the models from before and try again, or cancel the question"
)
NO_ARMS = N_("This worker can't draft for a study.")
NO_BEST_OPINION = N_("The best opinion could not be found.")
NOT_WITHOUT_MODELS = N_("This worker can't draft without its models.")
STUDY_THANKS = N_("Thank you. The vote is closed, and the people who run the study look at the ratings.")
VOTE_OVER = N_("The vote on this statement is closed")
NUDGE = N_("Accord couldn't message everyone who hasn't answered. There is still time.")
NUDGE_TO_RATE = N_("Accord couldn't message everyone who hasn't rated. There is still time.")
PRIVATE_RATING_NOTE = N_("Ratings are private: other members don't see yours.")
PUBLIC_RATING_NOTES = {
    RatingBy.REACTIONS: N_(
        "Reactions are public: everybody sees who chose what. The last one that you add counts; removing it "
        "takes your rating back."
    ),
    RatingBy.POLL: N_(
        "The poll is public: everybody sees who voted how. You can change yours until it closes."
    ),
}
STAND_IN_NOTE = N_(
    "The language model couldn't predict agreement for this round, so Accord's own small model did."
)
NO_MODEL_NOTE = N_(
    "No AI model was used to write this: these are members' own words, sorted by simple rules."
)
# Said before writing, on whether an AI model reads it and whether it may be quoted (`model_note`).
NO_MODEL_SET_UP = N_("No AI model writes the result: it quotes your words, without your name.")
UNKNOWN_MODEL = N_(
    "An AI model may read what you write. If none does, the result quotes your words, without your name."
)
LAST_RESORT_NOTE = N_("If the AI model is down, the result quotes your words, without your name.")
DRAFTER_NOTE = N_(
    "An AI model ({model}) reads what you write and drafts the statement, which may use your words without "
    "your name."
)
# What was said before writing holds to the question's end (`bot.domain.model_notice`).
NO_MODEL_LATER = N_("If one is set up later, it doesn't read this.")
NO_OTHER_MODEL_LATER = N_("If a model is set up anywhere else later, it doesn't read this.")
QUOTED_LATER_NOTE = N_("If it replaces the one that drafts, the result quotes your words, without your name.")
# On the page that is about no question.
OLDER_QUESTIONS = N_("That is for questions posted now: each page says what holds for its own question.")
WITHHELD_NOTE = N_(
    "The AI model set up when this was drafted didn't read these opinions, because members weren't told "
    "about it first."
)
OTHER_WITHHELD_NOTE = N_(
    "Another AI model set up when this was drafted didn't read these opinions, because members weren't told "
    "about it first."
)
JUDGE_NOTE = N_("An AI model ({model}) reads what you write to predict how far each member would agree.")
OTHER_JUDGE_NOTE = N_("Another AI model ({model}) reads it to predict how far each member would agree.")


def model_note(notice: ModelNotice | None) -> str:
    """Which AI model reads what a member writes, and whether they may be quoted; said before they write.

    notice: None where no worker has told yet what it drafts with.
    """
    return " ".join(model_notes(notice))


def model_notes(notice: ModelNotice | None, escaped: Callable[[str], str] = str) -> list[str]:
    """`model_note`, a sentence each, with the models' names as a platform escapes them."""
    if notice is None:
        return [str(UNKNOWN_MODEL)]
    notice = in_their_words(notice)
    said = [DRAFTER_NOTE.format(model=escaped(notice.drafter)) if notice.drafter else NO_MODEL_SET_UP]
    if notice.last_resort:
        said.append(LAST_RESORT_NOTE)
    if notice.judge:
        said.append((OTHER_JUDGE_NOTE if notice.drafter else JUDGE_NOTE).format(model=escaped(notice.judge)))
    said.append(NO_OTHER_MODEL_LATER if notice.drafter or notice.judge else NO_MODEL_LATER)
    if notice.drafter:
        said.append(QUOTED_LATER_NOTE)
    return list(map(str, said))


def drafted_by(model_used: bool, drafter: ModelNotice | None) -> str:
    """Which AI model wrote a statement, if one did; drafter: None where that was not kept."""
    drafter = drafter and in_their_words(drafter)
    told = str(NO_MODEL_NOTE)
    if model_used and drafter is not None and drafter.drafter:
        told = _("Drafted by an AI model ({model}).").format(model=drafter.drafter)
    elif model_used:
        told = _("Drafted by an AI model.")
    if drafter is None or not drafter.withheld:
        return told
    return f"{told} {OTHER_WITHHELD_NOTE if drafter.drafter or drafter.judge else WITHHELD_NOTE}"


def how_it_was_drafted(
    model_used: bool,
    reading: PartialReading | None,
    *,
    drafter: ModelNotice | None = None,
    shortfall: Shortfall | None = None,
    unpredicted: str | None = None,
    stood_in_for: str | None = None,
    tied: int = 0,
) -> str:
    """What a reader of the statement should know about its making: who wrote it, and what was unusual.

    drafter: what was known of the model that drafted, None where nothing was kept of it.
    shortfall, unpredicted, stood_in_for, tied: as in `engine.types.ModelsUsed` and `engine.types.Mediation`.
    """
    notes = [drafted_by(model_used, drafter)]
    if reading is not None:
        notes.append(_what_was_read(reading))
    if shortfall is not None:
        notes.append(_why_fewer(shortfall))
    if unpredicted is not None:
        notes.append(_why_unpredicted(unpredicted, judge_failed=stood_in_for is not None))
    elif stood_in_for is not None:
        notes.append(str(STAND_IN_NOTE))
    if tied:
        notes.append(
            _(
                "{count} drafts are likely to be equally welcome. This is the one closest to the others and "
                "to the opinions."
            ).format(count=number(tied))
        )
    return " ".join(notes)


def how_it_was_made(mediation: Mediation, drafter: ModelNotice | None = None) -> str:
    """`how_it_was_drafted` of a whole mediation."""
    return how_it_was_drafted(
        mediation.model_used,
        mediation.reading,
        drafter=drafter,
        shortfall=mediation.shortfall,
        unpredicted=mediation.models.unpredicted,
        stood_in_for=mediation.stood_in_for,
        tied=mediation.tied,
    )


# What the engine says of itself, and what is kept of it in English.
# Translators: clauses before ", so nobody's agreement is predicted".
UNPREDICTED = (
    N_("the reward model does not read {language}"),
    N_("the reward model only guesses at {kind}"),
)
QUESTION_KINDS = (
    N_("questions that ask which"),
    N_("questions that ask when"),
    N_("questions that ask where"),
    N_("questions that ask who"),
    N_("questions that ask how many or how much"),
    N_("questions that ask how"),
    N_("yes-or-no questions"),
    N_("open questions"),
)


def _why_unpredicted(why: str, *, judge_failed: bool) -> str:
    because = retold(why, *UNPREDICTED)
    if judge_failed:
        return _(
            "The language model couldn't predict agreement for this round, and {because}, so nobody's "
            "agreement is predicted: this is the draft closest to the others and to the opinions."
        ).format(because=because)
    # Translators: the sentence begins with a clause such as "The reward model does not read German".
    return _(
        "{because}, so nobody's agreement is predicted: this is the draft closest to the others and to the "
        "opinions."
    ).format(because=f"{because[:1].upper()}{because[1:]}")


def drafted_from(opinions: int, welfare: WelfareName, unpredicted: str | None) -> str:
    """From how many opinions a statement was drafted, and what it was chosen to be."""
    if unpredicted is not None:
        told = _n("Drafted from one opinion.", "Drafted from {count} opinions.", opinions)
        return told.format(count=number(opinions))
    # Translators: what it was chosen to be are words such as "best on average".
    told = _n(
        "Drafted from one opinion, chosen to be {best}.",
        "Drafted from {count} opinions, chosen to be {best}.",
        opinions,
    )
    return told.format(count=number(opinions), best=WELFARE_WORDS[welfare])


def _what_was_read(reading: PartialReading) -> str:
    if reading.groups:
        told = _n(
            "The model can't read all opinions at once. So it first wrote a statement for one smaller group, "
            "and drafted from that.",
            "The model can't read all opinions at once. So it first wrote a statement for each of {count} "
            "smaller groups, and drafted from those.",
            reading.groups,
        ).format(count=number(reading.groups))
    elif reading.fewest == reading.most:
        told = _(
            "The model can't read all opinions at once, so each draft is based on {count} of them."
        ).format(count=number(reading.most))
    else:
        told = _(
            "The model can't read all opinions at once, so each draft is based on {fewest} to {most} of them."
        ).format(fewest=number(reading.fewest), most=number(reading.most))
    shortened = _("Shortened: {count}.").format(count=number(reading.shortened)) if reading.shortened else ""
    return " ".join(filter(None, (told, shortened, _what_was_not_read(reading))))


def _what_was_not_read(reading: PartialReading) -> str:
    """How many opinions no draft rests on, and of which kinds where there are several."""
    if not reading.unread:
        return ""
    kinds = "; ".join(_unread(kind) for kind in reading.kinds if kind.unread)
    if not kinds:
        return _("Not read for any draft: {count}.").format(count=number(reading.unread))
    # Translators: the kinds are like "12 of 40 on buses, tickets; 3 of 8 on other things".
    return _("Not read for any draft: {count} ({kinds}).").format(count=number(reading.unread), kinds=kinds)


def _unread(kind: KindRead) -> str:
    count, total = number(kind.unread), number(kind.opinions)
    if not kind.words:
        return _("{count} of {total} on other things").format(count=count, total=total)
    return _("{count} of {total} on {words}").format(count=count, total=total, words=", ".join(kind.words))


def _why_fewer(shortfall: Shortfall) -> str:
    drafted, asked = number(shortfall.drafted), number(shortfall.asked)
    if shortfall.tokens_per_s < 1:
        return _(
            "The language model is slow, so there was time for only {drafted} of {asked} drafts."
        ).format(drafted=drafted, asked=asked)
    return _(
        "The language model is slow ({speed} tokens a second), so there was time for only {drafted} of "
        "{asked} drafts."
    ).format(speed=number(round(shortfall.tokens_per_s)), drafted=drafted, asked=asked)


# By how many came in: none, one, or more.
TOO_FEW = (
    N_("No opinion came in; at least {needed} are needed. Ask again with a later deadline."),
    N_("Only one opinion came in; at least {needed} are needed. Ask again with a later deadline."),
    N_("Only {given} opinions came in; at least {needed} are needed. Ask again with a later deadline."),
)
MEDIATION_FAILED = N_("No statement could be drafted: {reason}. All opinions are saved. Try again.")


def too_few_opinions(given: int, needed: int) -> str:
    """Why a question ended without a statement; in English, as it is kept (`why_cancelled`)."""
    return str.format(TOO_FEW[min(given, 2)], given=given, needed=needed)


def why_cancelled(deliberation: Deliberation) -> str:
    """Why a question ended without a statement, as it was kept in English; empty where nothing was."""
    return retold(deliberation.cancelled_because or "", *TOO_FEW)


def mediation_failed(reason: str) -> str:
    """For the facilitator, whose retry button stands beside it; in English, as it is kept (`why_failed`)."""
    return str.format(MEDIATION_FAILED, reason=str.rstrip(reason, "."))


def why_failed(deliberation: Deliberation) -> str:
    """Why nothing was drafted, as it was kept in English; empty where nothing was."""
    if deliberation.reason is not None:
        return MEDIATION_FAILED.format(reason=explained(deliberation.reason).rstrip("."))
    return retold(deliberation.failure or "", MEDIATION_FAILED)


def after_failure(deliberation: Deliberation) -> str:
    """What else whoever runs a question can do when drafting failed."""
    return str(AFTER_FAILED_ROUND_NOTE if deliberation.round > 1 else AFTER_FAILURE_NOTE)


def it_stays(deliberation: Deliberation) -> str:
    """Written once to whoever asked, when a further round found nothing better."""
    return _(
        "About your question “{question}”: no draft is predicted to do better than the statement there is. "
        "It stays, and the vote on it is the result."
    ).format(question=deliberation.question)


def gave_up(deliberation: Deliberation) -> str:
    """Written once to whoever asked, when drafting has failed and isn't tried again by itself."""
    if deliberation.round > 1:
        # Translators: why it failed is a sentence or two, and ends with "try again."
        return _(
            "About your question “{question}”: {why} To do that, press “Try again” at the question. Or keep "
            "the statement there is by closing the vote: `/accord close`."
        ).format(question=deliberation.question, why=why_failed(deliberation) or UNEXPECTED)
    # Translators: why it failed is a sentence or two, and ends with "try again."
    return _(
        "About your question “{question}”: {why} To do that, press “Try again” at the question. If the "
        "opinions can't be used as they are, open it for opinions again with `/accord reopen`. If it keeps "
        "failing, ask the person who runs Accord to run `accord doctor`."
    ).format(question=deliberation.question, why=why_failed(deliberation) or UNEXPECTED)


def more_opinions(count: int) -> str:
    """Said under what a person wrote themselves where there is no room for all of it."""
    return _n(
        "There's no room for {count} more text. It will be deleted too.",
        "There's no room for {count} more texts. They will be deleted too.",
        count,
    ).format(count=number(count))


def forgotten(deliberations: int, out_of_reach: int = 0, unnamed: int = 0) -> str:
    """What was erased; a second copy of the command finds nothing left.

    out_of_reach: in so many questions nothing could be looked for: the key that they began with is missing.
    unnamed: in so many what was decided no longer says who they are.
    """
    told = [_erased(deliberations)] if deliberations else []
    told += [_unnamed(unnamed)] if unnamed else []
    if out_of_reach:
        return " ".join([*(told or [_("Nothing was deleted yet.")]), _missed(out_of_reach)])
    return " ".join(told) or _("Nothing of yours is stored here.")


def _erased(deliberations: int) -> str:
    return _n(
        "Deleted everything you submitted, in one question. Published statements stay; sentences of yours "
        "that they quote are removed.",
        "Deleted everything you submitted, in {count} questions. Published statements stay; sentences of "
        "yours that they quote are removed.",
        deliberations,
    ).format(count=number(deliberations))


def _unnamed(questions: int) -> str:
    return _n(
        "You are no longer named in what was decided or in who hid points, in one question.",
        "You are no longer named in what was decided or in who hid points, in {count} questions.",
        questions,
    ).format(count=number(questions))


def _missed(questions: int) -> str:
    return _n(
        "We couldn't look in one question from before Accord's secret key was changed. Ask the person who "
        "runs Accord to add the old key, then do this again.",
        "We couldn't look in {count} questions from before Accord's secret key was changed. Ask the person "
        "who runs Accord to add the old key, then do this again.",
        questions,
    ).format(count=number(questions))


def reminder(deliberation: Deliberation, question: str, when: Callable[[datetime], str]) -> str:
    """Sent once to those who have not answered, or have not rated while the vote runs.

    question, when: what was asked, and times, in a platform's own form.
    """
    closes = _closes(deliberation, when)
    if deliberation.phase is Phase.RATING:
        told = _("You have not rated the statement on “{question}” yet. The vote closes {when}.")
    elif deliberation.open_until is None:
        told = _("You have not answered yet: “{question}”.")
    else:
        told = _("You have not answered yet: “{question}” closes {when}.")
    return told.format(question=question, when=closes)


def nothing_to_rate(deliberation: Deliberation) -> str:
    """What a notice to rate says once there is nothing left to rate."""
    return _("The question was cancelled") if deliberation.phase is Phase.CANCELLED else str(VOTE_OVER)


def nudge(deliberation: Deliberation, question: str, when: Callable[[datetime], str]) -> str:
    """For the channel, where not everybody could be reminded in person; as `reminder`, of nobody."""
    closes = _closes(deliberation, when)
    if deliberation.phase is Phase.RATING:
        told = _("The vote on “{question}” closes {when}.").format(question=question, when=closes)
        return f"{told} {NUDGE_TO_RATE}"
    if deliberation.open_until is None:
        told = _("“{question}” is open.").format(question=question)
    else:
        told = _("“{question}” closes {when}.").format(question=question, when=closes)
    return f"{told} {NUDGE}"


def reminding(deliberation: Deliberation) -> str:
    """What comes of having people reminded; it names and counts nobody."""
    hours = round(REMIND_EVERY / timedelta(hours=1))
    if deliberation.phase is Phase.RATING:
        told = _n(
            "Everyone who answered, hasn't rated yet and wants reminders gets a message now. You can do this "
            "once every hour.",
            "Everyone who answered, hasn't rated yet and wants reminders gets a message now. You can do this "
            "once every {count} hours.",
            hours,
        )
    else:
        told = _n(
            "Everyone who hasn't answered yet and wants reminders gets a message now. You can do this once "
            "every hour.",
            "Everyone who hasn't answered yet and wants reminders gets a message now. You can do this once "
            "every {count} hours.",
            hours,
        )
    return told.format(count=number(hours))


def _closes(deliberation: Deliberation, when: Callable[[datetime], str]) -> str:
    # Translators: in place of a time, as in "The vote closes soon."
    return when(deliberation.open_until) if deliberation.open_until else _("soon")


def utc(at: datetime) -> str:
    """A time for people of whom nobody knows where they are."""
    at = at.astimezone(UTC)
    return _("{day}, {time} UTC").format(day=day(at), time=clock(at))


def identity_note(deliberation: Deliberation) -> str:
    """What happens with names, and with what is written, said before an opinion is given."""
    said = [str(ANONYMOUS_NOTE if deliberation.terms.anonymous else NAMED_NOTE)]
    if deliberation.terms.points:
        said.append(str(POINTS_NOTE))
    return " ".join([*said, *jury_lines.notes(deliberation.terms)])


def reason_notes(
    deliberation: Deliberation, notice: ModelNotice | None, escaped: Callable[[str], str] = str
) -> list[str]:
    """Who reads a reason, and until when it is kept, a sentence each; said before it is written.

    notice, escaped: as for `model_notes`.
    """
    anonymous = ANONYMOUS_REASON_NOTE.format(fewest=number(deliberation.terms.fewest_ratings))
    said = anonymous if deliberation.terms.anonymous else NAMED_REASON_NOTE
    return [str(said), *_who_reads_reasons(notice, escaped), kept_note(deliberation)]


def point_notes(deliberation: Deliberation) -> list[str]:
    """Who reads a point that a member adds, and until when it is kept, a sentence each; said before writing.

    No model reads one (`bot.worker.points.counted_points`).
    """
    return [str(OWN_POINT_NOTE), str(OWN_POINT_NOT_READ), kept_note(deliberation)]


def _who_reads_reasons(notice: ModelNotice | None, escaped: Callable[[str], str]) -> list[str]:
    if notice is None:
        return [str(REASONS_MAY_BE_READ_NOTE), str(REASONS_MAY_BE_QUOTED_NOTE)]
    notice = in_their_words(notice)
    said = [REASONS_READ_NOTE.format(model=escaped(notice.drafter))] if notice.drafter else []
    if notice.judge:
        judged = REASONS_JUDGED_TOO_NOTE if notice.drafter else REASONS_JUDGED_NOTE
        said.append(judged.format(model=escaped(notice.judge)))
    if not said:
        said.append(REASONS_UNREAD_NOTE)
    if not notice.drafter:
        said.append(REASONS_QUOTED_NOTE)
    elif notice.last_resort:
        said.append(REASONS_QUOTED_WITHOUT_MODEL_NOTE)
    return list(map(str, said))


def kept_note(of: Deliberation | Team) -> str:
    """Until when what members write is kept, said before they write: in this question, or in this team."""
    days = of.terms.retention_days if isinstance(of, Deliberation) else of.retention_days
    return KEPT_NOTE.format(period=lasts(timedelta(days=days)))


EXPORT_NAMES_NOBODY = N_(
    "It names nobody except the person who does what was decided. Opinions, ratings and reasons are separate "
    "lists: opinions come once there is a statement or the question has ended, the others once the vote is "
    "over."
)
EXPORT_NAMES = N_("It says who wrote each opinion and reason, as members were told before they wrote.")
EXPORT_UNSIGNED_RATINGS = N_("Private ratings are a list without names, once the vote is over.")


def export_note(deliberation: Deliberation) -> str:
    """What an export says of whom, for whoever takes it."""
    if deliberation.terms.anonymous:
        return str(EXPORT_NAMES_NOBODY)
    public = deliberation.terms.rated_in_public
    return str(EXPORT_NAMES) if public else f"{EXPORT_NAMES} {EXPORT_UNSIGNED_RATINGS}"


def quality_kept(quality: int) -> str:
    """Said to who chose how well a statement is put."""
    label = next(level.label for level in QUALITY_LEVELS if level.value == quality)
    # Translators: such as "It is kept how well you find it put: somewhat good."
    return _("Saved: {quality}.").format(quality=_(label).lower())


def study_note(study: Study) -> str:
    """What a member must know before they answer a question of a study."""
    told: list[object] = [STUDY_NOTE]
    if Arm.BEST_OPINION in study.arms:
        told.append(STUDY_QUOTES_NOTE)
    if study.models:
        models = "; ".join(in_their_words(notice).drafter for notice in study.models.values())
        told.append(STUDY_MODELS_NOTE.format(models=models))
    if study.revises is not None:
        told.append(STUDY_REVISES_NOTE)
    return " ".join(map(str, told))


def study_thanks(deliberation: Deliberation) -> str:
    """Said in a study's question once its votes are over, and that a planned one was not held."""
    told = [STUDY_THANKS, STUDY_UNREVISED] if deliberation.lacks_revision else [STUDY_THANKS]
    return " ".join(map(str, told))


def statements_rated(done: int, of: int) -> str:
    """How far a member has got in a study's question."""
    if done == of:
        return _("Your ratings of all {count} statements are saved.").format(count=number(of))
    return _("Saved: {done} of {count} statements are rated.").format(done=number(done), count=number(of))


def rating_note(deliberation: Deliberation) -> str:
    """Who sees a rating, said where it is given."""
    return str(PUBLIC_RATING_NOTES.get(deliberation.terms.rating_by, PRIVATE_RATING_NOTE))


def unclear_reactions(deliberation: Deliberation) -> str:
    """Sent once to somebody of whose reactions nobody saw the last, because the bot was away."""
    return _(
        "You reacted more than once to the statement on “{question}” while I was away, so I can't tell "
        "which one counts. Keep only the one you mean, or add it again."
    ).format(question=deliberation.question)


FEWEST_COUNTED = 5
"""Of fewer people no number is told of those who may disagree: a prediction is no better than likely, and of
so few it points at somebody."""
FULL, EMPTY = "▰", "▱"
# Seven lines of them have to fit on a phone.
LONGEST_BAR = 8
PROGRESS_BAR = 10


def agreement_bar(value: float) -> str:
    """An expected or mean rating (1..7) as a picture in text: seven blocks, the number, the scale's words."""
    full = min(max(round(value), 1), 7)
    # Translators: such as "▰▰▰▰▰▱▱ 5.2 of 7 · Somewhat agree".
    return _("{bar} {value} of 7 · {words}").format(
        bar=FULL * full + EMPTY * (7 - full), value=decimals(value, 1), words=rating_words(value)
    )


def likely_agreement(mean: float | None, dissenters: int, people: int) -> str:
    """What the reward model expects of those who gave an opinion; empty where it expects nothing."""
    if mean is None:
        return ""
    bar = agreement_bar(mean)
    if people < FEWEST_COUNTED:
        return _("Likely agreement {bar}.").format(bar=bar)
    if not dissenters:
        return _("Likely agreement {bar}; nobody is likely to disagree.").format(bar=bar)
    return _n(
        "Likely agreement {bar}; one member is likely to disagree.",
        "Likely agreement {bar}; {count} members are likely to disagree.",
        dissenters,
    ).format(bar=bar, count=number(dissenters))


def schedule_failed(template: str | None, problem: str) -> str:
    """To whoever made a schedule that could not post."""
    if not template:
        return _("Your schedule for the bank's questions posted nothing. {why}").format(why=problem)
    return _("Your schedule for “{template}” posted nothing. {why}").format(template=template, why=problem)


def distribution(tally: Tally, scale: Scale | Terms) -> str:
    """A line for each step, highest first: its number, a bar, the count, words. Empty without ratings.

    For a block of code, in letters of one width, so that all stands in columns. Emoji have no such width,
    and a team's own are no letters there; words stand last, where they may be of any length.
    """
    most = max(tally.counts)
    if not most:
        return ""
    lines, digits = [], len(number(most))
    for level in reversed(scale.levels):
        count = tally.counts[level.value - 1]
        full = max(round(LONGEST_BAR * count / most), 1 if count else 0)
        bar = f"{'█' * full}{'░' * (LONGEST_BAR - full)}"
        lines.append(f"{level.value} {bar} {number(count):>{digits}} {_(level.label)}")
    return "\n".join(lines)


def chart_told(bars: str) -> str:
    """What a picture of the ratings shows; bars: how many gave each, in words."""
    return _("Bar chart of the ratings from 1 to 7: {bars}").format(bars=bars)


def map_told(groups: int) -> str:
    """That there is a map below the bars, and of what."""
    told = _n(
        "Below it is a map of {count} opinion group.", "Below it is a map of {count} opinion groups.", groups
    )
    return told.format(count=number(groups))


TOO_FEW_RATINGS = N_("With so few, showing them could give away who chose what.")


def result_sentence(tally: Tally) -> str:
    """The ratings in one sentence; of too few only how many there are."""
    if not tally.total:
        return _("Nobody rated the statement.")
    total = number(tally.total)
    if tally.mean is None:
        told = _n("{count} rating.", "{count} ratings.", tally.total).format(count=total)
        return f"{told} {TOO_FEW_RATINGS}"
    return _n(
        "Mean {mean} of 7 from {count} rating: {agree} agree, {neutral} neutral, {disagree} disagree.",
        "Mean {mean} of 7 from {count} ratings: {agree} agree, {neutral} neutral, {disagree} disagree.",
        tally.total,
    ).format(
        mean=decimals(tally.mean, 1),
        count=total,
        agree=number(tally.agree),
        neutral=number(tally.total - tally.agree - tally.disagree),
        disagree=number(tally.disagree),
    )


def not_shown_yet(deliberation: Deliberation) -> str:
    """Why a member does not see the ratings."""
    if deliberation.terms.results_shown is ResultsShown.AFTER_RATING:
        return _("You'll see how the others rated once you have rated the statement.")
    return _("The ratings are shown when the vote closes.")


WORDS_PER_TOKEN = 0.75


def progress(done: int, total: int, tokens: int = 0) -> str:
    """How far drafting is, as a picture in text and in words.

    tokens: that a language model has written, those of unfinished drafts included.
    """
    full = round(PROGRESS_BAR * done / total) if total else 0
    bar = FULL * full + EMPTY * (PROGRESS_BAR - full)
    if done:
        return _("{bar} {done} of {total} drafts are read").format(
            bar=bar, done=number(done), total=number(total)
        )
    words = round(tokens * WORDS_PER_TOKEN, -1)
    if not words:
        return _("Drafting from all opinions …")
    return _("Drafting from all opinions … about {count} words so far").format(count=number(words))


DRAFTING_IN_GROUPS = N_("Drafting for smaller groups first: {done} of {total}")


def progress_in_groups(done: int, total: int) -> str:
    """How far the drafts for smaller groups are, which those for everybody are made from."""
    return DRAFTING_IN_GROUPS.format(done=number(done), total=number(total))


def still_drafting(deliberation: Deliberation, when: Callable[[datetime], str]) -> str:
    """For everybody, while nothing comes from the language model; `when`: a time as a platform shows it."""
    until, period = deliberation.tries_until, deliberation.terms.retry_for
    if not period:
        return _("Accord can't write the statement yet. All opinions are saved.")
    if until:
        return _(
            "Accord can't write the statement yet and tries again until {when}. All opinions are saved."
        ).format(when=when(until))
    return _(
        "Accord can't write the statement yet and keeps trying for up to {period}. All opinions are saved."
    ).format(period=lasts(period))


def no_draft_yet(deliberation: Deliberation, trouble: str | None) -> str:
    """Written once to whoever asked, when nothing comes from the language model."""
    if trouble:
        # Translators: the trouble is a word or two, such as "overloaded" or "not reachable".
        told = _(
            "No statement yet on “{question}”: the language model is {trouble}. All opinions are saved."
        ).format(question=deliberation.question, trouble=_(trouble))
    else:
        told = _(
            "No statement yet on “{question}”: the language model isn't answering. All opinions are saved."
        ).format(question=deliberation.question)
    period = deliberation.terms.retry_for
    if not period:
        goes_on = _("Accord won't try again by itself. When it stops, press “Try again” at the question.")
    else:
        goes_on = _("Accord keeps trying for up to {period}. You don't need to do anything.").format(
            period=lasts(period)
        )
    return f"{told} {goes_on}"


def answered(count: int) -> str:
    """How many have given an opinion."""
    if not count:
        return _("Nobody has answered yet.")
    return _n("One member has answered.", "{count} members have answered.", count).format(count=number(count))


def turnout(found: Turnout) -> str:
    """How many have rated, of those who answered; never who."""
    rated, of = number(found.rated), number(found.answered)
    if not found.others:
        return _("{rated} of {count} rated").format(rated=rated, count=of)
    # English has one form for both; German does not. It is chosen by {others}.
    return _n(
        "{rated} of {count} rated, plus {others} who didn't answer",
        "{rated} of {count} rated, plus {others} who didn't answer",
        found.others,
    ).format(rated=rated, count=of, others=number(found.others))


BANK_FULL = N_("The bank is full. Remove questions from it first.")
NOTHING_NEW = N_("All of these questions are in the bank already.")


def with_level(told: str, level: Level | None) -> str:
    """What somebody is told of their rating, with the step that is kept, if there is one."""
    return f"{told} {level.emoji} {_(level.label)}." if level else told


def step_given_back(step: int | None) -> str:
    """Which step on the position statement went with an opinion; empty where none was chosen."""
    found = next((level for level in AGREEMENT_LEVELS if level.value == step), None)
    if found is None:
        return ""
    # Translators: {step} is a number with its words, such as "6 Agree".
    return _("On the statement you chose: {step}.").format(step=f"{found.value} {_(found.label)}")


def few_have_rated(rated: int, fewest: int) -> str:
    """Why closing the vote now would show no ratings."""
    if not rated:
        return str(NOBODY_HAS_RATED)
    return _n(
        "Only {count} person has rated the statement, and ratings are shown once {fewest} people have rated.",
        "Only {count} people have rated the statement, and ratings are shown once {fewest} people have "
        "rated.",
        rated,
    ).format(count=number(rated), fewest=number(fewest))


def removed(told: str, question: str, context: str) -> str:
    """What was taken out, with its words, so that it can be made again."""
    background = f"\n\n{context}" if context else ""
    said = _("It said: “{question}”").format(question=question)
    return f"{told} {said}{background}"


def no_room(count: int) -> str:
    """What an import left out."""
    # English has one form for both; German does not.
    return _n(
        "{count} more didn't fit: a bank holds {limit}.",
        "{count} more didn't fit: a bank holds {limit}.",
        count,
    ).format(count=number(count), limit=number(BANK_LIMIT))


def unknown_team(team: str) -> str:
    """Beside an import for a team that has neither asked a question nor has settings."""
    return _("Accord doesn't know a team {team}. Check its id.").format(team=team)


def imported(count: int) -> str:
    """What an import added."""
    return _n("Added one question to the bank.", "Added {count} questions to the bank.", count).format(
        count=number(count)
    )


STATEMENT_TITLE = N_("What this group may agree on")
RESULT_TITLE = N_("What this group said")
OVERVIEW_TITLE = N_("Here is where we stand")
PREDICTED_TITLE = N_("Predicted before the vote")
OTHER_SIDE_TITLE = N_("What people who may disagree would rather say")

READS_TITLE = N_("Who reads what you write")

_HOW = (
    (N_("1. Everyone says what they think."), N_("In their own words, as short or long as they like.")),
    (
        N_("2. Several statements are drafted from all opinions."),
        N_(
            "For each one, Accord predicts how far every member would agree. The best statement for the "
            "group is posted in the channel."
        ),
    ),
    (
        N_("3. Everyone rates it."),
        N_(
            "The ratings are the result, and they teach Accord to predict better. You see what was predicted "
            "once you have rated, or when the vote is over."
        ),
    ),
    (
        "",
        N_(
            "You can change or withdraw your opinion until the question closes. `/accord forget-me` deletes "
            "everything you submitted."
        ),
    ),
)


def how() -> tuple[tuple[str, str], ...]:
    """How this works, as titles and what is told under them; the last stands by itself."""
    (first, said), (second, drafted), (third, rated), *more = _HOW
    steps = (
        (first, f"{said} {WHO_READS_OPINIONS}"),
        (second, drafted),
        (third, f"{rated} {WHO_READS_REASONS}"),
        *more,
    )
    return tuple((str(title), str(words)) for title, words in steps)


def statement_title(statement: str, phase: Phase = Phase.RATING) -> str:
    """What stands above a statement; above a digest that is none, what it is instead.

    phase: of its question. Once the vote is closed, it is what the group said.
    """
    if phase is Phase.SETTLED:
        return str(RESULT_TITLE)
    return str(STATEMENT_TITLE if is_common(statement) else OVERVIEW_TITLE)


def to_rate(statement: str) -> str:
    """The beginning of a notification that there is something to rate."""
    if is_common(statement):
        return _("A statement to rate: {statement}").format(statement=one_line(statement))
    return _("Here is where we stand, to rate: {statement}").format(statement=one_line(statement))


# -- digests -------------------------------------------------------------------------------------
# A digest is kept in English (`engine.digest`), as it is scored; these are its own words where it is drawn.

DIGEST_HEADINGS = {
    MOST: N_("Most of us"),
    DIFFER: N_("We differ on"),
    NEED: N_("Some of us need"),
    SAY: N_("Some of us say"),
}
DIGEST_SORTED = N_("Sorted by a program, without a language model. Nobody's words were changed.")
DIGEST_NOT_COMMON = N_("No common statement without a language model: here is where we stand.")
# Translators: in the place of a sentence whose author asked to be forgotten.
SENTENCE_REMOVED = N_("[removed]")


def digest_point(point: Point) -> str:
    """One thing said, in a member's words, with how many said so."""
    if point.text == REMOVED:
        return str(SENTENCE_REMOVED)
    if point.count == 1:
        return point.quoted
    # Translators: such as "“Ban bags.” (3 of us)"; the quotation marks are there already.
    return _("{quoted} ({count} of us)").format(
        quoted=replace(point, count=1).quoted, count=number(point.count)
    )


def one_line(statement: str) -> str:
    """A statement's text without line breaks; of a digest the points alone."""
    digest = read_digest(statement)
    return " · ".join(map(digest_point, digest.points)) if digest else in_one_line(statement)


def digest_left_out(digest: Digest) -> str:
    """How many points had no room; empty when all had."""
    if not digest.left_out:
        return ""
    return _n("No room for {count} more point.", "No room for {count} more points.", digest.left_out).format(
        count=number(digest.left_out)
    )


def digest_small_print(digest: Digest) -> tuple[str, ...]:
    """How a digest was made and, where it is so, that it is no statement."""
    made = (str(DIGEST_SORTED),)
    return made if digest.common else (*made, str(DIGEST_NOT_COMMON))


PHASE_NAMES = {
    Phase.SCHEDULED: N_("Scheduled"),
    Phase.OPINIONS: N_("Collecting opinions"),
    Phase.MEDIATING: N_("Drafting a statement"),
    Phase.RATING: N_("Rating the statement"),
    Phase.SETTLED: N_("Settled"),
    Phase.CANCELLED: N_("Cancelled"),
}
RATING_STATEMENTS = N_("Rating the statements")


def phase_name(deliberation: Deliberation) -> str:
    """Where a question stands; a study has several statements rated."""
    several = deliberation.terms.study is not None and deliberation.phase is Phase.RATING
    return RATING_STATEMENTS if several else PHASE_NAMES[deliberation.phase]


def rating_words(value: float) -> str:
    """The scale's words for a rating or an expected rating (1..7)."""
    return _(AGREEMENT_LEVELS[min(max(round(value), 1), 7) - 1].label)


# Translators: what a statement was chosen to be, also behind "Chosen by".
WELFARE_WORDS = {
    "utilitarian": N_("best on average"),
    "rawlsian": N_("nobody left behind"),
    "bernoulli-nash": N_("balanced: good on average and fair to everyone"),
    "isoelastic": N_("between the two, as set by alpha"),
    "group-rawlsian": N_("no group left behind"),
    "group-informed": N_("agreed across groups"),
}
