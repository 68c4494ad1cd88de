"""What the API shows of what is kept, each for those who may see it.

Reads:  questions, templates and schedules that a handler has loaded for somebody who may see them.
Gives:  models. What is said before somebody writes is that of the pages, word for word, and who passes it on.
"""

import hashlib
import math
from typing import Any

from pydantic import ValidationError

from adapters.web.api import models, problems
from adapters.web.api.endpoints import Call
from adapters.web.api.problems import ProblemError
from adapters.web.library_pages import shown_as
from adapters.web.links import invite_link
from bot.domain.actors import is_steward
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import QuestionError
from bot.domain.juries import SeatedJury
from bot.domain.library import Schedule, Template
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import RatingBy
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.service import queries
from bot.wording import api_lines, decision_lines, jury_lines, texts
from bot.wording.language import explained
from engine.types import WelfareFunction


async def question(d: Deliberation, call: Call) -> models.Question:
    """A question that this token may see."""
    steward = is_steward(call.actor, d)
    return models.Question(
        id=d.id,
        question=d.question,
        context=d.context,
        phase=d.phase,
        edition=d.edition,
        round=d.round,
        created_at=d.created_at,
        opens_at=d.opens_at,
        closes_at=d.closes_at,
        rating_closes_at=d.rating_closes_at,
        ended_at=d.ended_at,
        answered=await call.ports.contributions.opinion_count(d.id),
        failure=texts.why_failed(d) if steward and d.failure else None,
        decided=[str(line) for line in decision_lines.lines(d)] if d.phase is Phase.SETTLED else [],
        terms=terms(d.terms),
        before_you_write=before_you_write(d, await queries.models_told(d, call.ports), call.token.name),
        page=call.site.config.url(f"/d/{d.id}"),
        link=await _link(d, call) if steward else None,
    )


async def _link(d: Deliberation, call: Call) -> str | None:
    opened = await call.site.access.invitations.open_link(d.id)
    return None if opened is None else invite_link(call.site.config, d.id, opened.id, now=call.now)


def before_you_write(d: Deliberation, notice: ModelNotice | None, software: str) -> models.BeforeYouWrite:
    """What pages say before somebody writes, and that this software passes it on."""
    passed_on = api_lines.passed_on(software)
    asked, study = d.terms.keep_feedback, d.terms.study
    of_study = [texts.study_note(study)] if study is not None else []
    said = [texts.identity_note(d), texts.kept_note(d), texts.model_note(notice), *of_study]
    return models.BeforeYouWrite(
        opinion=[passed_on, *said],
        rating=texts.rating_note(d),
        reason=[passed_on, *texts.reason_notes(d, notice)],
        point=[passed_on, *texts.point_notes(d)] if d.terms.points else [],
        learning=_learning(texts.LEARNING_NOTE, texts.LEARNING_LABEL) if asked else None,
        learning_reason=_learning(texts.REASON_LEARNING_NOTE, texts.REASON_LEARNING_LABEL) if asked else None,
    )


def _learning(note: object, label: object) -> models.Learning:
    return models.Learning(note=str(note), label=str(label))


def terms(kept: Terms) -> models.TermsOut:
    """How a question is run."""
    return models.TermsOut(
        anonymous=kept.anonymous,
        minimum_opinions=kept.minimum_opinions,
        quorum=kept.quorum,
        scale=kept.scale,
        welfare=kept.welfare.name,
        alpha=kept.welfare.alpha if math.isfinite(kept.welfare.alpha) else None,
        rating_minutes=round(kept.rating_period.total_seconds() / 60),
        revise_below=kept.revise_below,
        most_rounds=kept.most_rounds,
        points=kept.points,
        candidates=kept.candidates,
        position_statement=kept.position_statement,
        ask_quality=kept.ask_quality,
        jury=kept.jury
        and models.Jury(name=kept.jury.name, about=kept.jury.attribute, seats=dict(kept.jury.seats)),
        about=[
            models.About(label=each.label, answers=list(each.values))
            for each in kept.asked_of_members.values()
        ],
        keep_feedback=kept.keep_feedback,
    )


# What can be said to be none; of anything else null is as if it were left out.
MAY_BE_NONE = frozenset({"quorum", "revise_below", "position_statement"})


