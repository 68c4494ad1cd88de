"""The windows: asking a question, giving an opinion, explaining, running a question.

Reads:  domain data, and what was chosen before where a window is drawn again.
Gives:  views. An input's name is its block and its action (`blocks.field`), so that a window that is drawn
again keeps what was typed; `private_metadata` says what the window is about.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.slack.views import names
from adapters.slack.views.blocks import (
    Block,
    actions,
    asks_first,
    button,
    choice,
    context,
    escape,
    field,
    linked,
    message,
    modal,
    option,
    person,
    quoted,
    section,
    stated,
    text_input,
    ticks,
    when,
)
from adapters.slack.views.blocks import (
    written as paragraphs,
)
from adapters.slack.views.fields import drawn, radio
from adapters.slack.views.what_was_given import by_name, why
from bot.chat import rewording
from bot.chat.recording_outcome import outcome_step
from bot.chat.settings import Own
from bot.chat.taking_part import ReasonForm
from bot.domain.clean_text import clean
from bot.domain.deliberation import CONTEXT_LIMIT, NOTHING_KNOWN, OPINION_LIMIT, Deliberation, Opinion
from bot.domain.juries import MemberAttribute
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import AGREEMENT_LEVELS
from bot.domain.team import Team
from bot.service.queries import EXPORTABLE, ToldReason
from bot.wording import (
    answers,
    buttons,
    card_lines,
    decision_lines,
    jury_lines,
    point_lines,
    rehearsal_lines,
    settings_lines,
    texts,
)
from bot.wording.cards import HowCard
from bot.wording.choices import STEERING_WORDS, steering
from bot.wording.confirmations import (
    CANCEL,
    END_RESULT_LINK,
    REVISING_VOTE,
    WITHDRAW_REASON,
    Confirmation,
    withdrawing_opinion,
)
from bot.wording.fields import OR_PICK_A_TIME, Field, Form, shown_on
from bot.wording.forms import deadline_hint, outcome_fields, outcome_start
from bot.wording.language import _
from bot.wording.round_lines import round_title
from engine.rehearsal.results import Cost


def metadata(**about: Any) -> str:
    """What a window is about, for `private_metadata`."""
    kept = {name: value for name, value in about.items() if value}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


# -- asking --------------------------------------------------------------------------------------


def ask_view(
    team: Team,
    about: Mapping[str, Any],
    *,
    question: str = "",
    background: str = "",
    zone: str = "",
    advanced: bool = False,
    may_try: bool = False,
) -> dict[str, Any]:
    """The window in which a question is asked; `about` has the channel where it is known.

    may_try: whether it can be tried out with simulated members first.
    """
    begins = {"question": question, "context": background}
    hints = {"deadline": deadline_hint(team.defaults, zone)}
    blocks = [
        drawn(
            each,
            team,
            begins=begins.get(each.name),
            hint=hints.get(each.name, each.hint),
            kind=radio(each, team),
            focus=each.name == "question" and not question,
        )
        for each in shown_on(Form.ASK)
        if _is_asked(each, about, team, advanced=advanced)
    ]
    blocks.append(
        actions(
            button(buttons.FEWER_SETTINGS, names.LESS)
            if advanced
            else button(buttons.MORE_SETTINGS, names.MORE),
            *([button(rehearsal_lines.TRY_IT_OUT, names.TRY_OUT)] if may_try else []),
        )
    )
    told = metadata(**{**about, "advanced": advanced})
    return modal(
        buttons.FIND_COMMON_GROUND,
        blocks,
        callback=names.ASK_VIEW,
        metadata=told,
        submit=buttons.ASK,
    )


def try_view(question: str, cost: Cost, most: int) -> dict[str, Any]:
    """What trying a question out costs, and the window in which it is started."""
    return modal(
        rehearsal_lines.MARK,
        [
            *paragraphs(question),
            section(escape(rehearsal_lines.EXPLAINED)),
            section(escape(f"{rehearsal_lines.costs(cost)} {rehearsal_lines.limit(most)}")),
            field(
                rehearsal_lines.ABOUT_TEAM,
                names.ABOUT,
                text_input(lines=True, most=CONTEXT_LIMIT),
                hint=rehearsal_lines.ABOUT_TEAM_HINT,
                optional=True,
            ),
        ],
        callback=names.TRY_VIEW,
        metadata=metadata(question=question),
        submit=rehearsal_lines.START,
    )


# What every asker sees; the rest is folded away. How many are drafted is not asked here.
ASKED_FIRST = ("question", "context", "channel", "deadline", "deadline_at", "identity")
NOT_ASKED = ("candidates",)


def _is_asked(each: Field, about: Mapping[str, Any], team: Team, *, advanced: bool) -> bool:
    if each.name == "channel" and about.get("channel"):
        return False
    if each.name == "jury" and not team.juries:
        return False
    return each.name in ASKED_FIRST or (advanced and each.name not in NOT_ASKED)


def with_typed(view: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """A view with what stands in the inputs of the one that it replaces.

    Slack keeps what was typed where block and action stay the same; this also keeps it where Slack drops it.
    """
    values = (old.get("state") or {}).get("values") or {}
    blocks = [_typed_in(block, values.get(block.get("block_id"))) for block in view["blocks"]]
    return {**view, "blocks": blocks}


def with_folded(view: dict[str, Any], folded: Mapping[str, str]) -> dict[str, Any]:
    """A view with what was put into inputs before they were folded away; what it does not show goes along."""
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    about = json.loads(view["private_metadata"])
    away = {name: clean(text) for name, text in folded.items() if name not in inputs}
    blocks = [_unfolded(block, folded.get(block.get("block_id", ""))) for block in view["blocks"]]
    return {**view, "blocks": blocks, "private_metadata": metadata(**{**about, "folded": away})}


def _unfolded(block: Block, text: str | None) -> Block:
    """An input of the advanced part as it was left; the others keep theirs by `with_typed`."""
    element = block.get("element", {})
    if text is None:
        return block
    if "options" in element:
        chosen = text.split(",")
        if element["type"] == "checkboxes":
            return {**block, "element": {**element, **ticks(element["options"], chosen)}}
        return {**block, "element": {**element, **choice(element["options"], text, kind=element["type"])}}
    if element["type"] != "plain_text_input":
        return block
    bare = {name: value for name, value in element.items() if name != "initial_value"}
    return {**block, "element": {**bare, "initial_value": text} if text else bare}


INITIAL = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_date_time": "initial_date_time",
    "selected_conversation": "initial_conversation",
}


def _typed_in(block: Block, given: Mapping[str, Any] | None) -> Block:
    if block["type"] != "input" or not given:
        return block
    state = next(iter(given.values()))
    if block["element"]["type"] == "checkboxes":
        # Slack refuses an empty list of ticked boxes.
        ticked = [option_["value"] for option_ in state.get("selected_options") or []]
        return {**block, "element": {**block["element"], **ticks(block["element"]["options"], ticked)}}
    found = {
        initial: state[name]
        for name, initial in INITIAL.items()
        if state.get(name) is not None
        and not (name == "selected_option" and not _offered(block, state[name]))
    }
    element = {
        name: value for name, value in block["element"].items() if name != "default_to_current_conversation"
    }
    return {**block, "element": {**element, **found}} if found else block


def _offered(block: Block, option_: Any) -> bool:
    return option_ in block["element"].get("options", [])


# -- opinions and reasons ------------------------------------------------------------------------------------

# Room for the statement above what is written about it.
STATEMENT = 2_500
# The longest opinion, were every letter of it one that is escaped.
GIVEN_BACK = 5 * OPINION_LIMIT + 500


def opinion_view(
    d: Deliberation,
    own: str = "",
    typed: str | None = None,
    problem: str = "",
    *,
    baseline: int | None = None,
    may_learn: bool = False,
    step_goes: bool = False,
    notice: ModelNotice | None = None,
    known: Mapping[str, str] = NOTHING_KNOWN,
) -> dict[str, Any]:
    """The window in which an opinion is given, changed or withdrawn; `own` is the one that is kept.

    notice: which AI models read it.
    baseline, may_learn: what is kept of the agreement with the position statement, and about learning.
    step_goes: whether that agreement goes with the opinion if it is withdrawn.
    known: what is kept of what they answered about themselves.
    """
    blocks = [section(f"*{linked(d.question, 1_500)}*")]
    if d.context:
        blocks += paragraphs(d.context, 2_500)
    if problem:
        blocks.append(section(f":warning: {escape(problem)}"))
    blocks.append(context(escape(texts.model_note(notice))))
    blocks += _baseline_blocks(d, baseline)
    blocks.append(
        field(
            buttons.YOUR_OPINION,
            "opinion",
            text_input(typed if typed is not None else own, lines=True, most=OPINION_LIMIT, focus=True),
            hint=card_lines.OWN_WORDS,
        )
    )
    blocks += [_about(place, each, known) for place, each in d.terms.asked_of_members.items()]
    if d.terms.keep_feedback:
        blocks.append(_learning(texts.LEARNING_LABEL, texts.LEARNING_NOTE, on=may_learn))
    closes = [card_lines.closes(when(d.closes_at))] if d.closes_at else []
    said = escape(f"{texts.identity_note(d)} {texts.kept_note(d)}")
    blocks.append(context(" ".join([said, *closes])))
    if own:
        asks = withdrawing_opinion(step_goes=step_goes, points_go=d.terms.points)
        sure = asks_first(asks)
        blocks.append(actions(button(asks.yes, names.WITHDRAW, d.id, style="danger", confirm=sure)))
    return modal(
        buttons.YOUR_OPINION,
        blocks,
        callback=names.OPINION_VIEW,
        metadata=metadata(id=d.id, edition=d.edition),
        submit=buttons.CHANGE if own else buttons.SHARE_IT,
        close=buttons.CANCEL,
    )


def _baseline_blocks(d: Deliberation, chosen: int | None) -> list[Block]:
    if d.terms.position_statement is None:
        return []
    steps = [option(f"{level.value} {_(level.label)}", str(level.value)) for level in AGREEMENT_LEVELS]
    select = choice(steps, None if chosen is None else str(chosen))
    statement = section(quoted(d.terms.position_statement))
    return [statement, field(texts.BASELINE_LABEL, names.BASELINE, select, optional=True)]


def _about(place: int, asked: MemberAttribute, known: Mapping[str, str]) -> Block:
    """A question about the member, which they may leave out."""
    offered = [option(value, value) for value in asked.values]
    select = choice(offered, known.get(asked.label))
    return field(asked.label, jury_lines.name_of(place), select, optional=True)


def _learning(label: str, note: str, *, on: bool) -> Block:
    box = ticks([option(label, names.YES)], [names.YES] if on else [])
    return field(texts.LEARNING_TITLE, names.LEARN, box, hint=note, optional=True)


def reason_view(form: ReasonForm) -> dict[str, Any]:
    """The window in which somebody says why they rate as they do, changes that, or withdraws it."""
    d = form.deliberation
    blocks = [section(f"*{linked(d.question, 1_500)}*"), *stated(d.statement or "", STATEMENT)]
    blocks.append(context(escape(" ".join(texts.reason_notes(d, form.notice)))))
    blocks += [drawn(each, begins=form.text, focus=True) for each in shown_on(Form.REASON)]
    if d.terms.keep_feedback:
        blocks.append(_learning(texts.REASON_LEARNING_LABEL, texts.REASON_LEARNING_NOTE, on=form.may_learn))
    blocks.append(context(card_lines.rating_open(d, when)))
    if form.text:
        sure = asks_first(WITHDRAW_REASON)
        takes_back = button(WITHDRAW_REASON.yes, names.WITHDRAW_REASON, d.id, style="danger", confirm=sure)
        blocks.append(actions(takes_back))
    return modal(
        buttons.YOUR_REASON,
        blocks,
        callback=names.REASON_VIEW,
        metadata=metadata(id=d.id, round=d.round),
        submit=buttons.CHANGE if form.text else buttons.SAVE,
        close=buttons.CANCEL,
    )


def closed_view(d: Deliberation, because: str, own: str, title: str = buttons.YOUR_OPINION) -> dict[str, Any]:
    """Why there is nothing to write any more, and what one wrote."""
    blocks = [section(f"*{linked(d.question, 1_500)}*"), section(escape(because))]
    if own:
        blocks += [section(f"*{title}*"), *paragraphs(own, 4_000)]
    return modal(title, blocks, callback=names.NOTICE_VIEW)


def refused_view(because: str, written: str, title: str = buttons.YOUR_OPINION) -> dict[str, Any]:
    """Why something was not kept, with its text, so that nobody loses what they wrote."""
    blocks = [section(f":warning: {escape(because)}")]
    if written:
        blocks += [section(f"*{card_lines.WHAT_YOU_WROTE}*"), *paragraphs(written, 4_000)]
    return modal(title, blocks, callback=names.NOTICE_VIEW)


def given_back_view(
    told: str, written: str, step: int | None = None, title: str = buttons.YOUR_OPINION
) -> dict[str, Any]:
    """What came of it, and what somebody took back, so that they can copy it."""
    told = " ".join(map(str, filter(None, (told, texts.step_given_back(step)))))
    more = [section(f"*{card_lines.WHAT_YOU_WROTE}*"), *paragraphs(written, GIVEN_BACK)] if written else []
    return notice_view(told, title, *more)


def as_message(notice: dict[str, Any]) -> dict[str, Any]:
    """The same as a message, for somebody who has closed the window."""
    blocks = notice["blocks"]
    return message(blocks[0]["text"]["text"], blocks)


def loading_view(title: str = buttons.YOUR_OPINION) -> dict[str, Any]:
    """What stands there until the data has come."""
    return modal(title, [section(answers.ONE_MOMENT)], callback=names.NOTICE_VIEW)


def notice_view(text: str, title: str = "Accord", *more: Block) -> dict[str, Any]:
    """One of our own sentences in a window."""
    return modal(title, [section(escape(text)), *more], callback=names.NOTICE_VIEW)


def link_view(text: str, page: str) -> dict[str, Any]:
    """What came of a step, with the page to open where it made a link to one."""
    more = [actions(button(buttons.OPEN_PAGE, names.OPEN_PAGE, url=page))] if page else []
    return notice_view(text, "Accord", *more)


def lines_view(title: str, lines: Sequence[str]) -> dict[str, Any]:
    """Some lines of markup, a paragraph each."""
    return modal(title, [section(line) for line in lines], callback=names.NOTICE_VIEW)


# -- explaining ----------------------------------------------------------------------------------


def how_view(card: HowCard) -> dict[str, Any]:
    """How this works, and what happens with what one writes."""
    return modal(buttons.HOW, how_blocks(card), callback=names.NOTICE_VIEW)


def how_blocks(card: HowCard) -> list[Block]:
    """The same, a paragraph each."""
    steps = [section(f"*{title}* {text}" if title else text) for title, text in card.steps]
    return [*steps, *(section(f"*{title}.* {text}") for title, text in card.notes(escape))]


# -- one's own settings --------------------------------------------------------------------------


def mine_view(own: Own) -> dict[str, Any]:
    """What a member decides for themselves in this workspace."""
    offered = {
        names.REMIND: option(settings_lines.REMIND_ME, names.REMIND, settings_lines.REMIND_ME_HOW),
        names.UNLEARN: option(buttons.STOP_LEARNING, names.UNLEARN),
    }
    on = [names.REMIND] if own.reminders else []
    blocks = [
        field(settings_lines.OWN_TITLE, names.MINE, ticks(list(offered.values()), on), optional=True),
        context(f"{texts.OWN_LEARNING_NOTE} *{buttons.STOP_LEARNING}*: {texts.STOP_LEARNING_NOTE}"),
    ]
    return modal(
        buttons.YOUR_SETTINGS,
        blocks,
        callback=names.MINE_VIEW,
        submit=buttons.SAVE,
        close=buttons.CANCEL,
    )


# -- running a question --------------------------------------------------------------------------


WORDS = {
    **STEERING_WORDS,
    "export": buttons.EXPORT,
    "who": buttons.WHO_ANSWERED,
    "change": buttons.CHANGE_QUESTION,
    "points": point_lines.MODERATE,
    "again": buttons.ASK_LIKE,
}


def manage_view(
    d: Deliberation,
    answered: int,
    named: Sequence[Opinion] = (),
    closing: Confirmation | None = None,
    *,
    reasons: Sequence[ToldReason] = (),
    told: str = "",
    link_step: str = "",
    revisable: bool = False,
) -> dict[str, Any]:
    """What whoever runs a question can do with it.

    named: the opinions of a named one. closing: what is asked before the vote is closed. reasons: those that
    may be told now. told: a sentence that comes first. link_step: what can be done with the link to its
    result. revisable: whether a revision of the statement is offered.
    """
    asked_first = {
        "cancel": CANCEL,
        "revise": REVISING_VOTE,
        "end-link": END_RESULT_LINK,
        **({"close-rating": closing} if closing else {}),
    }
    presses = []
    outcome = "outcome" if outcome_step(d) else ""
    change = "change" if d.may_be_changed and not answered else ""
    export, who = ("export", "who") if d.phase in EXPORTABLE else ("", "")
    points = "points" if d.terms.points else ""
    also = [step for step in (change, who, outcome, points, export, link_step, "again") if step]
    words = {**WORDS, "outcome": outcome_step(d)}
    for step in (*(each for each in steering(d) if revisable or each != "revise"), *also):
        presses.append(
            button(
                words[step],
                f"{names.DO}:{step}",
                d.id,
                style="danger" if step == "cancel" else None,
                confirm=asks_first(asked_first[step]) if step in asked_first else None,
            )
        )
    blocks = [section(f"*{linked(d.question, 1_500)}*"), context(standing(d, answered))]
    if told:
        blocks.insert(0, section(f":warning: {escape(told)}"))
    if d.failure:
        blocks.append(section(f":warning: {escape(texts.why_failed(d))}"))
        blocks.append(context(texts.after_failure(d)))
    if lines := decision_lines.lines(d, escape, person):
        blocks.append(section("\n".join(lines)))
    if presses:
        blocks.append(actions(*presses))
    blocks += [*by_name(named), *why(reasons)]
    about = metadata(
        id=d.id, phase=d.phase, round=d.round, link=d.result_link_shown, asks=closing is not None
    )
    return modal(buttons.RUN_QUESTION, blocks, callback=names.MANAGE_VIEW, metadata=about)


def standing(d: Deliberation, answered: int) -> str:
    """Where a question stands, in one line of markup."""
    parts = [str(texts.phase_name(d)), round_title(d), texts.answered(answered).rstrip(".")]
    if d.open_until:
        parts.append(answers.until(when(d.open_until)))
    return " · ".join(filter(None, parts))


def outcome_view(d: Deliberation) -> dict[str, Any]:
    """The window in which it is recorded what was decided; what is kept of that stands in it."""
    start = outcome_start(d)
    begun = {**start, "nothing": str(True) if start.get("nothing") else ""}
    inputs = [drawn(each, begins=begun.get(each.name, "")) for each in outcome_fields(d)]
    return modal(
        buttons.OUTCOME,
        [section(f"*{linked(d.question, 1_500)}*"), *inputs],
        callback=names.OUTCOME_VIEW,
        metadata=metadata(id=d.id),
        submit=buttons.SAVE,
    )


def change_view(d: Deliberation) -> dict[str, Any]:
    """The window in which a question's words are changed."""
    begun = {"question": d.question, "context": d.context}
    return modal(
        buttons.CHANGE_QUESTION,
        [drawn(each, begins=begun[each.name]) for each in rewording.fields()],
        callback=names.CHANGE_VIEW,
        metadata=metadata(id=d.id, edition=d.edition),
        submit=buttons.SAVE,
    )


def extend_view(d: Deliberation, zone: str, now: datetime) -> dict[str, Any]:
    """The window in which a deadline is moved, or set for a question that is to be opened again."""
    reopens = d.failure is not None
    until = d.open_until
    picker: Block = {"type": "datetimepicker"}
    if until and until > now:
        picker["initial_date_time"] = int(until.timestamp())
    blocks = [
        section(f"*{linked(d.question, 1_500)}*"),
        field(
            answers.NEW_DEADLINE,
            "deadline",
            text_input(placeholder=answers.DEADLINE_EXAMPLE, most=100),
            optional=True,
            hint=answers.read_in_zone(zone),
        ),
        field(OR_PICK_A_TIME, "deadline_at", picker, optional=True),
    ]
    if reopens:
        blocks.append(context(texts.REOPENING_NOTE))
    return modal(
        buttons.OPEN_IT_AGAIN if reopens else STEERING_WORDS["extend"],
        blocks,
        callback=names.EXTEND_VIEW,
        metadata=metadata(id=d.id, reopens="yes" if reopens else "", instead_of=d.deadline_shown),
        submit=buttons.OPEN if reopens else buttons.MOVE,
    )
