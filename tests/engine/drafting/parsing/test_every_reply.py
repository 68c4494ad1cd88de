"""Every reply that models write: what is left of it and what is dropped, by way of a server and the client.

Each case is named after what a model puts around a statement, or writes in place of one.
"""

import pytest

from engine.prompts import EXAMPLES
from tests.engine.drafting.servers.loopback_chat import LoopbackChat
from tests.engine.drafting.servers.loopback_tgi import written
from tests.engine.drafting.servers.test_every_server import drafter, mediate
from tests.engine.drafting.servers.test_tgi import request_of

THOUGHT = "They want a ban, so I write a consensus statement: with exceptions.\n\nIs that fair?"
STATEMENTS = {
    "en": "We would ban most single-use plastics in {} years, with exceptions for people who need them, and "
    "help small shops to change what they sell.",
    "de": "Wir würden die meisten Einwegplastikartikel in {} Jahren verbieten, mit Ausnahmen für alle, die "
    "sie brauchen, und kleinen Läden bei der Umstellung ihres Angebots helfen.",
    "fr": "Nous interdirions la plupart des plastiques à usage unique dans {} ans, avec des exceptions pour "
    "ceux qui en ont besoin, et nous aiderions les petits magasins.",
    "es": "Prohibiríamos la mayoría de los plásticos de un solo uso en {} años, con excepciones para quienes "
    "los necesitan, y ayudaríamos a las tiendas pequeñas a cambiar.",
}
WRAPPED = {
    # reasoning, in any wrapping
    "think-mistral": ("en", f"[THINK]{THOUGHT}[/THINK]@"),
    "think-mistral-opened-by-the-template": ("en", f"{THOUGHT}[/THINK]@"),
    "think-seed": ("en", f"<seed:think>{THOUGHT}</seed:think>@<seed:eos>"),
    "think-kimi": ("en", f"◁think▷{THOUGHT}◁/think▷@"),
    "think-anthropic": ("en", f"<antThinking>{THOUGHT}</antThinking>@"),
    "think-exaone": ("en", f"<thought>\n{THOUGHT}\n</thought>\n\n@[|endofturn|]"),
    "think-openthoughts": (
        "en",
        f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|>\n<|begin_of_solution|>@<|end_of_solution|>",
    ),
    "think-cohere-channels": (
        "en",
        f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>@<|END_RESPONSE|><|END_OF_TURN_TOKEN|>",
    ),
    "think-gemma-channel": ("en", f"<|channel>thought\n{THOUGHT}\n<channel|>@<turn|>"),
    "think-unused-tokens": ("en", f"<unused94>thought\n{THOUGHT}<unused95>@"),
    "think-apertus": ("en", f"<|inner_prefix|>{THOUGHT}<|inner_suffix|>@<|assistant_end|>"),
    "think-harmony": (
        "en",
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>@<|return|>",
    ),
    "think-harmony-without-its-tokens": ("en", f"analysis{THOUGHT}assistantfinal@"),
    "think-harmony-three-channels": ("en", f"analysis{THOUGHT}assistantcommentary{THOUGHT}assistantfinal@"),
    "think-in-a-tag-of-any-name": ("en", f"<step_one>{THOUGHT}</step_one>\n@"),
    "think-then-a-tag-for-the-answer": ("en", f"<denken>{THOUGHT}</denken><antwort>@</antwort>"),
    "think-granite": ("en", f"Here is my thought process: {THOUGHT}\n\nHere is my response: @"),
    "think-ollama-run": ("en", f"Thinking...\n{THOUGHT}\n...done thinking.\n\n@"),
    "think-aloud": ("en", f"Okay, the user wants a statement. {THOUGHT}\n\nFinal answer: @"),
    "think-aloud-as-a-list": ("en", f"**Thinking Process:**\n\n1. {THOUGHT}\n2. More.\n\n**Statement:** @"),
    "think-aloud-german": ("de", f"Der Nutzer möchte eine Erklärung. {THOUGHT}\n\nKonsenserklärung: @"),
    "think-aloud-french": ("fr", f"L'utilisateur demande un texte. {THOUGHT}\n\nRéponse : @"),
    "think-aloud-spanish": ("es", f"El usuario pide un texto. {THOUGHT}\n\nRespuesta: @"),
    # leaked special tokens
    "token-leading-s": ("en", "<s>@"),
    "token-s-and-inst": ("en", "<s> [INST] @ [/INST]</s>"),
    "token-llama-header": ("en", "<|start_header_id|>assistant<|end_header_id|>\n\n@<|eot_id|>"),
    "token-gemma-turn": ("en", "<start_of_turn>model\n@<end_of_turn>"),
    "token-eos-and-pads": ("en", "@<eos><pad><pad>"),
    "token-in-square-brackets": ("en", "[BOS]@[EOS]"),
    "token-deepseek": ("en", "@<｜end▁of▁sentence｜>"),
    "token-glm": ("en", "[gMASK]<sop>@"),
    "token-unused-and-extra": ("en", "<unused12>@<extra_id_0>"),
    "token-end-of-text-and-more": ("en", "@<|endoftext|>Human: and now a poem"),
    "token-bytes": ("en", "@<0x0A><0x0A>Question: Should we eat less meat?"),
    "token-role": ("en", "assistant\n@"),
    # greetings, labels and remarks
    "greeting-german": ("de", "Natürlich! Hier ist die Konsenserklärung:\n\n@"),
    "greeting-german-short": ("de", "Gerne! @"),
    "greeting-french": ("fr", "Bien sûr ! Voici la déclaration de consensus :\n\n@"),
    "greeting-spanish": ("es", "¡Claro! Aquí tienes la declaración de consenso:\n\n@"),
    "label-german": ("de", "**Gemeinsame Erklärung:** @"),
    "label-french": ("fr", "Déclaration commune : « @ »"),
    "label-spanish": ("es", "Declaración conjunta: «@»"),
    "title": ("en", "Title: A fair ban\n\n@"),
    "title-german": ("de", "**Titel:** Ein faires Verbot\n@"),
    "title-french": ("fr", "Titre : Une interdiction juste\n\n@"),
    "title-spanish": ("es", "Título: Una prohibición justa\n\n@"),
    "closing": ("en", "@\n\nI hope this statement reflects all views!"),
    "closing-in-line": ("en", "@ I hope this helps! Let me know if you want changes."),
    "closing-german": ("de", "@\n\nIch hoffe, das hilft!"),
    "closing-french": ("fr", "@ N'hésitez pas à me dire si vous souhaitez des changements."),
    "closing-spanish": ("es", "@\n\nEspero que esto ayude."),
    "remark-german": ("de", "@\n\nDiese Erklärung berücksichtigt alle Meinungen."),
    "remark-french": ("fr", "@\n\nCette déclaration reflète les avis de tous."),
    "remark-spanish": ("es", "@\n\nEsta declaración recoge las opiniones de todos."),
    "count-german": ("de", "@ (24 Wörter)"),
    "next-question-german": ("de", "@\n\nFrage: Sollen wir weniger Fleisch essen?"),
    # packing
    "final-answer-tag": ("en", "<final_answer>@</final_answer>"),
    "tag-of-any-name-around-all": ("en", "<gemeinsam>@</gemeinsam>"),
    "json-list": ("en", '["@"]'),
    "json-list-of-python": ("en", "['@']"),
    "json-list-that-is-cut-off": ("en", '["@"'),
    "json-with-a-title": ("en", '{"title": "A fair ban", "statement": "@"}'),
    "json-with-a-key-of-any-name": ("de", '```json\n{"einigung": "@"}\n```'),
    "html-paragraph": ("en", "<p>@</p>"),
    "html-page": ("en", "<html><body><h2>Consensus</h2><p>@</p></body></html>"),
}


