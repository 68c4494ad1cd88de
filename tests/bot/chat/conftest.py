"""The same room as for the service: what chat does alike is done over its ports."""

from tests.bot.service.conftest import nothing_that_people_wrote_is_logged, room

__all__ = ["nothing_that_people_wrote_is_logged", "room"]
