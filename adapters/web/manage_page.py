"""The page for those who run one question: how it stands and ended, its links, what they may read of it.

Reads:  the store, and the question's links.
Gives:  the rendered page, to `admin_pages` and `link_pages`. Whoever calls has checked who asks.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from adapters.web.forms import NOT_DRAWN
from adapters.web.links import invite_link, results_link
from adapters.web.page_context import Site, render, site_of
from adapters.web.qr import qr_code
from adapters.web.sessions import Session
from adapters.web.views import QuestionView, question_view
from bot.chat.recording_outcome import outcome_step
from bot.chat.steering import asks_before_closing
from bot.domain.deliberation import Deliberation, Opinion, Phase
from bot.service.ports import Ports
from bot.service.ports.web_access import BEFORE, Invitation, OpenLink, Standing
from bot.service.queries import EXPORTABLE, opinions_by_name, reasons
from bot.service.rounds import offers_revision
from bot.wording import decision_lines, forms, page_lines
from bot.wording.cards import is_of_few
from bot.wording.confirmations import CANCEL, REVISING_VOTE
from bot.wording.fields import Field
from bot.wording.forms import outcome_start
from engine.types import Mediation


async def manage_page(
    request: web.Request, session: Session, deliberation: Deliberation, status: int = 200, **extra: Any
) -> web.Response:
    """The page; `extra` is what a form on it has just brought about."""
    site = site_of(request)
    ports = site.ports
    opened = await site.access.invitations.open_link(deliberation.id)
    invited = [each for each in await site.access.invitations.invited(deliberation.id) if not each.ended]
    before = await site.access.invitations.standing(deliberation.id, BEFORE, site.now)
    view = await question_view(deliberation, session, site.config, ports)
    mediation = await _drafted(deliberation, ports)
    invite = invite_link(site.config, deliberation.id, opened.id, now=site.now) if opened else ""
    shared: dict[str, Any] = {
        "d": deliberation,
        "view": view,
        "invited_count": _people(invited, opened),
        "result_link": _result_link(view, site),
        "opened": opened,
        "invite": invite,
        "code": qr_code(invite) if invite else "",
        "invited": invited,
        "old_links_open": before is Standing.HOLDS,
        "per_minute": (opened and opened.per_minute) or site.config.newcomers_per_minute,
        "link_days": site.config.link_days,
        "named_opinions": (by_name := await opinions_by_name(session.actor(), deliberation, ports)),
        "missing": _missing(deliberation, invited, by_name),
        "reminder": page_lines.reminder_to_send(deliberation, invite if opened and opened.admits else ""),
        "reasons": await reasons(session.actor(), deliberation, ports),
        "offers_revision": await offers_revision(deliberation, ports),
        "mediation": mediation,
        # Those who run a question vote too, and are not to be swayed either.
        "foretold": _is_foretold(view, mediation),
        "cancelling": CANCEL,
        "revising": REVISING_VOTE if deliberation.may_be_revised else None,
        "closing_vote": await asks_before_closing(deliberation, ports),
        "exportable": deliberation.phase in EXPORTABLE,
        "outcome_step": outcome_step(deliberation),
        "outcome_fields": outcome_fields(deliberation),
        "outcome_typed": outcome_start(deliberation),
        "outcome_errors": {},
        "asks_how": _asks_how(deliberation, site),
        "people": [],
        "names": "",
        "error": "",
        "typed": {},
    }
    return await render(request, "manage.html", session=session, status=status, **shared | extra)


def outcome_fields(deliberation: Deliberation) -> list[Field]:
    """The form's fields that a page draws."""
    return [each for each in forms.outcome_fields(deliberation) if each.kind not in NOT_DRAWN]


def _asks_how(deliberation: Deliberation, site: Site) -> str:
    """What is asked once the day has come by which something was to be done; nobody is written to here."""
    decision = deliberation.decision
    if decision is None or decision.ask_at is None or decision.how_it_went or site.now < decision.ask_at:
        return ""
    return str(decision_lines.ASKED_HERE)


async def _drafted(deliberation: Deliberation, ports: Ports) -> Mediation | None:
    """What was drafted in this round, once those who run the question may read it."""
    if not deliberation.shows_drafts(deliberation.round):
        return None
    return await ports.mediations.in_sum(deliberation.id, deliberation.round)


def _is_foretold(view: QuestionView, mediation: Mediation | None) -> bool:
    """Whether what was predicted stands beside the drafts."""
    if mediation is None or is_of_few(view.deliberation, mediation):
        return False
    return view.deliberation.shows_predictions(has_rated=view.rating is not None)


def _people(invited: Sequence[Invitation], opened: OpenLink | None) -> int | None:
    """How many people can take part; None where anybody with the link can, or nobody was invited yet."""
    people = {each.name.casefold() or each.id for each in invited}
    return len(people) or None if opened is None else None


def _missing(d: Deliberation, invited: Sequence[Invitation], by_name: Sequence[Opinion]) -> list[str]:
    """The people with a personal link who have not answered a named question; of an anonymous one, nobody."""
    if d.terms.anonymous or d.phase is not Phase.OPINIONS:
        return []
    answered = {each.signed.casefold() for each in by_name}
    names = {each.name.casefold(): each.name for each in invited if each.name}
    return [name for key, name in names.items() if key not in answered]


def _result_link(view: QuestionView, site: Site) -> str:
    """Where everybody may read how the question ended; empty before it did, and without a link."""
    ended = view.results is not None and view.deliberation.phase is Phase.SETTLED
    d = view.deliberation
    return results_link(site.config, d.team, d.id, d.result_link) if ended else ""