def said(language, asked):
    """A statement of its own for each seed."""
    return STATEMENTS[language].format(asked.seed)


@pytest.mark.parametrize(("language", "wrapping"), WRAPPED.values(), ids=WRAPPED.keys())
async def test_of_a_reply_only_the_statement_is_left(language, wrapping):
    async with LoopbackChat(writer=lambda asked: wrapping.replace("@", said(language, asked))) as server:
        mediation = await mediate(drafter(server), request_of(candidates=2))

    assert {c.text for c in mediation.candidates} == {said(language, asked) for asked in server.generated}
    assert len(mediation.candidates) == 2


SORRY = "We looked for what you share and found that most of you want a ban in the end."
DROPPED = {
    "refusal": (f"I'm sorry, but I can't help with that. {SORRY}", "refusal"),
    "refusal-at-once": (f"I cannot write a statement on this topic, as it is political. {SORRY}", "refusal"),
    "refusal-as-a-model": (
        f"{SORRY} As an AI language model, I hold no views on plastics of my own.",
        "refusal",
    ),
    "refusal-german": (f"Es tut mir leid, aber dabei kann ich nicht helfen. {SORRY}", "refusal"),
    "refusal-french": (f"Je suis désolé, mais je ne peux pas vous aider. {SORRY}", "refusal"),
    "refusal-spanish": (f"Lo siento, pero no puedo ayudar con eso. {SORRY}", "refusal"),
    "loop-of-a-sentence": ("We want a ban on plastics. " * 6, "going round in circles"),
    "loop-of-words": (f"{SORRY} and so on" + " and so on" * 20, "going round in circles"),
    "loop-of-a-word": (f"{SORRY} we" + " we" * 30, "going round in circles"),
    "loop-between-others": (
        "We want a ban. Shops need time. We want a ban. People need help with it. We want a ban. We do.",
        "going round in circles",
    ),
    "replacement-character": (f"{SORRY} Caf\ufffds may keep straws.", "garbled"),
    "example-s-statement": (EXAMPLES[0].statement, "copy of an example"),
    "example-in-other-words": (
        f"{SORRY} The harbour museum should therefore stay open later on that one day.",
        "copy of an example",
    ),
    "example-half-a-sentence": (
        f"{SORRY} We look at how many came before we decide about the winter in this town.",
        "copy of an example",
    ),
    "example-translated": (
        f"{SORRY} Das Hafenmuseum soll am Montag länger offen sein.",
        "copy of an example",
    ),
    "thoughts-cut-off": (f"[THINK]{THOUGHT}", "empty"),
    "thoughts-cut-off-harmony": (f"analysisWe need to think. {THOUGHT}", "empty"),
    "thoughts-cut-off-aloud": (f"The user wants a ban. {THOUGHT}", "empty"),
    "thoughts-without-an-answer": (f"<|START_THINKING|>{THOUGHT}<|END_THINKING|>", "empty"),
}


@pytest.mark.parametrize(("reply", "reason"), DROPPED.values(), ids=DROPPED.keys())
async def test_what_is_no_statement_is_dropped(reply, reason):
    written_for = []

    def spoilt_once(asked):
        written_for.append(asked)
        return reply if len(written_for) == 1 else written(asked)

    async with LoopbackChat(writer=spoilt_once) as server:
        mediation = await mediate(drafter(server, template="few-shot"), request_of(candidates=4))

    assert mediation.dropped == {reason: 1}
    assert len(mediation.candidates) == 3


async def test_a_question_about_what_an_example_is_about_may_be_answered():
    texts = ("The harbour museum needs money.", "Close the harbour museum.", "Leave it as it is.")
    answer = (
        "In year {} the harbour museum gets what it needs, {} and no more, and then we look at it all again."
    )

    async with LoopbackChat(writer=lambda asked: answer.format(asked.seed, asked.seed)) as server:
        mediation = await mediate(drafter(server), request_of(texts, candidates=2))

    assert len(mediation.candidates) == 2
