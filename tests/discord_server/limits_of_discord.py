"""Discord's documented limits, as data.

Gives:  the numbers, to the checks and to tests that build something exactly as long as is allowed.
Source: docs.discord.com/developers (resources/message, components/reference, resources/poll,
        interactions/application-commands, resources/channel).
"""

from typing import Final

CONTENT: Final = 2_000
NONCE: Final = 25
MENTIONS: Final = 100
ATTACHMENTS: Final = 10
ATTACHMENT_BYTES: Final = 10 * 1024**2
REACTIONS: Final = 20

EMBEDS: Final = 10
EMBED_TITLE: Final = 256
EMBED_DESCRIPTION: Final = 4_096
EMBED_FIELDS: Final = 25
EMBED_FIELD_NAME: Final = 256
EMBED_FIELD_VALUE: Final = 1_024
EMBED_FOOTER: Final = 2_048
EMBED_AUTHOR: Final = 256
EMBED_TOTAL: Final = 6_000

ROWS: Final = 5
BUTTONS_PER_ROW: Final = 5
CUSTOM_ID: Final = 100
BUTTON_LABEL: Final = 80
URL: Final = 512
SELECT_OPTIONS: Final = 25
OPTION_TEXT: Final = 100
PLACEHOLDER: Final = 150
LAYOUT_COMPONENTS: Final = 40
LAYOUT_TEXT: Final = 4_000

MODAL_TITLE: Final = 45
MODAL_COMPONENTS: Final = 5
LABEL: Final = 45
LABEL_DESCRIPTION: Final = 100
TEXT_INPUT: Final = 4_000
TEXT_INPUT_PLACEHOLDER: Final = 100
RADIO_OPTIONS: Final = 10
UPLOADS: Final = 10

POLL_QUESTION: Final = 300
POLL_ANSWERS: Final = 10
POLL_ANSWER: Final = 55
POLL_HOURS: Final = 32 * 24

COMMANDS: Final = 100
CONTEXT_COMMANDS: Final = 15
COMMAND_NAME: Final = 32
COMMAND_DESCRIPTION: Final = 100
COMMAND_OPTIONS: Final = 25
CHOICES: Final = 25
CHOICE: Final = 100
COMMAND_TOTAL: Final = 8_000
STRING_OPTION: Final = 6_000

THREAD_NAME: Final = 100
PAGE: Final = 100
