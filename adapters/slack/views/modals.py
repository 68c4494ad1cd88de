"""The windows: asking a question, giving an opinion, explaining, running a question.

Reads:  domain data, and what was chosen before where a window is drawn again.
Gives:  views. An input's name is its block and its action (`blocks.field`), so that a window that is drawn
again keeps what was typed; `private_metadata` says what the window is about.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.views import names
from adapters.slack.views.blocks import (
    Block,
    actions,
    button,
    choice,
    confirmation,
    context,
    escape,
    field,
    message,
    modal,
    option,
    quoted,
    section,
    text_input,
    ticks,
    when,
)
from adapters.slack.views.blocks import (
    written as paragraphs,
)
from bot import texts
from bot.choices import (
    ALPHA_CHOICE,
    AS_IT_IS,
    EMOJI_HINT,
    EMOJI_LABEL,
    EMOJI_LIMIT,
    HOURS,
    IDENTITY_CHOICES,
    OWN_SCALE,
    OWN_SCALE_CHOICE,
    RATING_CHOICES,
    SCALE_CHOICES,
    SHOWN_CHOICES,
    STEERING,
    STEERING_WORDS,
    WELFARE_CHOICES,
    WHATEVER_FITS,
    lasts,
)
from bot.domain.deliberation import (
    CONTEXT_LIMIT,
    OPINION_LIMIT,
    QUESTION_LIMIT,
    Deliberation,
    Phase,
    clean,
)
from bot.domain.ratings import AGREEMENT_LEVELS
from bot.domain.team import Defaults
from bot.domain.terms import POSITION_LIMIT
from bot.emoji import written
from engine.types import WelfareName


def metadata(**about: Any) -> str:
    """What a window is about, for `private_metadata`."""
    kept = {name: value for name, value in about.items() if value}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


# -- asking --------------------------------------------------------------------------------------


def ask_view(
    defaults: Defaults,
    about: Mapping[str, Any],
    *,
    question: str = "",
    background: str = "",
    zone: str = "",
    advanced: bool = False,
) -> dict[str, Any]:
    """The window in which a question is asked; `about` has the channel where it is known."""
    blocks: list[Block] = [
        field(
            "What should the group agree on?",
            "question",
            text_input(question, lines=True, most=QUESTION_LIMIT, focus=not question),
        ),
        field(
            "Background",
            "context",
            text_input(background, lines=True, most=CONTEXT_LIMIT),
            optional=True,
            hint="What everybody should know before they answer.",
        ),
    ]
    if not about.get("channel"):
        blocks.append(channel_field())
    blocks += _deadline(defaults, zone)
    blocks.append(_identity(defaults))
    blocks += _advanced(defaults) if advanced else []
    blocks.append(
        actions(button("Fewer settings", names.LESS) if advanced else button("More settings", names.MORE))
    )
    told = metadata(**{**about, "advanced": advanced})
    return modal("Find common ground", blocks, callback=names.ASK_VIEW, metadata=told, submit="Ask")


def with_typed(drawn: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """A view with what stands in the inputs of the one that it replaces.

    Slack keeps what was typed where block and action stay the same; this also keeps it where Slack drops it.
    """
    values = (old.get("state") or {}).get("values") or {}
    blocks = [_typed_in(block, values.get(block.get("block_id"))) for block in drawn["blocks"]]
    return {**drawn, "blocks": blocks}


def with_folded(drawn: dict[str, Any], folded: Mapping[str, str]) -> dict[str, Any]:
    """A view with what was put into inputs before they were folded away; what it does not show goes along."""
    inputs = {block["block_id"] for block in drawn["blocks"] if block["type"] == "input"}
    about = json.loads(drawn["private_metadata"])
    away = {name: clean(text) for name, text in folded.items() if name not in inputs}
    blocks = [_unfolded(block, folded.get(block.get("block_id", ""))) for block in drawn["blocks"]]
    return {**drawn, "blocks": blocks, "private_metadata": metadata(**{**about, "folded": away})}


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


def channel_field() -> Block:
    """Where a question is asked, when that is not known."""
    picker = {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return field("Where?", "channel", picker, hint="Accord has to be a member of the channel.")


def _deadline(defaults: Defaults, zone: str) -> list[Block]:
    without = (
        f"Without one: {lasts(defaults.closes_after)} from now."
        if defaults.closes_after
        else ("Without one you close the question yourself.")
    )
    clock = f" Times are read in your time zone ({zone})." if zone else ""
    return [
        field(
            "Opinions until",
            "deadline",
            text_input(placeholder="tomorrow 5pm · in 3 hours · friday 17:00", most=100),
            optional=True,
            hint=f"{without}{clock}",
        ),
        field("… or pick a time", "deadline_at", {"type": "datetimepicker"}, optional=True),
    ]


def _identity(defaults: Defaults) -> Block:
    options = [option(words, value, told) for value, (words, told) in IDENTITY_CHOICES.items()]
    chosen = "anonymous" if defaults.anonymous else "named"
    return field("Opinions are", "identity", choice(options, chosen, kind="radio_buttons"))


def _advanced(defaults: Defaults) -> list[Block]:
    by = [option(words, str(way), told) for way, (words, told) in RATING_CHOICES.items()]
    shown = [option(words, str(kind)) for kind, words in SHOWN_CHOICES.items()]
    chosen_by = WHATEVER_FITS if defaults.rating_by is None else defaults.rating_by
    return [
        field(
            "Close as soon as so many have answered",
            "quorum",
            text_input(str(defaults.quorum or ""), most=6),
            optional=True,
        ),
        field(
            "Fewest opinions for a statement",
            "minimum_opinions",
            text_input(str(defaults.minimum_opinions), most=6),
            hint="With fewer at the close the question ends without one.",
        ),
        field(
            "The chosen statement is",
            "welfare",
            choice(welfare_options(), str(defaults.welfare.name), kind="radio_buttons"),
            optional=True,
        ),
        alpha_field(defaults),
        field("It is rated by", "rating_by", choice(by, str(chosen_by), kind="radio_buttons")),
        *scale_fields(defaults),
        field("Rating is open for", "rating_hours", rating_periods(defaults.rating_period)),
        field("Members see the ratings", "results_shown", choice(shown, str(defaults.results_shown))),
        field(
            "Position statement",
            "position_statement",
            text_input(lines=True, most=POSITION_LIMIT),
            optional=True,
            hint="A statement for or against. Members say how far they agree with it before they answer.",
        ),
        field(
            "Members also say",
            "ask_quality",
            ticks([option("How well the statement is put", names.YES)], []),
            optional=True,
        ),
    ]


def scale_fields(defaults: Defaults) -> list[Block]:
    """The points that members rate on, and a team's own emoji for them."""
    offered = (*SCALE_CHOICES.items(), *OWN_SCALE_CHOICE.items())
    options = [option(words, str(kind)) for kind, words in offered]
    chosen = OWN_SCALE if defaults.emoji else str(defaults.scale)
    return [
        field("On a scale of", "scale", choice(options, chosen)),
        field(
            EMOJI_LABEL,
            "emoji",
            text_input(written(defaults.emoji), most=EMOJI_LIMIT),
            optional=True,
            hint=EMOJI_HINT,
        ),
    ]


