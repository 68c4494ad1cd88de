"""Changing a question's words, in a window.

Reads:  the window once it is submitted.
Gives:  the window, and what came of it. What may be changed, `bot.chat.rewording` knows.
"""

from adapters.slack import payloads
from adapters.slack.inbound import Ack, InteractionContext, View, sentence
from adapters.slack.payloads import Body, Submission, Who
from adapters.slack.views import modals
from bot.chat import rewording
from bot.chat.tasks import in_time
from bot.domain.errors import BotError
from bot.service.reply import Reply
from bot.wording import answers, buttons


class Rewording:
    """One for a process."""

    def __init__(self, shared: InteractionContext) -> None:
        self._shared = shared

    async def view(self, who: Who, id_: str) -> View:
        """The window. Raises DomainError for whoever may not change it, or not any more."""
        actor = await self._shared.actor(who)
        return modals.change_view(await rewording.opened(actor, id_, self._shared.ports))

    async def submitted(self, ack: Ack, body: Body) -> None:
        """The window was submitted."""
        submitted = payloads.submission(body)
        changed = self._shared.tasks.start(self._change(submitted))
        if not await in_time(changed):
            saving = modals.notice_view(answers.STILL_CHANGING, buttons.CHANGE_QUESTION)
            await ack(response_action="update", view=saving)
            await self._shared.came_of(submitted, await changed, buttons.CHANGE_QUESTION)
            return
        reply = changed.result()
        if reply.ok:
            view = modals.notice_view(reply.text, buttons.CHANGE_QUESTION)
            await ack(response_action="update", view=view)
        else:
            await ack(response_action="errors", errors={"question": reply.text})

    async def _change(self, submitted: Submission) -> Reply:
        about = submitted.about
        try:
            actor = await self._shared.actor(submitted.who)
        except BotError as exc:
            return Reply(sentence(exc), ok=False)
        edition = str(about.get("edition", ""))
        return await rewording.change(
            actor, str(about.get("id", "")), edition, submitted.typed, self._shared.ports
        )
