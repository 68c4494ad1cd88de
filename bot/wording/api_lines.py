"""What people read about other software that takes part: before they write in it, and where admins let it in.

Reads:  a token's name and scopes.
Gives:  titles and sentences. What developers read is in the API's own description.
"""

from bot.domain.api_tokens import Scope
from bot.wording import texts
from bot.wording.confirmations import Confirmation
from bot.wording.language import N_, _

TITLE = N_("Software")
TOO_MANY_TOKENS = N_("There are {limit} tokens already. Revoke one first.")
NO_SUCH_TOKEN = N_("There is no such token. It may have been revoked.")
MADE_ALREADY = N_(
    "This token was made already, and its secret was shown then. Renew it if you don't have it."
)
REVOKED = N_("Token revoked. Software that has it is no longer let in.")
REVOKING = Confirmation(
    N_("Revoke this token?"),
    N_(
        "Software that has it is no longer let in, and its people can't change or delete what they gave. "
        "That stays for as long as its questions are kept. Keep the token's ID: with it you can delete what "
        "one of them gave. To give the software another secret, renew the token."
    ),
    N_("Revoke"),
)
RENEWING = Confirmation(
    N_("Renew this token?"),
    N_(
        "Its present secret stops working at once, and the token works for as long again. What its people "
        "gave stays theirs."
    ),
    N_("Renew"),
)
ONLY_WEB = N_(
    "Tokens are for questions on the web only: in Slack and Discord, Accord would name or write to people "
    "who aren't members there."
)
FORGET_TITLE = N_("Forget a person")
FORGET_WHEN = N_(
    "Use this when somebody asks to be forgotten and their software can't do it, because its token was "
    "revoked or has expired."
)
FORGET_SURE = N_("Delete everything that this person gave through this software. It can't be undone.")
FORGET_BUTTON = N_("Delete everything of theirs")
FORGOTTEN = N_("Whatever this person gave through this software is deleted.")
NOT_LET_IN = N_(
    "Only people with a link can take part in this question. The person who runs it can let in anyone with "
    "the link; then software can, too."
)
# By the scope: what it lets software do.
SCOPE_WORDS = {
    Scope.READ: N_("See questions"),
    Scope.WRITE: N_("Ask questions, and run its own"),
    Scope.MANAGE: N_("Run all questions, as an admin does"),
    Scope.TAKE_PART: N_("Take part for its own people"),
    Scope.RESULTS: N_("Read statements and results"),
    Scope.EXPORTS: N_("Export questions, as an admin does"),
    Scope.READ_LIBRARY: N_("See templates and schedules"),
    Scope.WRITE_LIBRARY: N_("Change templates and schedules"),
}


def forgetting() -> Confirmation:
    """One of the software's people, in the words of the page for that."""
    return Confirmation(
        str(texts.FORGET_TITLE), f"{texts.FORGET_GOES} {texts.FORGET_FINAL}", str(texts.FORGET_BUTTON)
    )


def passed_on(software: str) -> str:
    """Who else has what is written in other software; said before it is."""
    return _(
        "What you write reaches Accord through “{software}”. The people who run that software can see who "
        "wrote what."
    ).format(software=software)