def welfare_options() -> list[Block]:
    """How the statement may be chosen."""
    offered = {**WELFARE_CHOICES, **ALPHA_CHOICE}
    return [option(words, str(name), told) for name, (words, told) in offered.items()]


def alpha_field(defaults: Defaults) -> Block:
    """Where inequality aversion is set, for those who choose the statement by it."""
    alpha = defaults.welfare.alpha if defaults.welfare.name is WelfareName.ISOELASTIC else 1.0
    return field(
        "Inequality aversion (alpha)",
        "alpha",
        text_input(f"{alpha:.10g}", most=16),
        optional=True,
        hint="For “As set by alpha”: 0 is the average, 1 is balanced; the higher, the more the least "
        "convinced count.",
    )


def rating_periods(now: timedelta) -> Block:
    """How long rating can be open; another period than the usual ones can stay, and is the last choice."""
    options = [option(words, str(hours)) for hours, words in HOURS.items()]
    usual = {timedelta(hours=hours): str(hours) for hours in HOURS}
    if now not in usual:
        options.append(option(f"{lasts(now)}, as it is now", AS_IT_IS))
    return choice(options, usual.get(now, AS_IT_IS))


# -- opinions ------------------------------------------------------------------------------------


def opinion_view(
    d: Deliberation,
    own: str = "",
    typed: str | None = None,
    problem: str = "",
    *,
    baseline: int | None = None,
    may_learn: bool = True,
) -> dict[str, Any]:
    """The window in which an opinion is given, changed or withdrawn; `own` is the one that is kept.

    baseline, may_learn: what is kept of the agreement with the position statement, and about learning.
    """
    blocks = [section(f"*{escape(d.question, 1_500)}*")]
    if d.context:
        blocks += paragraphs(d.context, 2_500)
    if problem:
        blocks.append(section(f":warning: {escape(problem)}"))
    blocks += _baseline_blocks(d, baseline)
    blocks.append(
        field(
            "Your opinion",
            "opinion",
            text_input(typed if typed is not None else own, lines=True, most=OPINION_LIMIT, focus=True),
            hint="In your own words: what you think, and why.",
        )
    )
    if d.terms.keep_feedback:
        box = ticks([option(texts.LEARNING_LABEL, names.YES)], [names.YES] if may_learn else [])
        blocks.append(field("Learning", names.LEARN, box, hint=texts.LEARNING_NOTE, optional=True))
    closes = f" The question closes {when(d.closes_at)}." if d.closes_at else ""
    blocks.append(context(texts.identity_note(d) + closes))
    if own:
        sure = confirmation("Withdraw your opinion?", "It is erased and counts no more.", "Withdraw")
        blocks.append(
            actions(button("Withdraw my opinion", names.WITHDRAW, d.id, style="danger", confirm=sure))
        )
    return modal(
        "Your opinion",
        blocks,
        callback=names.OPINION_VIEW,
        metadata=metadata(id=d.id),
        submit="Change" if own else "Share",
        close="Cancel",
    )


