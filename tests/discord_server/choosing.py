"""What people type and pick in commands, selects and modals, and how Discord writes it down.

Reads:  definitions of commands and components, and what a test's member types or picks.
Gives:  options, values and resolved data of interactions.
Raises: CannotDoError for what Discord's client would not let anybody do.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.discord_server import posting
from tests.discord_server.check_commands import ATTACHMENT, CHAT, GROUP, INTEGER, NUMBER, STRING, SUBCOMMAND
from tests.discord_server.check_components import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT_INPUT,
    UPLOAD,
)
from tests.discord_server.errors import CannotDoError
from tests.discord_server.rest import Upload
from tests.discord_server.state import Channel, Json, Role

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer

Names = tuple[str, ...]


# Commands.


def find_command(commands: list[Json], words: str, locale: str) -> tuple[Json, list[Json], list[Json]]:
    """The command that words name (`/accord ask`, or `ask` where that is clear), in a language.

    Returns:
        The command, the subcommands on the way, and the options of the last of them.
    """
    wanted = tuple(words.removeprefix("/").split())
    known = [found for command in commands if command["type"] == CHAT for found in _paths(command, locale)]
    exact = [found for names, *found in known if wanted in names]
    ending = [found for names, *found in known if any(n[-len(wanted) :] == wanted for n in names)]
    if len(exact or ending) != 1:
        raise CannotDoError(f"there is no one command /{' '.join(wanted)}, but {[n for n, *_ in known]}")
    command, way, options = (exact or ending)[0]
    return command, way, options


def _paths(command: Json, locale: str) -> Iterator[tuple[list[Names], Json, list[Json], list[Json]]]:
    """Every way to call a command: its names (also as localised), itself, the subcommands, the options."""

    def deeper(
        names: list[Names], way: list[Json], options: list[Json]
    ) -> Iterator[tuple[list[Names], Json, list[Json], list[Json]]]:
        inner = [option for option in options if option["type"] in (SUBCOMMAND, GROUP)]
        if not inner:
            yield names, command, way, options
        for option in inner:
            longer = [(*name, end) for name in names for end in _names(option, locale)]
            yield from deeper(longer, [*way, option], option.get("options") or [])

    yield from deeper([(name,) for name in _names(command, locale)], [], command.get("options") or [])


def _names(each: Json, locale: str) -> list[str]:
    return list(
        dict.fromkeys([each["name"], (each.get("name_localizations") or {}).get(locale, each["name"])])
    )


def command_data(
    server: "DiscordServer", channel: Channel, command: Json, way: list[Json], options: list[Json]
) -> Json:
    """The data of a command interaction with these filled options."""
    for step in reversed(way):
        options = [{"type": step["type"], "name": step["name"], "options": options}]
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "options": options}
    return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


class Picker:
    """Writes values down, and collects what they refer to as resolved data."""

    def __init__(self, server: "DiscordServer", channel: Channel, viewer: int) -> None:
        self.server, self.channel, self.viewer = server, channel, viewer
        self.resolved: Json = {}

    def options(self, defined: list[Json], given: dict[str, Any]) -> list[Json]:
        """The options of a command that somebody filled."""
        known = {option["name"]: option for option in defined}
        wanted = {_spelt(name, known): value for name, value in given.items() if value is not None}
        missing = [name for name, option in known.items() if option.get("required") and name not in wanted]
        if missing:
            raise CannotDoError(f"the options {missing} are required")
        return [self.option(known[name], wanted[name]) for name in known if name in wanted]

    def option(self, option: Json, value: Any) -> Json:
        """One option with its value."""
        kind = option["type"]
        told: Json = {"name": option["name"], "type": kind}
        if kind == ATTACHMENT:
            return told | {"value": self.upload(value)}
        if kind in (6, 7, 8, 9):
            return told | {"value": self.refer(value)}
        if option.get("choices"):
            return told | {"value": _chosen(option["choices"], value, "name")}
        _check_value(option, kind, value)
        return told | {"value": value}

    def refer(self, value: Any) -> str:
        """A member, a role or a channel, as its id."""
        if isinstance(value, Role):
            self._resolve("roles", value.id, self.server.wire.role(value))
            return str(value.id)
        if isinstance(value, Channel):
            self._resolve("channels", value.id, self.server.wire.resolved_channel(value, self.viewer))
            return str(value.id)
        self._resolve("users", value.id, self.server.wire.user(value.person))
        member = self.channel.guild.members.get(value.id) if self.channel.guild else None
        if member is not None:
            told = self.server.wire.acting_member(member, self.channel)
            told.pop("user")
            self._resolve("members", value.id, told)
        return str(value.id)

    def upload(self, value: Upload) -> str:
        """A file, as the id of an attachment."""
        made = posting.attach(self.server, self.channel, value)
        self._resolve("attachments", made.id, self.server.wire.attachment(made, ephemeral=True))
        return str(made.id)

    def _resolve(self, kind: str, id_: int, told: Json) -> None:
        self.resolved.setdefault(kind, {})[str(id_)] = told

    # Components.

    def values(self, select: Json, given: list[Any]) -> list[str]:
        """What was picked in a select, of options or of people, roles and channels."""
        least, limit = select.get("min_values", 1), select.get("max_values", 1)
        least = 1 if least is None else least
        if not least <= len(given) <= (limit or 1):
            raise CannotDoError(f"pick {least} to {limit} in {select['custom_id']}, not {len(given)}")
        if select["type"] != STRING_SELECT:
            if unoffered := [each for each in given if not _is_offered(select, each)]:
                raise CannotDoError(f"{select['custom_id']} does not offer {unoffered}")
            return [self.refer(value) for value in given]
        return [_chosen(select["options"], value, "label") for value in given]

    def fields(self, parts: list[Json], typed: dict[str, Any]) -> list[Json]:
        """The components of a modal as they are submitted.

        Args:
            typed: what was filled in, by custom id or by label; the rest stays as it was shown.
        """
        left = dict(typed)
        told = [self._part(part, left) for part in parts]
        if left:
            raise CannotDoError(f"the modal has no fields {list(left)}")
        return told

    def _part(self, part: Json, left: dict[str, Any]) -> Json:
        numbered = {"type": part["type"], "id": part.get("id", 0)}
        if part["type"] == ROW:
            inner = part["components"][0]
            return numbered | {"components": [self._field(inner, inner["label"], left)]}
        if part["type"] == LABEL:
            return numbered | {"component": self._field(part["component"], part["label"], left)}
        return numbered

    def _field(self, field: Json, label: str, left: dict[str, Any]) -> Json:
        name = next((name for name in (field["custom_id"], label) if name in left), None)
        told: Json = {"type": field["type"], "id": field.get("id", 0), "custom_id": field["custom_id"]}
        untouched = name is None
        given = None if name is None else left.pop(name)
        kind = field["type"]
        if kind == TEXT_INPUT:
            return told | {"value": _typed(field, field.get("value") if untouched else given)}
        if kind == CHECKBOX:
            return told | {"value": bool(field.get("default") if untouched else given)}
        picked = _defaults(field) if untouched else given if isinstance(given, list | tuple) else [given]
        return told | self._picked(field, [value for value in picked if value is not None])

    def _picked(self, field: Json, picked: list[Any]) -> Json:
        required = field.get("required", True)
        if not picked:
            if required and field.get("min_values", 1) != 0:
                raise CannotDoError(f"{field['custom_id']} is required")
            return {"value": None} if field["type"] == RADIO else {"values": []}
        if field["type"] == UPLOAD:
            return {"values": [self.upload(value) for value in picked]}
        if field["type"] == RADIO:
            return {"value": _chosen(field["options"], picked[0], "label")}
        if field["type"] == CHECKBOXES:
            return {"values": [_chosen(field["options"], value, "label") for value in picked]}
        assert field["type"] in SELECTS
        return {"values": self.values(field, picked)}


def _spelt(name: str, known: dict[str, Json]) -> str:
    """An option's name as the application gave it; `_` stands for `-` in Python."""
    for spelling in (name, name.replace("_", "-"), name.rstrip("_")):
        if spelling in known:
            return spelling
    raise CannotDoError(f"there is no option {name!r}, but {list(known)}")


