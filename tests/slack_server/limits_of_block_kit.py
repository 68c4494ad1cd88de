"""Block Kit's documented limits, as data.

Gives:  the numbers, to `block_kit.py` and to tests that build something exactly as long as is allowed.
Source: docs.slack.dev/reference/block-kit (blocks, block elements, composition objects) and /reference/views.
"""

from typing import Final

BLOCKS_PER_MESSAGE: Final = 50
BLOCKS_PER_VIEW: Final = 100
# Not documented: found by Slack's users (slackapi/bolt-js#2509); beyond it Slack answers msg_blocks_too_long.
MESSAGE_BLOCKS_TEXT: Final = 13_200
MESSAGE_TEXT: Final = 40_000
VIEW_BYTES: Final = 250_000

SECTION_TEXT: Final = 3_000
SECTION_FIELDS: Final = 10
SECTION_FIELD_TEXT: Final = 2_000
HEADER_TEXT: Final = 150
CONTEXT_ELEMENTS: Final = 10
CONTEXT_TEXT: Final = 3_000
ACTIONS_ELEMENTS: Final = 25
IMAGE_URL: Final = 3_000
IMAGE_ALT: Final = 2_000
IMAGE_TITLE: Final = 2_000
MARKDOWN_TEXT: Final = 12_000
INPUT_LABEL: Final = 2_000
INPUT_HINT: Final = 2_000

BLOCK_ID: Final = 255
ACTION_ID: Final = 255
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000
BUTTON_URL: Final = 3_000
BUTTON_LABEL: Final = 75
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTION_DESCRIPTION: Final = 75
OPTION_GROUP_LABEL: Final = 75
SELECT_OPTIONS: Final = 100
SELECT_GROUPS: Final = 100
RADIO_OPTIONS: Final = 10
CHECKBOX_OPTIONS: Final = 10
OVERFLOW_OPTIONS: Final = 5
PLACEHOLDER: Final = 150
PLAIN_TEXT_INPUT: Final = 3_000
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30

VIEW_TITLE: Final = 24
PRIVATE_METADATA: Final = 3_000
CALLBACK_ID: Final = 255
EXTERNAL_ID: Final = 255
METADATA_EVENT_TYPE: Final = 255
