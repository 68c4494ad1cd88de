"""Refusals as Discord words them.

Gives:  `ApiError` with status, code and message; `Mistakes`, which grows the tree of errors of code 50035.
Source: docs.discord.com/developers/topics/opcodes-and-status-codes and /reference#error-messages.
"""

from typing import Any

from tests.discord_server.state import Json


class CannotDoError(AssertionError):
    """The test's member tried what Discord's client does not offer."""


class ApiError(Exception):
    """A refusal: HTTP status, Discord's code and sentence, and what else the body and headers carry."""

    def __init__(
        self, status: int, code: int, message: str, *, headers: dict[str, str] | None = None, **more: Any
    ):
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.body: Json = {"message": message, "code": code, **more}


MESSAGES = {
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10011: "Unknown Role",
    10013: "Unknown User",
    10014: "Unknown Emoji",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    10102: "Unknown Poll Answer",
    30010: "Maximum number of reactions reached (20)",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    50001: "Missing Access",
    50003: "Cannot execute action on a DM channel",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    50083: "Tried to perform an operation on an archived thread",
    50109: "The request body contains invalid JSON.",
    160002: "Cannot reply without permission to read message history",
    160004: "A thread has already been created for this message",
    160005: "Thread is locked",
    520001: "Poll expired",
    520003: "Cannot edit a poll message",
    520006: "Cannot expire a non-poll message",
}
_FORBIDDEN = frozenset({50001, 50003, 50005, 50007, 50013, 160002})


def refused(code: int, **more: Any) -> ApiError:
    """The refusal with a code, with the status that Discord gives it."""
    status = 403 if code in _FORBIDDEN else 404 if 10000 <= code < 20000 else 400
    status = {10014: 400, 50027: 401, 40005: 413}.get(code, status)
    return ApiError(status, code, MESSAGES[code], **more)


UNAUTHORIZED = (401, 0, "401: Unauthorized")
NOT_FOUND = (404, 0, "404: Not Found")

Path = tuple[str | int, ...]


class Mistakes:
    """What is wrong with a body, field by field; `check` refuses the body if anything is."""

    def __init__(self) -> None:
        self.tree: Json = {}

    def add(self, path: Path, code: str, message: str) -> None:
        """Note a mistake at a place."""
        node = self.tree
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def check(self) -> None:
        """Raise code 50035 with the whole tree, if there is any mistake."""
        if self.tree:
            raise refused(50035, errors=self.tree)

    def text(self, path: Path, value: Any, most: int, *, least: int = 0, required: bool = False) -> None:
        """A string of so many characters, counted as Python does."""
        if value is None:
            if required:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        elif required and not value:
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not least <= len(value) <= most:
            self.length(path, least, most)

    def length(self, path: Path, least: int, most: int) -> None:
        """Note a wrong length."""
        if least:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def number(self, path: Path, value: Any, least: float, most: float) -> None:
        """A number in a range, or nothing."""
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < least:
            self.add(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif value > most:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")

    def choice(self, path: Path, value: Any, allowed: Any) -> None:
        """One of the allowed values."""
        if value not in allowed:
            listed = ", ".join(str(each) for each in sorted(allowed))
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")

    def count(self, path: Path, values: Any, least: int, most: int) -> list[Any]:
        """A list of so many entries; gives it, empty when it is none."""
        if not isinstance(values, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not least <= len(values) <= most:
            self.length(path, least, most)
        return values
