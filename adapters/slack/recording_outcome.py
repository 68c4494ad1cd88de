"""Recording what was decided, in a window.

Reads:  the buttons that open it, on cards, in lists and in messages, and what was submitted.
Gives:  the window, and what came of it. What may be recorded, `bot.chat.recording_outcome` knows.
"""

from adapters.slack import payloads
from adapters.slack.inbound import Ack, InteractionContext, Respond, View, sentence
from adapters.slack.payloads import Body, Submission, Who
from adapters.slack.views import modals
from bot.chat import recording_outcome
from bot.chat.recording_outcome import Recorded
from bot.chat.tasks import in_time
from bot.domain.errors import BotError
from bot.service.reply import Reply
from bot.wording import answers, buttons


class Deciding:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    async def clicked(self, ack: Ack, body: Body, respond: Respond) -> None:
        """A button that opens the window."""
        await ack()
        click = payloads.click(body)
        await self._shared.open(click.who, click.trigger, self.view(click.who, click.value), respond=respond)

    async def view(self, who: Who, id_: str) -> View:
        """The window. Raises DomainError for whoever may not record anything there, or not now."""
        actor = await self._shared.actor(who)
        return modals.outcome_view(await recording_outcome.opened(actor, id_, self._shared.ports))

    async def submitted(self, ack: Ack, body: Body) -> None:
        """The window was submitted."""
        submitted = payloads.submission(body)
        recorded = self._shared.tasks.start(self._record(submitted))
        if not await in_time(recorded):
            saving = modals.notice_view(answers.STILL_CHANGING, buttons.OUTCOME)
            await ack(response_action="update", view=saving)
            await self._shared.came_of(submitted, (await recorded).reply, buttons.OUTCOME)
            return
        came = recorded.result()
        if came.reply.ok:
            await ack(response_action="update", view=modals.notice_view(came.reply.text, buttons.OUTCOME))
        else:
            await ack(response_action="errors", errors=came.errors or {"decided": came.reply.text})

    async def _record(self, submitted: Submission) -> Recorded:
        shared, who = self._shared, submitted.who
        try:
            person = await shared.people.person(who.team, who.user)
            return await recording_outcome.record(
                await shared.actor(who),
                str(submitted.about.get("id", "")),
                submitted.typed,
                shared.ports,
                at=await shared.at(f"outcome {who.team} {who.user} {submitted.trigger}"),
                zone=person.zone,
                locale=person.locale,
            )
        except BotError as exc:
            return Recorded(Reply(sentence(exc), ok=False))
