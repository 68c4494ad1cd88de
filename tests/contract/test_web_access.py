"""Who is let into the web channel: the same over memory and over a real server, from every process."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from adapters.memory import MemoryInvitations, MemorySessions
from adapters.redis.invitations import RedisInvitations
from adapters.redis.sessions import RedisSessions
from bot.domain.errors import UnknownDeliberationError
from bot.service.ports.state import Deliberations
from bot.service.ports.web_access import BEFORE, Invitation, Invitations, OpenLink, Sessions, Standing
from tests.contract.conftest import IMPLEMENTATIONS
from tests.state import in_memory, on_server

HOUR = timedelta(hours=1)


@dataclass
class Kept:
    """One state, as two processes see it."""

    deliberations: Deliberations
    sessions: list[Sessions]
    invitations: list[Invitations]


@pytest.fixture(params=IMPLEMENTATIONS)
def state(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        deliberations = in_memory().deliberations
        return Kept(deliberations, [MemorySessions()] * 2, [MemoryInvitations(deliberations)] * 2)
    clients = request.getfixturevalue("redis_clients")
    return Kept(
        on_server(clients[0]).deliberations,
        [RedisSessions(client, "t1") for client in clients],
        [RedisInvitations(client) for client in clients],
    )


@pytest.fixture
async def question(state: Kept, sample) -> str:
    return (await state.deliberations.add(sample.deliberation())).id


# -- sessions ------------------------------------------------------------------------------------


async def test_a_session_that_was_ended_is_ended_everywhere(state: Kept) -> None:
    here, there = state.sessions
    await here.end("s1", for_s=60)

    assert await there.has_ended("s1")
    assert not await there.has_ended("s2")


async def _made(sessions: Sessions, session: str, link: str, at: datetime) -> bool:
    return await sessions.make_admin(session, link, made_at=at, link_until=at + HOUR, until=at + 12 * HOUR)


async def test_of_many_who_open_an_admin_link_at_once_one_comes_in(state: Kept, sample) -> None:
    tried = [_made(state.sessions[n % 2], f"s{n}", "l1", sample.noon) for n in range(20)]

    assert sum(await asyncio.gather(*tried)) == 1
    assert not await _made(state.sessions[0], "late", "l1", sample.noon)
    assert not await state.sessions[0].is_admin("late", sample.noon)


async def test_a_second_copy_of_the_same_request_is_answered_like_the_first(state: Kept, sample) -> None:
    assert await _made(state.sessions[0], "s1", "l1", sample.noon)
    assert await _made(state.sessions[1], "s1", "l1", sample.noon)


async def test_an_admin_is_one_until_the_time_is_over(state: Kept, sample) -> None:
    here, there = state.sessions
    await _made(here, "s1", "l1", sample.noon)

    assert await there.is_admin("s1", sample.noon + 11 * HOUR)
    assert not await there.is_admin("s1", sample.noon + 12 * HOUR)
    assert not await there.is_admin("s2", sample.noon)


async def test_signing_admins_out_ends_every_session_and_every_link_of_before(state: Kept, sample) -> None:
    here, there = state.sessions
    for number in range(3):
        await _made(here, f"s{number}", f"l{number}", sample.noon)
    later = sample.noon + HOUR

    assert await there.end_admins(later) == 3
    assert await there.end_admins(later) == 0

    assert not any([await here.is_admin(f"s{number}", later) for number in range(3)])
    assert not await _made(here, "s4", "unused", sample.noon)
    assert await _made(here, "s5", "newer", later + timedelta(milliseconds=1))
    assert await here.is_admin("s5", later)


# -- the link for everyone -----------------------------------------------------------------------


async def test_a_question_has_no_link_for_everyone_until_somebody_makes_one(
    state: Kept, question: str, sample
) -> None:
    here, there = state.invitations
    assert await here.open_link(question) is None
    assert await here.standing(question, "", sample.noon) is Standing.ENDED

    await here.put_open_link(question, "l1")

    assert await there.open_link(question) == OpenLink(id="l1")
    assert await there.standing(question, "l1", sample.noon) is Standing.HOLDS


async def test_a_new_link_for_everyone_ends_the_old_one(state: Kept, question: str, sample) -> None:
    here, there = state.invitations
    await here.put_open_link(question, "l1")
    await here.put_open_link(question, "l2")

    assert await there.standing(question, "l1", sample.noon) is Standing.ENDED
    assert await there.standing(question, "l2", sample.noon) is Standing.HOLDS

    await here.put_open_link(question, None)

    assert await there.open_link(question) is None
    assert await there.standing(question, "l2", sample.noon) is Standing.ENDED


async def test_a_first_link_never_undoes_what_somebody_has_decided(state: Kept, question: str) -> None:
    here, there = state.invitations
    await here.put_open_link(question, "l1", unless_decided=True)
    await there.put_open_link(question, "l2", unless_decided=True)
    assert await here.open_link(question) == OpenLink(id="l1")

    await here.put_open_link(question, None)
    await there.put_open_link(question, "l3", unless_decided=True)
    assert await here.open_link(question) is None


async def test_tuning_the_link_for_everyone_opens_none_again(state: Kept, question: str) -> None:
    here, there = state.invitations
    await here.put_open_link(question, "l1")
    await there.tune_open_link(question, admits=False)
    await there.tune_open_link(question, per_minute=200)
    assert await here.open_link(question) == OpenLink(id="l1", admits=False, per_minute=200)

    await here.put_open_link(question, "l2")
    assert await here.open_link(question) == OpenLink(id="l2", admits=True, per_minute=200)

    await here.put_open_link(question, None)
    await there.tune_open_link(question, admits=True)
    assert await here.open_link(question) is None


async def test_newcomers_are_counted_by_question_network_and_minute(
    state: Kept, question: str, sample
) -> None:
    here, there = state.invitations
    counts = [await each.count_newcomer(question, "n1", sample.noon) for each in (here, there, here)]

    assert counts == [1, 2, 3]
    assert await there.count_newcomer(question, "n2", sample.noon) == 1
    assert await there.count_newcomer("d2", "n1", sample.noon) == 1
    assert await there.count_newcomer(question, "n1", sample.time(1)) == 1


# -- personal links ------------------------------------------------------------------------------


def _invitation(sample, id_: str, name: str, at: float = 0) -> Invitation:
    return Invitation(id=id_, name=name, made_at=sample.time(at))


async def test_personal_links_are_listed_in_the_order_in_which_they_were_made(
    state: Kept, question: str, sample
) -> None:
    here, there = state.invitations
    bo, ann = _invitation(sample, "l1", "Bo", 1), _invitation(sample, "l2", "Ann")
    await here.invite(question, [bo])
    await here.invite(question, [ann])
    await here.invite(question, [])

    assert list(await there.invited(question)) == [ann, bo]


async def test_a_personal_link_ends_alone_and_stays_on_the_list(state: Kept, question: str, sample) -> None:
    here, there = state.invitations
    ann, bo = _invitation(sample, "l1", "Ann"), _invitation(sample, "l2", "Bo")
    await here.invite(question, [ann, bo])
    await here.end(question, ["l1"])

    assert await there.standing(question, "l1", sample.noon) is Standing.ENDED
    assert await there.standing(question, "l2", sample.noon) is Standing.HOLDS
    assert list(await there.invited(question)) == [ann.model_copy(update={"ended": True}), bo]


async def test_a_link_that_nobody_made_is_worth_nothing(state: Kept, question: str, sample) -> None:
    here, _ = state.invitations
    await here.invite(question, [_invitation(sample, "l1", "Ann")])
    await here.leave(question, "made up", sample.noon)

    for link in ("made up", "", "link:l1"):
        assert await here.standing(question, link, sample.noon) is Standing.ENDED
    assert await here.standing("another", "l1", sample.noon) is Standing.ENDED


async def test_leaving_shuts_out_who_came_before_and_nobody_who_comes_after(
    state: Kept, question: str, sample
) -> None:
    here, there = state.invitations
    await here.invite(question, [_invitation(sample, "l1", "Ann")])
    await here.leave(question, "l1", sample.time(5))

    assert await there.standing(question, "l1", sample.time(5)) is Standing.LEFT
    assert await there.standing(question, "l1", sample.time(6)) is Standing.HOLDS

    await here.end(question, ["l1"])
    assert await there.standing(question, "l1", sample.time(5)) is Standing.LEFT
    assert await there.standing(question, "l1", sample.time(6)) is Standing.ENDED


async def test_a_forgotten_name_is_gone_and_the_link_still_opens(state: Kept, question: str, sample) -> None:
    here, there = state.invitations
    await here.invite(question, [_invitation(sample, "l1", "Ann")])
    await here.forget(question, "l1")
    await here.forget(question, "made up")

    assert [each.name for each in await there.invited(question)] == [""]
    assert await there.standing(question, "l1", sample.noon) is Standing.HOLDS


async def test_links_go_with_their_question(state: Kept, question: str, sample) -> None:
    here, there = state.invitations
    await here.put_open_link(question, "l1")
    await here.invite(question, [_invitation(sample, "l2", "Ann")])
    await state.deliberations.delete(question)

    assert await there.open_link(question) is None
    assert list(await there.invited(question)) == []
    assert await there.standing(question, "l2", sample.noon) is Standing.ENDED
    for late in (
        here.put_open_link(question, "l3"),
        here.invite(question, [_invitation(sample, "l4", "Bo")]),
    ):
        with pytest.raises(UnknownDeliberationError):
            await late
    # Harmless: there is nothing left to end.
    await here.end(question, ["l2"])
    await here.leave(question, "l2", sample.noon)
    await here.forget(question, "l2")
    await here.tune_open_link(question, admits=False)
    assert await there.open_link(question) is None


# -- links from before links carried ids ---------------------------------------------------------

OLD = (BEFORE, f"{BEFORE}1a2b")


async def _held(invitations: Invitations, question: str, sample) -> list[Standing]:
    return [await invitations.standing(question, link, sample.noon) for link in OLD]


async def test_old_links_hold_while_nothing_was_decided(state: Kept, question: str, sample) -> None:
    here, there = state.invitations
    await here.tune_open_link(question, per_minute=200)
    assert await _held(there, question, sample) == [Standing.HOLDS] * 2
    assert await _held(there, "another", sample) == [Standing.ENDED] * 2

    await state.deliberations.delete(question)
    assert await _held(there, question, sample) == [Standing.ENDED] * 2


@pytest.mark.parametrize("decision", ["make", "switch off", "invite", "close"])
async def test_old_links_end_by_whatever_is_decided(
    state: Kept, question: str, sample, decision: str
) -> None:
    here, there = state.invitations
    match decision:
        case "make":
            await here.put_open_link(question, "l1")
        case "switch off":
            await here.put_open_link(question, None)
        case "invite":
            await here.invite(question, [_invitation(sample, "l1", "Ann")])
        case "close":
            await here.tune_open_link(question, admits=False)

    assert await _held(there, question, sample) == [Standing.ENDED] * 2


async def test_whoever_came_by_an_old_link_can_leave_alone(state: Kept, question: str, sample) -> None:
    here, there = state.invitations
    await here.leave(question, OLD[1], sample.time(5))

    assert await _held(there, question, sample) == [Standing.HOLDS, Standing.LEFT]
    assert await there.standing(question, OLD[1], sample.time(6)) is Standing.HOLDS
    await here.put_open_link(question, None)
    assert await _held(there, question, sample) == [Standing.ENDED, Standing.LEFT]
