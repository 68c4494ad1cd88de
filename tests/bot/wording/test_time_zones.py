"""Time zones as people write them."""

from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import DeadlineError
from bot.wording import time_zones


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" Berlin ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("PST", "America/Los_Angeles"),
        ("EST", "America/New_York"),
        ("Pacific time", "America/Los_Angeles"),
        ("utc", "UTC"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_known_by_the_names_that_people_use(typed, zone):
    assert time_zones.known_zone(typed) == zone
    assert ZoneInfo(zone).key == zone


@pytest.mark.parametrize("typed", ["Mars/Base", "", "somewhere", "../../etc/passwd", "Europe/", "+25:00"])
def test_a_zone_that_there_is_not_is_refused_with_an_example(typed):
    with pytest.raises(
        DeadlineError, match=r"^I don't know that time zone\. Write it like “Europe/Berlin” or"
    ):
        time_zones.known_zone(typed)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../../etc/passwd"])
def test_a_zone_that_was_kept_and_is_none_is_read_as_utc(name):
    assert time_zones.zone_or_utc(name) == ZoneInfo("UTC")