def _baseline_blocks(d: Deliberation, chosen: int | None) -> list[Block]:
    if d.terms.position_statement is None:
        return []
    steps = [option(f"{level.value} {level.label}", str(level.value)) for level in AGREEMENT_LEVELS]
    select = choice(steps, None if chosen is None else str(chosen))
    statement = section(quoted(d.terms.position_statement))
    return [statement, field(texts.BASELINE_LABEL, names.BASELINE, select, optional=True)]


def closed_view(d: Deliberation, because: str, own: str) -> dict[str, Any]:
    """Why there is nothing to write any more, and what one wrote."""
    blocks = [section(f"*{escape(d.question, 1_500)}*"), section(escape(because))]
    if own:
        blocks += [section("*Your opinion*"), *paragraphs(own, 4_000)]
    return modal("Your opinion", blocks, callback=names.NOTICE_VIEW)


def refused_view(because: str, written: str, title: str = "Your opinion") -> dict[str, Any]:
    """Why something was not kept, with its text, so that nobody loses what they wrote."""
    blocks = [section(f":warning: {escape(because)}")]
    if written:
        blocks += [section("*What you wrote*"), *paragraphs(written, 4_000)]
    return modal(title, blocks, callback=names.NOTICE_VIEW)


def as_message(notice: dict[str, Any]) -> dict[str, Any]:
    """The same as a message, for somebody who has closed the window."""
    blocks = notice["blocks"]
    return message(blocks[0]["text"]["text"], blocks)


def loading_view(title: str = "Your opinion") -> dict[str, Any]:
    """What stands there until the data has come."""
    return modal(title, [section("One moment …")], callback=names.NOTICE_VIEW)


def notice_view(text: str, title: str = "Accord", *more: Block) -> dict[str, Any]:
    """One of our own sentences in a window."""
    return modal(title, [section(escape(text)), *more], callback=names.NOTICE_VIEW)


