"""The sentences that people read, in one place. Platforms render them; nothing here knows a platform."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.library import BANK_LIMIT
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import AGREEMENT_LEVELS, Level, RatingBy, ResultsShown, Scale, Tally, Turnout
from bot.domain.study import Study
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.wording.choices import lasts
from bot.wording.language import _
from bot.wording.models import in_their_words
from engine.digest import LEAD, in_one_line, is_common
from engine.types import Arm, Mediation, PartialReading, Shortfall, WelfareName

POSTED = "Your question is open."
SCHEDULED = "Your question is scheduled."
OPINION_KEPT = "Your opinion is kept. You can change or withdraw it until the question closes."
OPINION_KEPT_AND_CLOSED = "Your opinion is kept. The question is closed now."
NO_OPINION = "You haven't given an opinion here."
OPINION_WITHDRAWN = "Your opinion is withdrawn."
IN_THE_BOX = "Your text is still in the box below, so you can copy it or send it again."
BASELINE_KEPT = "Your agreement is kept. Now say in your own words what you think."
BASELINE_KEPT_AND_CLOSED = "Your agreement is kept. The question is closed now."
RATING_KEPT = "Your rating is kept. You can change it until the vote closes."
RATING_KEPT_AND_CLOSED = "Your rating is kept. The vote is closed."
NO_RATING = "You haven't rated this."
RATING_WITHDRAWN = "Your rating is withdrawn."
CLOSED = "The question is closed; a statement is being drafted."
ALREADY_CLOSED = "This question is closed already."
RETRYING = "Drafting again from all opinions. If that fails too, Accord tells the person who asked why."
STATEMENT_ON_ITS_WAY = "A statement is already written and about to be posted."
REOPENED = (
    "The question is open for opinions again. All opinions so far are saved. Nobody was notified, so "
    "tell anyone who should add theirs."
)
# Beside what can be done after a failure.
AFTER_FAILURE_NOTE = (
    "Drafting again uses the same opinions and loses nothing. If they can't be used as they are, open the "
    "question again, so that people can change theirs or add one."
)
REOPENING_NOTE = (
    "Opinions stay, and can be changed or withdrawn again. The question then closes at its deadline, "
    "however many people answer. Nobody is notified."
)
NO_STATEMENT = (
    "Accord could not write a statement. All opinions are saved, and the person who asked can try again."
)
SETTLED = "The vote is closed."
EXTENDED = "The deadline is moved."
REPOSTED = "My message with your question “{}” was deleted, so I posted it again."
GOES_ON = "It goes on by itself as soon as this is mended; every opinion is kept."
OPEN_UNTIL = "It is open until {}."
CANCELLED = "The question is cancelled."
RESULT_LINK_NEW = "There is a new link to the result. The old one no longer works."
RESULT_LINK_ENDED = "The link to the result no longer works."
TEAM_CHANGED = "The team's settings are changed."
TEAM_CHANGED_MEANWHILE = (
    "Somebody else changed the settings meanwhile, so nothing of yours was saved. "
    "Open them again and make your change once more."
)
# Where one setting is asked about first.
OTHERS_SAVED = "Your other changes are saved."
REMINDERS_ON = "You will be reminded again."
REMINDERS_OFF = "You won't be reminded again."
NOT_IN_CHANNEL = "You can only ask in a channel that you are in. Join it first, or choose another one."
CHANNEL_UNCHECKED = "We can't check right now whether you are in this channel. Try again in a minute."
KEY_MISSING = (
    "Accord's secret key was changed after this question began, so we can't tell which answer here is yours. "
    "Ask the person who runs Accord to add the old key, then try again."
)
# Asked before anything is erased, on every platform.
FORGET_TITLE = "Forget me"
FORGET_GOES = (
    "This deletes your opinions and ratings from every question here, along with anything kept to learn from "
    "them and drafts that may quote you."
)
FORGET_STAYS = (
    "Published statements stay, without the sentences of yours that they quote. Anyone who read one before "
    "can tell which are gone. Questions you asked stay too, and so do results of private votes, which count "
    "ratings without names. Reactions and messages of yours in the channel stay visible, but no longer count."
)
FORGET_FINAL = "You can't undo this."
FORGET_FILE = "Your opinions that will be deleted are in the file below. Copy what you want to keep first."
FORGET_COPY = "Copy what you want to keep first. These are your opinions that will be deleted:"
FORGET_BUTTON = "Delete everything of mine"
LEARNING_OFF = "Accord no longer learns from you. What it kept of earlier opinions and ratings is deleted."
# There is no yes for all questions at once: each one asks, in teams that want it.
OWN_LEARNING_NOTE = (
    "Accord learns only from opinions where you ticked that it may, and from your ratings there."
)
STOP_LEARNING_NOTE = (
    "That deletes what Accord kept to learn from. Your opinions themselves stay in their questions."
)
STOP_LEARNING_COPIES = (
    "People who operate the server may have earlier copies. Compared with what is kept now, these show which "
    "opinion and ratings were yours."
)
TEMPLATE_KEPT = "Template saved."
TEMPLATE_REMOVED = "Template removed."
TEMPLATE_REPLACED = "Template replaced."
QUESTION_REMOVED = "Question taken out of the bank."
CHOICE_GONE = "That was too long ago. Choose it again."
GONE_ALREADY = "That is gone."
SCHEDULED_POSTS = "The schedule is kept."
SCHEDULE_FAILED = "Your schedule for {} posted nothing. {}"
BANK_EMPTY = (
    "But the question bank is empty, so it has nothing to post. Import questions before its time comes."
)
SCHEDULE_REMOVED = "The schedule is removed; questions that it has posted stay."

TEMPLATE_GONE = "This template is gone. Ask without it, or make it anew."
NO_QUESTION = "There is no question of that kind in this channel. `/accord list` shows what there is."
NO_STATEMENT_YET = "There is no statement on this question yet."
WHICH_QUESTION = "Which question do you mean?"
OPEN_TO_CANCEL = "Open the question to cancel it."
NOBODY_HAS_RATED = "Nobody has rated the statement yet."
ALL_THE_SAME = "Close the vote anyway?"
NOTHING_TO_EXPORT = "This question is not open yet, so there is nothing to export."
TICK_FIRST = "Tick the box first: cancelling cannot be undone."
SAY_WHEN = "Write the new deadline, such as: tomorrow 5pm, in 3 hours, friday 17:00."

CANCELLED_BY_PERSON = "The question was cancelled by the people who run it."
# A change may have been made although its answer was lost, so none of these says that nothing happened.
STORE_UNREACHABLE = (
    "Accord cannot reach its database right now. Try again in a minute; doing it twice does no harm."
)
TOO_BUSY = "Too many people changed this question at once. Try again; doing it twice does no harm."
NO_DRAFT_YET = "Accord can't write the statement yet"
UNFORESEEN = "there was an unexpected error; the worker's log has the details"
UNEXPECTED = "Something went wrong in Accord. Try again, or tell the person who runs it."

ANONYMOUS_NOTE = (
    "Opinions are anonymous: nobody sees who wrote what, and names are not kept. The person who asked and "
    "admins can read all opinions once there is a statement or the question has ended."
)
NAMED_NOTE = (
    "Opinions are named: your name is kept with your opinion, and the people who run this question see it."
)
# For questions of both kinds: where it is explained how this works.
WHO_READS_OPINIONS = (
    "Members never see who wrote what. The people who run a question can read all opinions: with names where "
    "it asks for names; otherwise without, once there is a statement or the question has ended."
)
# Said before writing; how long that is, the team's settings say (`kept_note`).
KEPT_NOTE = "Accord keeps what you write until {} after the question ends, then deletes it."
KEPT_TITLE = "How long it is kept"
KEPT_CHANGES = "Admins can shorten that time. A longer time only applies to questions that open later."
POSTED_STAYS = "What Accord posted in the channel stays there."
# Said where opinions are given in a team that has opted in (`Terms.keep_feedback`), beside the box.
LEARNING_NOTE = (
    "If you agree, your opinion and ratings here are kept to improve Accord, under a made-up name, and are "
    "deleted with the question. They stay together: those who operate the server can see which rating goes "
    "with which opinion. You can take part either way."
)
LEARNING_LABEL = "Accord may learn from my opinion and ratings"
BASELINE_LABEL = "Before you answer: how far do you agree with this statement?"
QUALITY_LABEL = "How well is it put?"
QUALITY_PRIVATE_NOTE = "Nobody else sees what you choose."
QUALITY_NEEDS_RATING = "Say first how far you agree with the statement; then how well it is put."
QUALITY_KEPT = "It is kept how well you find it put: {}."
STILL_SAVING = "Your opinion has arrived and is being kept. This window says when it is done."
NAME_NEEDED = "This question is answered by name. Write yours."
RATING_NEEDED = "Choose how far you agree first."
STATEMENT_RATING_NEEDED = "Choose how far you agree with a statement first."
STUDY_NOTE = (
    "This question is part of a study. Once everybody has answered, you rate several statements without "
    "being told how each came about."
)
STUDY_QUOTES_NOTE = "One of them may be the opinion of one of you, shown word for word and without a name."
STUDY_ENDS_EARLY = "The vote closes when everyone in your group has rated all statements."
STUDY_ENDED = "Everyone in your group has rated, so the vote is closed. Thank you."
# Why nothing was drafted; told to whoever runs the question.
NO_STUDY = (
    "a study compares AI models, and members weren't told of one that is set up now before they wrote. "
    "Set up the models from before and try again, or cancel the question"
)
NO_ARMS = "This worker cannot draft the arms of a study."
NO_BEST_OPINION = "The best of the opinions could not be told."
NOT_WITHOUT_MODELS = "This worker cannot do without the models that it has."
STUDY_THANKS = "Thank you. The vote is closed, and the people who run the study look at the ratings."
VOTE_OVER = "The vote on this statement is closed"
NUDGE = "Accord couldn't message everyone who hasn't answered. There is still time."
NUDGE_TO_RATE = "Accord couldn't message everyone who hasn't rated. There is still time."
PRIVATE_RATING_NOTE = "Ratings are private: other members don't see yours."
PUBLIC_RATING_NOTES = {
    RatingBy.REACTIONS: (
        "Reactions are public: everybody sees who chose what. The last one that you add counts; removing it "
        "takes your rating back."
    ),
    RatingBy.POLL: "The poll is public: everybody sees who voted how. You can change yours until it closes.",
}
JUDGE_FAILED = "The language model couldn't predict agreement for this round"
STAND_IN_NOTE = f"{JUDGE_FAILED}, so Accord's own small model did."
NO_MODEL_NOTE = "No AI model was used to write this: these are members' own words, sorted by simple rules."
# Said before writing, on whether an AI model reads it and whether it may be quoted (`model_note`).
QUOTES_NOTE = "the result quotes your words, without your name"
NO_MODEL_SET_UP = "No AI model writes the result: it quotes your words, without your name."
UNKNOWN_MODEL = f"An AI model may read what you write. If none does, {QUOTES_NOTE}."
LAST_RESORT_NOTE = f"If the AI model is down, {QUOTES_NOTE}."
DRAFTER_NOTE = (
    "An AI model ({model}) reads what you write and drafts the statement, which may use your words without "
    "your name."
)
# What was said before writing holds to the question's end (`bot.domain.model_notice`).
NO_MODEL_LATER = "If one is set up later, it doesn't read this."
NO_OTHER_MODEL_LATER = "If a model is set up anywhere else later, it doesn't read this."
QUOTED_LATER_NOTE = f"If it replaces the one that drafts, {QUOTES_NOTE}."
# On the page that is about no question.
OLDER_QUESTIONS = "That is for questions posted now: each page says what holds for its own question."
_WITHHELD = (
    "AI model set up when this was drafted didn't read these opinions, because members weren't told about it "
    "first."
)
WITHHELD_NOTE, OTHER_WITHHELD_NOTE = f"The {_WITHHELD}", f"Another {_WITHHELD}"
JUDGE_NOTE = "An AI model ({model}) reads what you write to predict how far each member would agree."
OTHER_JUDGE_NOTE = "Another AI model ({model}) reads it to predict how far each member would agree."


def model_note(notice: ModelNotice | None) -> str:
    """Which AI model reads what a member writes, and whether they may be quoted; said before they write.

    notice: None where no worker has told yet what it drafts with.
    """
    return " ".join(model_notes(notice))


def model_notes(notice: ModelNotice | None, escaped: Callable[[str], str] = str) -> list[str]:
    """`model_note`, a sentence each, with the models' names as a platform escapes them."""
    if notice is None:
        return [UNKNOWN_MODEL]
    notice = in_their_words(notice)
    told = [DRAFTER_NOTE.format(model=escaped(notice.drafter)) if notice.drafter else NO_MODEL_SET_UP]
    if notice.last_resort:
        told.append(LAST_RESORT_NOTE)
    if notice.judge:
        told.append((OTHER_JUDGE_NOTE if notice.drafter else JUDGE_NOTE).format(model=escaped(notice.judge)))
    told.append(NO_OTHER_MODEL_LATER if notice.drafter or notice.judge else NO_MODEL_LATER)
    if notice.drafter:
        told.append(QUOTED_LATER_NOTE)
    return told


