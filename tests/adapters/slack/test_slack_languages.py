"""Who reads what in which language: one's own in windows and messages, the team's on cards."""

from datetime import timedelta

from bot.domain.deliberation import Step
from bot.domain.team import Team
from bot.worker.steps import Worker, run_step
from tests.slack_house import SlackHouse, card


async def test_each_reads_their_own_language_and_everybody_the_teams(house: SlackHouse) -> None:
    ann, ben = house.slack.user("ann", locale="en-GB"), house.slack.user("ben", locale="de-DE")
    room = house.slack.channel("general", ann, ben)
    await house.teams.save_team(Team(id=ann.team.id, language="fr"))
    async with house.gateway():
        d = await house.ask(ann, room)
        await ben.click(card(room), "share_opinion")
        empty = await ben.submit(await ben.sees_modal("opinion"), {"opinion": " \n "})
        await ann.click(card(room), "share_opinion")
        alike = await ann.submit(await ann.sees_modal("opinion"), {"opinion": " \n "})
        now = house.ports.clock.now()
        near = {"created_at": now - timedelta(days=1), "closes_at": now + timedelta(minutes=30)}
        await house.deliberations.save((await house.load(d)).model_copy(update=near))
        await run_step(Step.REMIND, d.id, Worker(house.ports, house.mediator, pause_s=0))

    assert "Deine Meinung ist leer." in str(empty.errors)
    assert "Your opinion is empty." in str(alike.errors)
    assert "Trouvons un accord" in card(room).shown
    assert "Du hast noch nicht geantwortet" in ben.dms[-1].shown
    assert "You have not answered yet" in ann.dms[-1].shown
