"""What is left of a model's reply: the statement in plain text, and nothing of what surrounds it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.drafting.parsing.screening import Screen
from engine.drafting.parsing.statements import statement
from engine.evaluation.corpus.reading import SHIPPED_CORPUS, read_corpus
from engine.types import Brief, Draft

SAID = "We should ban most single-use plastics, with exceptions for those who need them."

WRAPPED = {
    "bare": SAID,
    "space": f"  \n{SAID}\n\n",
    "quotes": f'"{SAID}"',
    "curly-quotes": f"“{SAID}”",
    "german-quotes": f"„{SAID}“",
    "label": f"Consensus statement: {SAID}",
    "bold-label": f"**Consensus Statement:** {SAID}",
    "label-and-count": f"Consensus statement (13 words): “{SAID}”",
    "german-label": f"Konsenserklärung: {SAID}",
    "chinese-label": f"**共识声明：** {SAID}",
    "label-line": f"Final consensus view:\n\n{SAID}",
    "heading": f"## Consensus Statement\n{SAID}",
    "bold-heading": f"**Our Consensus**\n\n{SAID}",
    "greeting": f"Sure, here is the consensus statement you asked for:\n\n{SAID}",
    "greeting-in-line": f'Here\'s a consensus statement: "{SAID}"',
    "eager": f"Certainly! {SAID}",
    "introduction": f"Die Gruppe ist sich einig:\n\n{SAID}",
    "fence": f"```text\n{SAID}\n```",
    "emphasis": "We should ban **most** single-use plastics, with *exceptions* for those who need __them__.",
    "quote-block": f"> {SAID}",
    "lines": SAID.replace(" with ", "\nwith "),
    "windows-lines": f"Here is the statement:\r\n\r\n{SAID}\r\n",
    "remark": f"{SAID}\n\nThis statement reflects the views of all participants.",
    "offer": f"{SAID}\n\nLet me know if you would like a shorter version!",
    "note": f"{SAID}\n\n**Note:** the count of words is 13.",
    "count": f"{SAID} (13 words)",
    "count-line": f"{SAID}\n\n(Word count: 13)",
    "thinking": f"<think>They want a ban.\n\nSo I write one.</think>\n\n{SAID}",
    "thinking-opened-by-the-template": f"They want a ban.</think>{SAID}",
    "thinking-twice": f"<think>a</think><thinking>b</thinking>{SAID}<think>was that good?",
    "channels": "<|channel|>analysis<|message|>Ban?<|end|><|start|>assistant"
    f"<|channel|>final<|message|>{SAID}",
    "next-question": f"{SAID}\n\nQuestion: Should we eat less meat?\n\nOpinion: Yes.",
    "next-opinion": f"{SAID}\nOpinion 4: No.",
    "next-critique": f"{SAID}\n\nCritique: Too harsh.",
    "stop-sequence": f"{SAID}\nQuestion:",
    "turn-end": f"{SAID}<|im_end|>\n<|im_start|>user\nThanks",
    "unseen": f"\ufeff{SAID}\x00\u202e",
    "rule": f"---\n{SAID}\n---",
    "answer-tag": f"<answer>{SAID}</answer>",
    "answer-tag-after-thoughts": f"They want a ban.\n\n<Answer>\n{SAID}\n</Answer>\nThat is all.",
    "statement-tag": f"<statement>\n{SAID}\n</statement>",
    "tag-left-open": f"<answer>{SAID}",
    "json": json.dumps({"statement": SAID}),
    "json-in-a-fence": f'```json\n{{\n  "consensus_statement": "{SAID}",\n  "words": 13\n}}\n```',
    "json-that-is-cut-off": f'{{"statement": "{SAID}", "reason',
    "boxed": f"\\boxed{{{SAID}}}",
    "boxed-text": f"$\\boxed{{\\text{{{SAID}}}}}$",
    "tag-and-json": f'<answer>{{"answer": "{SAID}"}}</answer>',
    "greeting-about-the-opinions": f"Based on the opinions above, the group's consensus view is: {SAID}",
    "eager-thing": f"Sure thing! Here's the consensus statement: {SAID}",
    "thanks": f"Certainly! Below is the consensus:\n{SAID}",
    "reasoning-before-a-label": f"Reasoning: most want a ban.\n\n**Consensus statement:** {SAID}",
}

NOTHING = {
    "empty": "",
    "blank": " \n ",
    "unclosed-thinking": "<think>They want a ban, but the others",
    "only-thinking": "<think>They want a ban.</think>",
    "unfinished-channel": "<|channel|>analysis<|message|>They want a ban",
    "another-question": "Question: Should we eat less meat?",
    "token": "<|im_end|>",
    "fence": "```\n```",
    "empty-json": '{"statement": ""}',
}

KEPT = {
    "two-paragraphs": "We agree on a ban.\n\nWe disagree on its date.",
    "inner-quotes": '"Ban it" is what most of us say, and "tax it" the others.',
    "colon": "We agree on three things: a date, a fund and exceptions.",
    "emoji": "We like it 🎉👍🏽, all of us.",
    "arabic": "نتفق على منع البلاستيك مع استثناءات لمن يحتاج إليه.",
    "hebrew-quoted": "אנחנו מסכימים על «איסור» הדרגתי.",
    "chinese": "我们应该逐步禁止一次性塑料，并为需要的人保留例外。",
    "asterisk": "A tax of 5 * 2 cents is what we want.",
    "sure": "Sure of our case, we ask for a ban.",
    "our-view": "Our opinion is that plastics should go.",
    "number": "2030 is when the ban should begin.",
    "great": "Great care is needed when changing what cafes may hand out: plastics should go step by step.",
    "based-on": "Based on the science we accept this principle: what harms the sea should be taxed.",
    "sure-colon": "Sure of our case, we ask for one thing: a ban.",
    "of-course": "Of course, no single view fits us all: some want a ban, others a tax.",
    "absolutely": "Absolutely all of us hold one view: plastics should go.",
    "here": "Here are two things that we ask for: a ban and a fund.",
    "hope": "I hope that plastics go, and so do all of us.",
    "note": "Note: the ban must not reach hospitals, or most of us are against it.",
    "reasoning": "Reasoning: a ban is fair if there are exceptions.",
    "two-paragraphs-of-hope": "I hope that plastics go.\n\nWe all do.",
    "here-german": "Hier ist unser Ziel: weniger Plastik und ein Fonds für Läden.",
    "agreeing-french": "D'accord sur le fond, nous voulons une interdiction.",
    "hope-german": "Ich hoffe, dass Plastik verschwindet.\n\nWir alle hoffen das.",
    "title-inside": "We agree on this title: fewer plastics.",
    "user": "The user pays principle should hold for plastics.",
    "need-to-create": "We need to create a fund, and to ban straws.",
    "reasonable": "We want a <reasonable> ban and [some] exceptions.",
    "analysis": "Analysis of the sea should come first, and a ban after it.",
    "let-s-think": "Let's think about what the day is for before fixing it.",
    "final": "Final rules should come in 2030.",
    "thought-first": "Thought should go into exceptions before a ban begins.",
    "less-than": "Bags < 50 microns go, and those > 50 microns stay.",
    "list-in-brackets": "We keep [as now] the deposit, and [later] a ban.",
    "braces": "We would call the fund {green} and <open> to all.",
}


@pytest.mark.parametrize("reply", WRAPPED.values(), ids=WRAPPED.keys())
def test_the_statement_is_found_in_what_the_model_put_around_it(reply):
    assert statement(reply) == SAID


@pytest.mark.parametrize("reply", NOTHING.values(), ids=NOTHING.keys())
def test_a_reply_without_a_statement_is_empty_and_screened_as_such(reply):
    assert statement(reply) == ""
    assert Screen().judge(Draft(Brief(0, "Ban it?", ("Yes.",), 1), statement(reply))) == "empty"


@pytest.mark.parametrize(
    ("every", "least"), [(16, 500), pytest.param(1, 2_000, marks=pytest.mark.long)], ids=["a-part", "all"]
)
def test_statements_that_people_wrote_are_kept_as_written_and_have_no_flaw(every, least):
    screened = {}
    for round_ in read_corpus(SHIPPED_CORPUS).rounds[::every]:
        brief = Brief(0, round_.question, tuple(opinion.text for opinion in round_.opinions), 1)
        screen = Screen()
        for one in round_.statements:
            screened[one.text] = statement(one.text), screen.judge(Draft(brief, statement(one.text)))

    assert len(screened) > least
    assert {text: found for text, found in screened.items() if found != (text, None)} == {}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_a_plain_statement_is_kept_as_written(text):
    assert statement(text) == text


def test_escapes_in_json_are_read_and_unseen_characters_in_them_go():
    assert (
        statement(r'{"statement": "Wir m\u00f6gen \"Mehrweg\" \ud83c\udf89\u0000.\n"}')
        == 'Wir mögen "Mehrweg" 🎉.'
    )


def test_a_list_becomes_running_text():
    assert statement("We agree that:\n\n- plastics should go;\n- straws may stay.") == (
        "We agree that:\n\nplastics should go; straws may stay."
    )


def test_only_as_many_paragraphs_are_kept_as_a_statement_has_room_for():
    assert (
        statement(f"{'one ' * 100}\n\n{'two ' * 15}\n\n{'three ' * 10}").split()
        == ["one"] * 100 + ["two"] * 15
    )


@settings(max_examples=50)
@given(st.text())
def test_any_reply_gives_plain_text_that_holds_no_control_character(reply):
    text = statement(reply)

    assert text == text.strip()
    assert "\x00" not in text


@pytest.mark.timeout(60)  # a hundred times what it takes
@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        "**a ",
        "<think>",
        '"',
        "> ",
        "- ",
        "#",
        "Sure, ",
        "\n\nb:",
        "<answer>",
        "{ ",
        '{"answer":"',
        "\\boxed{",
        "Here is a view ",
    ],
)
def test_a_long_run_of_anything_is_parsed_without_delay(piece):
    assert len(statement(piece * (200_000 // len(piece)))) <= 10_000
