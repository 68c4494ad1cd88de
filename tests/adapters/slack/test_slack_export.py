"""A question's data as files: private, whole, of the question that was meant, and as text where need be."""

import csv
import io
import json

from tests.slack_house import SlackHouse, card
from tests.slack_server import User
from tests.slack_server.methods_files import Upload

EVIL = "=cmd|'/c calc'!A0 <!channel> ```end"


def files_of(house: SlackHouse, user: User) -> list[Upload]:
    """What lies in somebody's direct messages with the app."""
    return [house.slack.uploads[id_] for message in user.dms for id_ in message.files]


async def test_an_export_is_two_whole_files_that_only_the_asker_gets(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        d = await house.ask(ann, room, identity="named")
        await house.opine(ben, card(room), EVIL)
        await ann.command("/accord export", room)
        await ann.is_told("export is in your direct messages")

    data, table = files_of(house, ann)
    assert (data.name, table.name) == (f"accord-{d.id}.json", f"accord-{d.id}.csv")
    assert [o["text"] for o in json.loads(data.content or b"")["opinions"]] == [EVIL]
    rows = list(csv.DictReader(io.StringIO((table.content or b"").decode("utf-8-sig"))))
    assert [row["opinion"] for row in rows] == [f"'{EVIL}"]
    assert not files_of(house, ben)
    assert not any(message.files for message in room.shown)
    assert all(EVIL not in message.shown and not message.pings for message in ann.dms)


async def test_without_the_permission_it_comes_as_text_and_says_what_to_add(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    for token in house.slack.state.tokens.values():
        token.scopes.discard("files:write")
    async with house.gateway():
        await house.ask(ann, room, identity="named")
        await house.opine(ben, card(room), "My words")
        await ann.command("/accord export", room)
        await ann.is_told("add files:write")

    assert not files_of(house, ann)
    assert any("My words" in message.shown for message in ann.dms)


async def test_with_several_questions_it_is_asked_which(house: SlackHouse) -> None:
    ann, ben = house.people(2)
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        first = await house.ask(ann, room, "First?")
        await house.ask(ben, room, "Ben's?")
        await house.ask(ann, room, "Second?")
        await ann.command("/accord export", room)
        asked = await ann.is_told("Which question do you mean?")
        assert "Ben's?" not in asked.shown
        assert not files_of(house, ann)
        _, element = asked.block("export_question")
        assert element["value"] != first.id
        buttons = [block["accessory"] for block in asked.blocks if "accessory" in block]
        assert [each["value"] for each in buttons][-1] == first.id
        element["value"] = first.id
        await ann.click(asked, "export_question")
        await ann.is_told("export is in your direct messages")
        # Whoever forges the click of another's question gets nothing.
        element["value"] = (await house.deliberations.of_team(ann.team.id))[1].id
        ann.team.ephemerals.clear()
        await ann.click(asked, "export_question")
        await ann.is_told("Only the person who asked")

    assert [each.name for each in files_of(house, ann)] == [
        f"accord-{first.id}.json",
        f"accord-{first.id}.csv",
    ]


async def test_an_upload_that_fails_is_told_and_leaves_no_half_file(house: SlackHouse) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await house.ask(ann, room)
        house.slack.faults.fail("files.completeUploadExternal", "file_not_found")
        await ann.command("/accord export", room)
        await ann.is_told("Slack refused this (file_not_found)")
        assert not files_of(house, ann)
        listed = await ann.command("/accord list", room)
        assert listed.acked
        await ann.click(await ann.is_told("Should we ban"), "manage")
        await ann.click(await ann.sees_modal("manage_view"), "do:export")
        await house.slack.until(lambda: ann.view and "direct messages" in ann.view.shown)

    assert len(files_of(house, ann)) == 2
