"""A button that this version does not know: of an older version, or of nobody's making."""

from bot.domain.errors import QuestionError
from bot.wording import answers


class OldButtonError(QuestionError):
    """Nothing was done. The sentence names a command, in backticks."""

    def __init__(self) -> None:
        super().__init__(answers.OLD_BUTTON)