# -- explaining ----------------------------------------------------------------------------------


def how_view(d: Deliberation | None = None) -> dict[str, Any]:
    """How this works, and what happens with what one writes."""
    blocks = how_blocks()
    if d is not None:
        blocks.append(section(f"*In this question.* {texts.identity_note(d)} {texts.rating_note(d)}"))
        blocks.append(
            context(f"Everything is erased {d.terms.retention_days:,} days after the question ended.")
        )
    return modal("How this works", blocks, callback=names.NOTICE_VIEW)


def how_blocks() -> list[Block]:
    """What every member should know, a paragraph each."""
    return [section(f"*{title}* {text}" if title else text) for title, text in texts.HOW]


# -- one's own settings --------------------------------------------------------------------------


def mine_view(*, reminded: bool, may_learn: bool) -> dict[str, Any]:
    """What a member decides for themselves in this workspace."""
    offered = {
        names.REMIND: option("Remind me when I have not answered", names.REMIND, "By direct message, once"),
        names.LEARN: option(texts.LEARNING_LABEL, names.LEARN, "Where the team lets it learn"),
    }
    on = [name for name, is_on in ((names.REMIND, reminded), (names.LEARN, may_learn)) if is_on]
    blocks = [
        field("Your own settings", names.MINE, ticks(list(offered.values()), on), optional=True),
        context(texts.OWN_SETTINGS_NOTE),
    ]
    return modal("Your settings", blocks, callback=names.MINE_VIEW, submit="Save", close="Cancel")


# -- running a question --------------------------------------------------------------------------


WORDS = {**STEERING_WORDS, "export": "Export"}


def manage_view(d: Deliberation, answered: int) -> dict[str, Any]:
    """What whoever runs a question can do with it."""
    buttons = []
    # Whoever was asked for nothing yet has nothing to export.
    also = () if d.phase is Phase.SCHEDULED else ("export",)
    for step in (*STEERING.get(d.phase, ()), *also):
        if step == "retry" and d.failure is None:
            continue
        sure = confirmation("Cancel the question?", "That cannot be undone.", "Cancel it")
        buttons.append(
            button(
                WORDS[step],
                f"{names.DO}:{step}",
                d.id,
                style="danger" if step == "cancel" else None,
                confirm=sure if step == "cancel" else None,
            )
        )
    blocks = [section(f"*{escape(d.question, 1_500)}*"), context(standing(d, answered))]
    if d.failure:
        blocks.append(section(f":warning: {escape(d.failure)}"))
    if buttons:
        blocks.append(actions(*buttons))
    return modal("Run this question", blocks, callback=names.MANAGE_VIEW, metadata=metadata(id=d.id))


def standing(d: Deliberation, answered: int) -> str:
    """Where a question stands, in one line of markup."""
    parts = [texts.PHASE_NAMES[d.phase], texts.answered(answered).rstrip(".")]
    until = d.rating_closes_at if d.phase is Phase.RATING else d.closes_at
    if until and d.phase in (Phase.SCHEDULED, Phase.OPINIONS, Phase.RATING):
        parts.append(f"until {when(until)}")
    return " · ".join(parts)


def extend_view(d: Deliberation, zone: str, now: datetime) -> dict[str, Any]:
    """The window in which a deadline is moved."""
    until = d.rating_closes_at if d.phase is Phase.RATING else d.closes_at
    picker: Block = {"type": "datetimepicker"}
    if until and until > now:
        picker["initial_date_time"] = int(until.timestamp())
    blocks = [
        section(f"*{escape(d.question, 1_500)}*"),
        field(
            "New deadline",
            "deadline",
            text_input(placeholder="tomorrow 5pm", most=100),
            optional=True,
            hint=f"Read in your time zone ({zone})." if zone else "Read as UTC.",
        ),
        field("… or pick a time", "deadline_at", picker, optional=True),
    ]
    return modal(
        "Move the deadline", blocks, callback=names.EXTEND_VIEW, metadata=metadata(id=d.id), submit="Move"
    )