def _is_offered(select: Json, value: Any) -> bool:
    """Channels are offered by their type."""
    kinds = select.get("channel_types") or []
    return not kinds or not isinstance(value, Channel) or value.type in kinds


def _chosen(choices: list[Json], value: Any, shown: str) -> Any:
    """The value of a choice that is meant by its value or by its name."""
    for choice in choices:
        if value in (choice["value"], choice[shown]):
            return choice["value"]
    raise CannotDoError(f"{value!r} is not among {[choice[shown] for choice in choices]}")


def _check_value(option: Json, kind: int, value: Any) -> None:
    wanted = {STRING: str, INTEGER: int, 5: bool, NUMBER: (int, float)}[kind]
    if not isinstance(value, wanted) or (kind in (INTEGER, NUMBER) and isinstance(value, bool)):
        raise CannotDoError(f"{option['name']} takes another kind of value than {value!r}")
    size = len(value) if kind == STRING else value
    least, most = ("min_length", "max_length") if kind == STRING else ("min_value", "max_value")
    too_small = option.get(least) is not None and size < option[least]
    if too_small or (option.get(most) is not None and size > option[most]):
        raise CannotDoError(f"{option['name']}: {size} is out of range")


def _typed(field: Json, given: Any) -> str:
    text = given or ""
    if not text and field.get("required", True):
        raise CannotDoError(f"{field['custom_id']} is required")
    if len(text) > (field.get("max_length") or 4_000) or (
        text and len(text) < (field.get("min_length") or 0)
    ):
        raise CannotDoError(f"{field['custom_id']} does not take {len(text)} characters")
    return str(text)


def _defaults(field: Json) -> list[Any]:
    """What is picked in a field before anybody touches it."""
    return [option["value"] for option in field.get("options") or [] if option.get("default")]