def drafted_by(model_used: bool, drafter: ModelNotice | None) -> str:
    """Which AI model wrote a statement, if one did; drafter: None where that was not kept."""
    drafter = drafter and in_their_words(drafter)
    named = f" ({drafter.drafter})" if drafter is not None and drafter.drafter else ""
    told = f"Drafted by an AI model{named}." if model_used else NO_MODEL_NOTE
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
        notes.append(STAND_IN_NOTE)
    if tied:
        notes.append(
            f"{tied} drafts are likely to be equally welcome. This is the one closest to the others and to "
            "the opinions."
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


def _why_unpredicted(why: str, *, judge_failed: bool) -> str:
    because = f"{JUDGE_FAILED}, and {why}" if judge_failed else f"{why[:1].upper()}{why[1:]}"
    return (
        f"{because}, so nobody's agreement is predicted: this is the draft closest to the others and to the "
        "opinions."
    )


def drafted_from(opinions: int, welfare: WelfareName, unpredicted: str | None) -> str:
    """From how many opinions a statement was drafted, and what it was chosen to be."""
    heard = "one opinion" if opinions == 1 else f"{opinions:,} opinions"
    if unpredicted is not None:
        return f"Drafted from {heard}."
    return f"Drafted from {heard}, chosen to be {WELFARE_WORDS[welfare]}."


def _what_was_read(reading: PartialReading) -> str:
    fewest, most = f"{reading.fewest:,}", f"{reading.most:,}"
    read = fewest if fewest == most else f"{fewest} to {most}"
    told = f"The model cannot read all opinions at once: each draft rests on {read} of them."
    if reading.shortened:
        told += f" Shortened: {reading.shortened:,}."
    if reading.unread:
        told += f" Read for no draft: {reading.unread:,}{_by_kind(reading)}."
    return told


def _by_kind(reading: PartialReading) -> str:
    """How many of each kind were not read, where there are several kinds."""
    kinds = [kind for kind in reading.kinds if kind.unread]
    told = (
        f"{kind.unread:,} of {kind.opinions:,} on {', '.join(kind.words) or 'other things'}" for kind in kinds
    )
    return f" ({'; '.join(told)})" if kinds else ""


def _why_fewer(shortfall: Shortfall) -> str:
    speed = f" ({shortfall.tokens_per_s:,.0f} tokens a second)" if shortfall.tokens_per_s >= 1 else ""
    return (
        f"The language model is slow{speed}, so there was time for only {shortfall.drafted} of "
        f"{shortfall.asked} drafts."
    )


def too_few_opinions(given: int, needed: int) -> str:
    """Why a question ended without a statement."""
    came = {0: "No opinion came in", 1: "Only one opinion came in"}.get(
        given, f"Only {given} opinions came in"
    )
    return f"{came}; at least {needed} are needed. Ask again with a later deadline."


def mediation_failed(reason: str) -> str:
    """For the facilitator, whose retry button stands beside it."""
    return f"No statement could be drafted: {reason.rstrip('.')}. All opinions are kept; try again."


def gave_up(deliberation: Deliberation) -> str:
    """Written once to whoever asked, when drafting has failed and isn't tried again by itself."""
    return (
        f"About your question “{deliberation.question}”: {deliberation.failure or UNEXPECTED} To do that, "
        "press “Try again” at the question. If the opinions can't be used as they are, open it for opinions "
        "again with `/accord reopen`. If it keeps failing, ask the person who runs Accord to run "
        "`accord doctor`."
    )


def more_opinions(count: int) -> str:
    """Said under a person's own opinions where there is no room for all of them."""
    if count == 1:
        return "There's no room for 1 more opinion. It will be deleted too."
    return f"There's no room for {count:,} more opinions. They will be deleted too."


def forgotten(deliberations: int, out_of_reach: int = 0) -> str:
    """What was erased; a second copy of the command finds nothing left.

    out_of_reach: in so many questions nothing could be looked for: the key that they began with is missing.
    """
    if out_of_reach:
        return f"{_erased(deliberations)} {_missed(out_of_reach)}"
    return _erased(deliberations) if deliberations else "Nothing of yours is kept here."


def _erased(deliberations: int) -> str:
    if not deliberations:
        return "Nothing was deleted yet."
    return (
        f"Deleted everything you submitted, in {_questions(deliberations)}. Published "
        "statements stay; sentences of yours that they quote are removed."
    )


def _missed(questions: int) -> str:
    return (
        f"We couldn't look in {_questions(questions)} from before Accord's secret key was changed. Ask "
        "the person who runs Accord to add the old key, then do this again."
    )


def _questions(count: int) -> str:
    return "one question" if count == 1 else f"{count} questions"


def reminder(deliberation: Deliberation, question: str, when: Callable[[datetime], str]) -> str:
    """Sent once to those who have not answered, or have not rated while the vote runs.

    question, when: what was asked, and times, in a platform's own form.
    """
    closes = _closes(deliberation, when)
    if deliberation.phase is Phase.RATING:
        told = _("You have not rated the statement on “{question}” yet. The vote closes {when}.")
    else:
        told = _("You have not answered yet: “{question}” closes {when}.")
    return told.format(question=question, when=closes)


def rating_until(deliberation: Deliberation, when: Callable[[datetime], str]) -> str:
    """Until when it is rated: a vote that runs may have been extended. when: times in a platform's form."""
    ends = deliberation.rating_closes_at
    return f"until {when(ends)}" if ends else f"for {lasts(deliberation.terms.rating_period)}"


def nothing_to_rate(deliberation: Deliberation) -> str:
    """What a notice to rate says once there is nothing left to rate."""
    return "The question was cancelled" if deliberation.phase is Phase.CANCELLED else VOTE_OVER


def nudge(deliberation: Deliberation, question: str, when: Callable[[datetime], str]) -> str:
    """For the channel, where not everybody could be reminded in person; as `reminder`, of nobody."""
    closes = _closes(deliberation, when)
    if deliberation.phase is Phase.RATING:
        return f"The vote on “{question}” closes {closes}. {NUDGE_TO_RATE}"
    return f"“{question}” closes {closes}. {NUDGE}"


def _closes(deliberation: Deliberation, when: Callable[[datetime], str]) -> str:
    return when(deliberation.open_until) if deliberation.open_until else "soon"


def utc(at: datetime) -> str:
    """A time for people of whom nobody knows where they are."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def identity_note(deliberation: Deliberation) -> str:
    """What happens with names, said before an opinion is given."""
    return ANONYMOUS_NOTE if deliberation.terms.anonymous else NAMED_NOTE


def kept_note(of: Deliberation | Team) -> str:
    """Until when what members write is kept, said before they write: in this question, or in this team."""
    days = of.terms.retention_days if isinstance(of, Deliberation) else of.retention_days
    return KEPT_NOTE.format(lasts(timedelta(days=days)))


EXPORT_NAMES_NOBODY = (
    "It names nobody. Opinions and ratings are separate lists: opinions come once there is a statement or "
    "the question has ended, ratings once the vote is over."
)
EXPORT_NAMES = "It says who wrote each opinion, as members were told before they wrote."
EXPORT_UNSIGNED_RATINGS = "Private ratings are a list without names, once the vote is over."


def export_note(deliberation: Deliberation) -> str:
    """What an export says of whom, for whoever takes it."""
    if deliberation.terms.anonymous:
        return EXPORT_NAMES_NOBODY
    public = deliberation.terms.rated_in_public
    return EXPORT_NAMES if public else f"{EXPORT_NAMES} {EXPORT_UNSIGNED_RATINGS}"


def study_note(study: Study) -> str:
    """What a member must know before they answer a question of a study."""
    return f"{STUDY_NOTE} {STUDY_QUOTES_NOTE}" if Arm.BEST_OPINION in study.arms else STUDY_NOTE


def statements_rated(done: int, of: int) -> str:
    """How far a member has got in a study's question."""
    if done == of:
        return f"Your ratings of all {of} statements are saved."
    return f"Saved: {done} of {of} statements are rated."


def rating_note(deliberation: Deliberation) -> str:
    """Who sees a rating, said where it is given."""
    return PUBLIC_RATING_NOTES.get(deliberation.terms.rating_by, PRIVATE_RATING_NOTE)


def unclear_reactions(deliberation: Deliberation) -> str:
    """Sent once to somebody of whose reactions nobody saw the last, because the bot was away."""
    return (
        f"You reacted more than once to the statement on “{deliberation.question}” while I was away, so I "
        "cannot tell which one counts. Keep only the one you mean, or add it again."
    )


FEWEST_COUNTED = 5
"""Of fewer people no number is told of those who may disagree: a prediction is no better than likely, and of
so few it points at somebody."""
FULL, EMPTY = "▰", "▱"
LONGEST_BAR = 12
PROGRESS_BAR = 10


def agreement_bar(value: float) -> str:
    """An expected or mean rating (1..7) as a picture in text: seven blocks, the number, the scale's words."""
    full = min(max(round(value), 1), 7)
    return f"{FULL * full}{EMPTY * (7 - full)} {value:.1f} of 7 · {rating_words(value)}"


def likely_agreement(mean: float | None, dissenters: int, people: int) -> str:
    """What the reward model expects of those who gave an opinion; empty where it expects nothing."""
    if mean is None:
        return ""
    if people < FEWEST_COUNTED:
        return f"Likely agreement {agreement_bar(mean)}."
    against = {0: "nobody is likely to disagree", 1: "one member is likely to disagree"}.get(
        dissenters, f"{dissenters:,} members are likely to disagree"
    )
    return f"Likely agreement {agreement_bar(mean)}; {against}."


def schedule_failed(template: str | None, problem: str) -> str:
    """To whoever made a schedule that could not post."""
    return SCHEDULE_FAILED.format(f"“{template}”" if template else "the bank's questions", problem)


def distribution(tally: Tally, scale: Scale | Terms) -> list[tuple[str, str]]:
    """For each step, highest first: a bar with its count, and emoji and words. Empty without ratings.

    Bars are equally long in letters of one width, and stand first, so that all begin in one column: emoji and
    words have no such width.
    scale: a question's terms, whose steps may have a team's own emoji, or a scale with the usual ones.
    """
    most = max(tally.counts)
    if not most:
        return []
    lines, digits = [], len(f"{most:,}")
    for level in reversed(scale.levels):
        count = tally.counts[level.value - 1]
        full = max(round(LONGEST_BAR * count / most), 1 if count else 0)
        bar = f"{'█' * full}{'░' * (LONGEST_BAR - full)} {count:>{digits},}"
        lines.append((bar, f"{level.emoji} {level.label}"))
    return lines


TOO_FEW_RATINGS = "With so few, showing them could give away who chose what."


def result_sentence(tally: Tally) -> str:
    """The ratings in one sentence; of too few only how many there are."""
    ratings = "1 rating" if tally.total == 1 else f"{tally.total:,} ratings"
    if tally.mean is None:
        return f"{ratings}. {TOO_FEW_RATINGS}" if tally.total else "Nobody rated the statement."
    neutral = tally.total - tally.agree - tally.disagree
    return (
        f"Mean {tally.mean:.1f} of 7 from {ratings}: {tally.agree:,} agree, {neutral:,} neutral, "
        f"{tally.disagree:,} disagree."
    )


def not_shown_yet(deliberation: Deliberation) -> str:
    """Why a member does not see the ratings."""
    if deliberation.terms.results_shown is ResultsShown.AFTER_RATING:
        return "You see how the others rated as soon as you have rated the statement yourself."
    return "The ratings are shown when the vote has closed."


WORDS_PER_TOKEN = 0.75


def progress(done: int, total: int, tokens: int = 0) -> str:
    """How far drafting is, as a picture in text and in words.

    tokens: that a language model has written, those of unfinished drafts included.
    """
    full = round(PROGRESS_BAR * done / total) if total else 0
    bar = FULL * full + EMPTY * (PROGRESS_BAR - full)
    if done:
        return f"{bar} {done} of {total} drafts are read"
    words = round(tokens * WORDS_PER_TOKEN, -1)
    so_far = f" about {words:,.0f} words so far" if words else ""
    return f"Drafting from all opinions …{so_far}"


def still_drafting(deliberation: Deliberation, when: Callable[[datetime], str]) -> str:
    """For everybody, while nothing comes from the language model; `when`: a time as a platform shows it."""
    until, period = deliberation.tries_until, deliberation.terms.retry_for
    if not period:
        return f"{NO_DRAFT_YET}. All opinions are saved."
    goes_on = f"tries again until {when(until)}" if until else f"keeps trying for up to {lasts(period)}"
    return f"{NO_DRAFT_YET} and {goes_on}. All opinions are saved."


def no_draft_yet(deliberation: Deliberation, trouble: str | None) -> str:
    """Written once to whoever asked, when nothing comes from the language model."""
    why = f"the language model is {trouble}" if trouble else "the language model isn't answering"
    period = deliberation.terms.retry_for
    goes_on = (
        f"Accord keeps trying for up to {lasts(period)}. You don't need to do anything."
        if period
        else "Accord won't try again by itself. When it stops, press “Try again” at the question."
    )
    return f"No statement yet on “{deliberation.question}”: {why}. All opinions are saved. {goes_on}"


def answered(count: int) -> str:
    """How many have given an opinion."""
    return {0: "Nobody has answered yet.", 1: "One member has answered."}.get(
        count, f"{count:,} members have answered."
    )


def turnout(found: Turnout) -> str:
    """How many have rated, of those who answered; never who."""
    told = f"{found.rated:,} of {found.answered:,} rated"
    return f"{told}, {beside_answerers(found.others)}" if found.others else told


def beside_answerers(others: int) -> str:
    """How many have rated and not answered."""
    return f"plus {others:,} who didn't answer"


BANK_FULL = "The bank is full. Remove questions from it first."
NOTHING_NEW = "All of these questions are in the bank already."


def with_level(told: str, level: Level | None) -> str:
    """What somebody is told of their rating, with the step that is kept, if there is one."""
    return f"{told} {level.emoji} {level.label}." if level else told


def few_have_rated(rated: int, fewest: int) -> str:
    """Why closing the vote now would show no ratings."""
    if not rated:
        return NOBODY_HAS_RATED
    who = "1 person has" if rated == 1 else f"{rated:,} people have"
    return f"Only {who} rated the statement, and ratings are shown once {fewest:,} people have rated."


def removed(told: str, question: str, context: str) -> str:
    """What was taken out, with its words, so that it can be made again."""
    background = f"\n\n{context}" if context else ""
    return f"{told} It said: “{question}”{background}"


def no_room(count: int) -> str:
    """What an import left out."""
    return f"{count:,} more had no room: a bank holds {BANK_LIMIT:,}."


def unknown_team(team: str) -> str:
    """Beside an import for a team that has neither asked a question nor has settings."""
    return f"Accord has not met a team {team} so far; check its id."


def imported(count: int) -> str:
    """What an import added."""
    return (
        "One question is added to the bank." if count == 1 else f"{count:,} questions are added to the bank."
    )


STATEMENT_TITLE = "What this group may agree on"
RESULT_TITLE = "What this group said"
OVERVIEW_TITLE = LEAD
PREDICTED_TITLE = "Predicted before the vote"
OTHER_SIDE_TITLE = "What those who may disagree would rather say"

READS_TITLE = "Who reads what you write"

# How this works, as titles and what is told under them; the last stands by itself.
HOW = (
    (
        "1. Everybody says what they think.",
        f"In their own words, as short or long as they like. {WHO_READS_OPINIONS}",
    ),
    (
        "2. Several statements are drafted from all opinions.",
        "For each one it is predicted how far every single member would agree. The statement that is best "
        "for the group is posted in the channel.",
    ),
    (
        "3. Everybody rates it.",
        "The ratings are the result, and they teach Accord to predict better. You see what was predicted "
        "once you have rated, or when the vote is over.",
    ),
    (
        "",
        "You can change or withdraw your opinion until the question closes. `/accord forget-me` deletes "
        "everything you submitted.",
    ),
)


def statement_title(statement: str, phase: Phase = Phase.RATING) -> str:
    """What stands above a statement; above a digest that is none, what it is instead.

    phase: of its question. Once the vote is closed, it is what the group said.
    """
    if phase is Phase.SETTLED:
        return RESULT_TITLE
    return STATEMENT_TITLE if is_common(statement) else OVERVIEW_TITLE


def to_rate(statement: str) -> str:
    """The beginning of a notification that there is something to rate."""
    lead = "A statement to rate" if is_common(statement) else f"{OVERVIEW_TITLE}, to rate"
    return f"{lead}: {in_one_line(statement)}"


PHASE_NAMES = {
    Phase.SCHEDULED: "Scheduled",
    Phase.OPINIONS: "Collecting opinions",
    Phase.MEDIATING: "Drafting a statement",
    Phase.RATING: "Rating the statement",
    Phase.SETTLED: "Settled",
    Phase.CANCELLED: "Cancelled",
}


def rating_words(value: float) -> str:
    """The scale's words for a rating or an expected rating (1..7)."""
    return AGREEMENT_LEVELS[min(max(round(value), 1), 7) - 1].label


WELFARE_WORDS = {
    "utilitarian": "best on average",
    "rawlsian": "nobody left behind",
    "bernoulli-nash": "balanced: good on average and fair to everyone",
    "isoelastic": "between the two, as set by alpha",
}
