"""A result is one message with a picture, which shows nothing that may not be shown."""

from tests.promises.places import QUESTION, ChatPlace

OPINIONS = ("Yes, all of them.", "Not yet.", "Maybe later.", "Ban the worst.")
PNG = b"\x89PNG"


async def test_question_statement_and_result_are_one_message_with_a_picture(chat: ChatPlace) -> None:
    await chat.ask()
    await chat.answered(*OPINIONS)
    assert chat.pictures() == []
    await chat.rated(2, 7, 3, 7)
    told = [message for message in map(chat.plain, chat.posted()) if "Mean 4.8 of 7" in message]
    assert len(told) == 1
    assert QUESTION in told[0]
    assert ((await chat.load()).statement or "-") in told[0]
    # Columns of one width, under each other.
    assert "7 ████████ 2 Strongly agree\n6 ░░░░░░░░ 0 Agree\n" in told[0]
    ((content, words),) = chat.pictures()
    assert content.startswith(PNG)
    assert words == (
        "Bar chart of the ratings from 1 to 7: "
        "0 gave 1, 1 gave 2, 1 gave 3, 0 gave 4, 0 gave 5, 0 gave 6, 2 gave 7."
    )


async def test_fewer_than_three_private_ratings_have_no_picture(chat: ChatPlace) -> None:
    await chat.ask()
    await chat.answered(*OPINIONS)
    await chat.rated(2, 7)
    assert any("2 ratings." in message for message in chat.posted())
    assert chat.pictures() == []
    assert not any("█" in message for message in chat.posted())
