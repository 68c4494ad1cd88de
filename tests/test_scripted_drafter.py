"""The scripted drafter plays what it is given."""

import pytest

from engine.errors import GenerationError, GeneratorUnavailableError
from engine.types import Brief
from tests.scripted_drafter import Line, ScriptedGenerator

BRIEFS = [Brief(index, "Q?", ("Yes.",), seed=index) for index in range(3)]


async def test_the_script_is_played_in_order_one_part_for_each_brief():
    generator = ScriptedGenerator(
        ["One.", Line("Two", finish_reason="length"), Line("Three.", after_s=0.001), "Four."]
    )

    drafts = [draft async for draft in generator.draft(BRIEFS)]

    assert [(draft.brief.index, draft.text, draft.finish_reason) for draft in drafts] == [
        (0, "One.", "stop"),
        (1, "Two", "length"),
        (2, "Three.", "stop"),
    ]


async def test_a_brief_that_the_script_fails_or_does_not_reach_is_left_out():
    drafts = [draft async for draft in ScriptedGenerator([None, "Two."]).draft(BRIEFS)]

    assert [draft.brief.index for draft in drafts] == [1]


async def test_a_scripted_error_is_raised_where_it_stands():
    drafts = ScriptedGenerator(["One.", GeneratorUnavailableError("overloaded")]).draft(BRIEFS)

    assert (await anext(drafts)).text == "One."
    with pytest.raises(GenerationError, match="overloaded"):
        await anext(drafts)