def asked_terms(asked: models.TermsIn, team: Team) -> Terms:
    """The terms of a new question. Raises ProblemError for those that cannot be together."""
    return _possible(lambda: Terms.of(team, **_chosen(asked, team)))


def changed_terms(asked: models.TermsIn, kept: Terms, team: Team) -> Terms:
    """A question's terms with what was asked for in place of its own."""
    chosen = _chosen(asked, team)
    if "jury" in chosen:
        # A jury of now sits by what is asked of members now.
        chosen["attributes"] = team.attributes
    # Own emoji are for the scale that they were chosen for.
    own = {} if chosen.get("scale", kept.scale) is kept.scale else {"emoji": ()}
    return _possible(lambda: Terms.model_validate({**kept.model_dump(), **own, **chosen}))


def _possible(made: Any) -> Terms:
    try:
        found: Terms = made()
    except ValidationError as exc:
        raise problems.invalid(exc, "body.terms") from None
    return found


def _chosen(asked: models.TermsIn, team: Team) -> dict[str, Any]:
    """What was said; on the web there are private buttons only, and nobody could be reminded."""
    said = asked.model_dump(exclude_unset=True, exclude={"welfare", "rating_minutes", "jury"})
    chosen = {name: value for name, value in said.items() if value is not None or name in MAY_BE_NONE}
    if asked.welfare is not None:
        chosen["welfare"] = _welfare(asked.welfare)
    if asked.rating_minutes is not None:
        chosen["rating_period"] = f"PT{asked.rating_minutes}M"
    if "jury" in asked.model_fields_set:
        chosen["jury"] = _jury(asked.jury, team)
    return {**chosen, "rating_by": RatingBy.BUTTONS, "reminder_before": None}


def _jury(name: str | None, team: Team) -> SeatedJury | None:
    try:
        return jury_lines.chosen(name or "", team.juries)
    except QuestionError as exc:
        fault = models.Fault(at="body.terms.jury", said=explained(exc))
        raise ProblemError(422, errors=[fault]) from None


def _welfare(asked: models.WelfareIn) -> WelfareFunction:
    try:
        return WelfareFunction(**asked.model_dump(exclude_none=True))
    except ValidationError as exc:
        raise problems.invalid(exc, "body.terms.welfare") from None


def statement(found: queries.Results, before: str | None) -> models.Statement:
    """The statement with how it came about."""
    card = found.statement
    return models.Statement(
        text=card.statement,
        round=found.deliberation.round,
        opinions=card.opinions,
        drafted=str(card.drafted),
        made=card.made,
        leaves_open=card.leaves_open,
        before=before,
    )


def results(found: queries.Results, before: str | None) -> models.Results:
    """The statement with what may be seen of its ratings."""
    tally, likely = found.tally, found.prediction
    return models.Results(
        statement=statement(found, before),
        ratings=tally
        and models.Ratings(
            total=tally.total,
            mean=tally.mean,
            counts=list(tally.counts),
            agree=tally.agree,
            disagree=tally.disagree,
        ),
        predicted=likely
        and models.Predicted(
            mean=likely.mean, people=likely.people, dissenters=likely.dissenters, told=likely.text
        ),
    )


def template_id(kept: Template) -> str:
    """A name of any letters as it can stand in an address."""
    return hashlib.sha256(kept.name.encode()).hexdigest()[:16]


def template(kept: Template) -> models.Template:
    """A template."""
    return models.Template(
        id=template_id(kept),
        name=kept.name,
        question=kept.question,
        context=kept.context,
        closes_after_minutes=round(kept.closes_after.total_seconds() / 60),
        terms=terms(kept.terms),
        version=shown_as(kept),
    )


def schedule(kept: Schedule) -> models.Schedule:
    """A schedule."""
    weekly = kept.weekly
    return models.Schedule(
        id=kept.id,
        template=kept.template,
        once=kept.once,
        weekly=weekly and models.WeeklyOut(weekday=weekly.weekday, at=f"{weekly.at:%H:%M}", zone=weekly.zone),
        next_at=kept.next_at,
        problem=kept.problem,
    )


def cursor_refused() -> ProblemError:
    """What was sent as `after` is no end of a page."""
    return ProblemError(422, errors=[models.Fault(at="query.after", said=problems.WRONG_VALUE)])
