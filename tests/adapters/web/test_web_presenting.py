"""A question on a big screen: what a room sees of it, step by step, and what it never sees."""

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating
from bot.service.dispatch import dispatch
from tests.web_house import QUESTION, House, Person


async def _wall(admin: Person, deliberation_id: str) -> str:
    return await admin.open(f"/d/{deliberation_id}/present")


async def test_a_room_sees_the_way_in_while_there_is_one(house: House, admin: Person) -> None:
    deliberation = await house.ask()
    page = await _wall(admin, deliberation.id)
    assert QUESTION in page
    assert page.count('class="qr"') == 1
    assert 'aria-current="step">Opinions' in page
    await admin.open(f"/d/{deliberation.id}/manage")
    await admin.send(f"/d/{deliberation.id}/manage/open-link/pause")
    assert 'class="qr"' not in await _wall(admin, deliberation.id)
    assert "nobody new can join from here" in admin.page


async def test_a_room_sees_no_rating_and_no_prediction_before_the_vote_is_over(
    house: House, admin: Person
) -> None:
    deliberation, people = await house.until_rating(3, results_shown="always")
    for person, value in zip(people, "267", strict=True):
        await person.open(f"/d/{deliberation.id}")
        await person.send(f"/d/{deliberation.id}/rating", {"rating": value})
    page = await _wall(admin, deliberation.id)
    assert deliberation.statement in page
    assert 'aria-current="step">Vote' in page
    for word in ("On average", "redicted", "<figure"):
        assert word not in page
    await dispatch(CloseRating(Actor("web", "asker"), deliberation.id), house.ports)
    await house.work()
    page = await _wall(admin, deliberation.id)
    assert "<strong>2 of 3</strong> agree" in page
    assert 'aria-current="step">Result' in page


async def test_members_do_not_present(house: House) -> None:
    deliberation = await house.ask()
    visitor = await house.visitor(deliberation)
    await visitor.open(f"/d/{deliberation.id}/present")
    assert visitor.status == 403
