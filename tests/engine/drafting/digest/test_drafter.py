"""The drafter without a language model: what the group said, in its own words, and no more agreement."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import welfare
from engine.digest import DIFFER, LEAD, MOST, NEED, NO_COMMON, SAY, read_digest
from engine.draft_briefs import briefs
from engine.drafting.digest.drafter import ROOM, DigestGenerator
from engine.drafting.digest.signs import states_condition
from engine.errors import GenerationError
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from engine.text import normalised, sentences
from engine.types import MediationRequest, ParticipantOpinion, WelfareFunction

QUESTION = "Should we ban single-use plastics?"
FIVE = (
    "Plastic waste is choking our rivers, and most of it is used for minutes. I think we should ban it.",
    "I run a small café. A ban would cost me money unless there are cheap alternatives. Give us two years.",
    "Disabled people need plastic straws, e.g. at hospitals. Any rule must have exceptions for them!",
    "bans don't work. tax it instead and use the money for recycling 🙂",
    "I am not against a ban; companies, not shoppers, should pay for it",
)
SEVEN = (
    *FIVE,
    "Every Friday I sweep cups and lids out of the gutter before the school run. The kiosk at the corner"
    " gives them away by the hundred. Nobody carries one home. Let the kiosk pay me for each bag.",
    "My shop sells bread without any wrapping since last spring. Customers bring a cloth and grumble for a"
    " week. Afterwards not one asked for a bag again. Shops can do much without a law.",
)
DAYS = "How many days a week should we come to the studio?"
THREE_WISHES = (
    "Four fixed days, please. Alone in the studio I get nothing done.",
    "None. I care for my mother and cannot travel.",
    "One day is enough. The train takes two hours.",
)
LANGUAGES = {
    "chinese": (
        "我们应该禁止塑料吗？",
        ("塑料污染海洋。我们应该禁止它！", "禁止会伤害小商店。我们需要替代品。", "应该征税。"),
    ),
    "arabic": (
        "هل نمنع البلاستيك؟",
        ("البلاستيك يلوث البحر. يجب منعه!", "المنع يضر المتاجر الصغيرة. نحتاج بدائل", "الضريبة أعدل"),
    ),
    "german": (
        "Sollten wir Plastik verbieten?",
        (
            "Ja. Plastik verschmutzt die Flüsse.",
            "Nein, ein Verbot schadet kleinen Läden",
            "Lieber besteuern.",
        ),
    ),
    "hindi": (
        "क्या हमें प्लास्टिक पर रोक लगानी चाहिए?",
        ("प्लास्टिक नदियों को गंदा करता है। इसे रोको", "छोटी दुकानों को नुकसान होगा", "कर लगाओ।"),
    ),
}
SENTENCES = (
    "We should ban it.",
    "Yes, we need that.",
    "No, cups are useful at fairs.",
    "They smell.",
    "Tax the makers of it.",
    "Only with exceptions for hospitals.",
    "I cannot drink without a straw.",
    "Unless shops get two years, nothing will change.",
    "Recycle more!",
    "recycle more",
    "My street is full of cups and bags from the kiosk on the corner.",
    "Es muss Ausnahmen geben.",
    "公司应该付钱。",
    "👍",
)
OPINIONS = st.lists(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join), min_size=1, max_size=7
)


def asked(opinions, *, candidates=16, seed=7, question=QUESTION):
    people = tuple(ParticipantOpinion(f"p{at}", text) for at, text in enumerate(opinions))
    return MediationRequest(question, people, candidates, seed=seed)


async def texts(opinions, **more):
    return [draft.text async for draft in DigestGenerator().draft(briefs(asked(opinions, **more)))]


async def digests(opinions, **more):
    return [read_digest(text) for text in await texts(opinions, **more)]


def under(digest, heading):
    return [
        point.text
        for section in digest.sections
        if section.heading == heading
        for group in section.groups
        for point in group.points
    ]


def headings(digest):
    return [section.heading for section in digest.sections]


def labels(digest):
    return [group.label for section in digest.sections for group in section.groups if group.label]


@pytest.mark.parametrize("seed", range(3))
async def test_three_wishes_that_exclude_one_another_stand_side_by_side_and_are_no_statement(seed):
    for text in await texts(THREE_WISHES, question=DAYS, seed=seed):
        digest = read_digest(text)
        assert text.startswith(LEAD)
        assert text.endswith(f"{NO_COMMON}.")
        assert not digest.common
        assert len(under(digest, DIFFER)) == 3
        assert {wish.split()[0] for wish in under(digest, DIFFER)} == {"Four", "None.", "One"}


async def test_the_same_three_wishes_in_german_are_no_statement_either():
    wishes = (
        "Vier feste Tage. Allein schaffe ich nichts.",
        "Gar keinen. Ich pflege meine Mutter.",
        "Ein Tag reicht.",
    )

    for digest in await digests(wishes, question="Wie viele Tage pro Woche sollen wir ins Studio kommen?"):
        assert not digest.common
        assert len(under(digest, DIFFER)) == 3


async def test_a_yes_and_a_no_are_counted_and_stand_apart():
    opinions = (
        "Yes, ban cups.",
        "Yes, ban the bags.",
        "No, cups are useful at fairs.",
        "I am against a ban.",
    )
    digest = (await digests(opinions))[0]

    assert sorted(labels(digest)) == ["No (2 of 4)", "Yes (2 of 4)"]
    assert headings(digest) == [DIFFER]
    assert not digest.common


async def test_where_most_say_yes_and_nobody_no_there_is_a_statement():
    opinions = (
        "Yes, ban cups.",
        "Yes, ban the bags.",
        "Yes! Rivers are full of lids.",
        "Yes, but only after two years.",
    )
    digest = (await digests(opinions))[0]

    assert digest.common
    assert labels(digest) == ["Yes (3 of 4)"]
    assert headings(digest) == [MOST, NEED]
    assert under(digest, NEED) == ["Only after two years."]


async def test_nobody_is_counted_where_one_side_is_unsure():
    opinions = ("Yes, ban cups.", "Yes, ban bags.", "No, cups are useful.", "Rivers would thank us for it.")

    for digest in await digests(opinions):
        assert {"Yes", "No"} == set(labels(digest))


async def test_an_answer_of_two_minds_or_on_a_condition_is_counted_on_no_side():
    opinions = (
        "Yes, ban cups.",
        "No, cups are useful.",
        "Yes for cups, no for straws.",
        "No, unless shops get two years.",
    )
    for digest in await digests(opinions):
        assert {"Yes (1 of 4)", "No (1 of 4)"} == set(labels(digest))
        assert set(under(digest, NEED)) == {"Yes for cups, no for straws.", "Unless shops get two years."}


async def test_a_need_stands_under_needs_and_not_where_we_differ():
    opinions = (
        "By the lake, the water is warm then.",
        "In the town hall, it may rain.",
        "Somewhere flat, I walk on crutches.",
        "Near a kitchen, my sister is diabetic and eats at eight.",
    )
    for digest in await digests(opinions, question="Where should we hold the summer party?"):
        assert set(under(digest, NEED)) == set(opinions[2:])
        assert set(under(digest, DIFFER)) == set(opinions[:2])


COLOURS = "Which colour should we paint the boat?"


async def test_who_does_not_mind_stands_last_and_not_where_we_differ():
    opinions = (
        "Don't care!! Just have pockets on the jackets.",
        "Dark blue, like the harbour wall.",
        "Red, so that we see it in fog.",
    )
    for digest in await digests(opinions, question=COLOURS):
        assert set(under(digest, DIFFER)) == set(opinions[1:])
        assert under(digest, SAY) == [opinions[0]]


async def test_who_does_not_mind_is_on_no_side_and_leaves_the_others_counted():
    opinions = ("Yes, ban cups.", "No, cups are useful.", "I don't mind.", "Yes, ban the bags.")

    for digest in await digests(opinions):
        assert labels(digest) == ["Yes (2 of 4)", "No (1 of 4)"]
        assert under(digest, SAY) == ["I don't mind."]


async def test_a_line_that_somebody_draws_stands_under_needs_with_the_rest_of_a_short_opinion():
    opinions = (
        "As the skipper, no beer on board. None. Otherwise I'm not steering.",
        "Dark blue, like the harbour wall.",
        "Red, so that we see it in fog.",
    )
    for digest in await digests(opinions, question=COLOURS):
        assert under(digest, NEED) == [opinions[0]]
        assert set(under(digest, DIFFER)) == set(opinions[1:])


async def test_a_short_opinion_is_never_in_two_sections():
    opinions = (
        "Casuals are paid by the day. Monday would be two days without bread. Please pay them if you wait.",
        "Thursday at five. Concrete likes a cool morning. My father is diabetic and eats at eight.",
        "Friday is too hot for it. The slab cracks and somebody has to patch it for a whole month.",
    )
    for digest in await digests(opinions, question="When should we pour the slab?"):
        for opinion in opinions:
            own = sentences(opinion)
            found = {
                at
                for at in headings(digest)
                for text in under(digest, at)
                if any(part in text for part in own)
            }
            assert len(found) == 1


async def test_a_reply_stands_after_what_it_answers():
    opinions = (
        "Turn about? My cousin's friends would all get rich that way.",
        "Twelve painters on a list, turn about, the worst one goes.",
        "Whoever is cheapest, with a guarantee of ten years.",
    )
    for digest in await digests(opinions, question="Which painter should we take?"):
        shown = [text.split()[0] for text in under(digest, DIFFER)]
        assert shown.index("Twelve") < shown.index("Turn")


async def test_every_member_is_heard_in_every_digest_with_what_nobody_else_says():
    opinions = (
        "Yes, get a goat! Goats are lovely animals to watch. Children adore them.",
        "No. Goats are loud and eat the hedge. Goats climb on cars.",
        "Goats are lovely animals. Who milks it when we are all away in August?",
        "Goats are loud. Let a vote of all tenants decide, house by house.",
    )
    for text in await texts(opinions, question="Should we get a goat for the yard?"):
        assert "Who milks it when we are all away in August?" in text
        assert "Let a vote of all tenants decide, house by house." in text
        assert "hedge" in text or "cars" in text
        assert "oat! Goats" in text or "lovely animals to watch" in text or "et a goat" in text


async def test_a_post_says_last_that_there_was_no_language_model():
    told = (await texts(THREE_WISHES, question=DAYS))[0]

    assert told.splitlines()[0] == "Here is where we stand"
    assert told.splitlines()[-2:] == [
        "Sorted by a program, without a language model. Nobody's words were changed.",
        "No common statement without a language model: here is where we stand.",
    ]


async def test_what_more_than_half_say_is_what_most_of_us_say_with_how_many():
    crowd = (
        "Plant more trees.",
        "We should plant more trees!",
        "More trees, plant them.",
        "Paint the fence.",
    )
    digest = (await digests(crowd, question="How could we make the yard nicer?"))[0]

    (shared,) = next(section for section in digest.sections if section.heading == MOST).groups[0].points
    assert shared.count == 3
    assert under(digest, SAY) == ["Paint the fence."]
    assert digest.common


async def test_every_member_is_heard_in_the_first_digest():
    said = normalised((await texts(FIVE))[0])

    for opinion in FIVE:
        assert any(normalised(sentence) in said for sentence in sentences(opinion))


async def test_sixteen_digests_differ_and_give_the_reward_model_a_choice():
    found = await texts(SEVEN)
    rewards = await LexicalRewardModel().score(QUESTION, SEVEN, found)

    assert len({normalised(text) for text in found}) == 16
    assert len(set(welfare.welfare(rewards, WelfareFunction()).round(6))) >= 4


@settings(max_examples=12)
@given(
    opinions=OPINIONS,
    seed=st.integers(0, 2**32),
    question=st.sampled_from([QUESTION, DAYS, "How could we help?"]),
)
async def test_every_point_is_one_members_own_words(opinions, seed, question):
    own = [normalised(opinion) for opinion in opinions]
    for digest in await digests(opinions, seed=seed, candidates=6, question=question):
        for point in digest.points:
            form = normalised(point.text)
            assert any(form in opinion for opinion in own) or point.text in opinions
            assert 1 <= point.count <= len(opinions)


@settings(max_examples=12)
@given(opinions=OPINIONS, seed=st.integers(0, 2**32), data=st.data())
async def test_the_order_in_which_opinions_came_changes_nothing(opinions, seed, data):
    other = data.draw(st.permutations(opinions))

    assert await texts(opinions, seed=seed, candidates=4) == await texts(other, seed=seed, candidates=4)


@settings(max_examples=12)
@given(opinions=OPINIONS, seed=st.integers(0, 2**32))
async def test_each_condition_is_in_every_digest(opinions, seed):
    conditions = {s for s in SENTENCES if states_condition(s) and any(s in opinion for opinion in opinions)}

    for text in await texts(opinions, seed=seed, candidates=6):
        for condition in conditions:
            assert normalised(condition).removeprefix("yes ") in normalised(text)


@settings(max_examples=12)
@given(opinions=OPINIONS, seed=st.integers(0, 2**32))
async def test_a_statement_holds_no_wishes_that_exclude_one_another(opinions, seed):
    for digest in await digests(opinions, seed=seed, candidates=6):
        yes, no = ("Yes, we need that." in " ".join(opinions)), ("No, cups" in " ".join(opinions))
        if DIFFER in headings(digest):
            assert not digest.common
        if digest.common:
            assert not (yes and no) or not {"Yes", "No"} <= {
                label.split()[0].rstrip(",") for label in labels(digest)
            }


@settings(max_examples=12)
@given(opinions=st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=5), seed=st.integers())
async def test_any_opinions_give_distinct_digests_or_an_error(opinions, seed):
    try:
        found = await texts(opinions, candidates=4, seed=seed)
    except GenerationError:
        return
    assert len({normalised(text) for text in found}) == len(found) >= 1
    assert all(read_digest(text) is not None for text in found)


@pytest.mark.parametrize(("question", "opinions"), LANGUAGES.values(), ids=LANGUAGES.keys())
async def test_points_are_in_the_language_of_the_opinions(question, opinions):
    own = " ".join(map(normalised, opinions))
    found = await digests(opinions, question=question)

    assert found
    for digest in found:
        assert digest.points
        assert all(normalised(point.text) in own for point in digest.points)


async def test_a_large_group_fits_into_the_room_of_a_post_and_says_what_did_not():
    crowd = [f"Route {n} needs a bench, but only if shop number {n} agrees to sweep it." for n in range(200)]
    digest = (await digests(crowd, candidates=2, question="How could we help?"))[0]

    assert sum(len(point.text) for point in digest.points) <= ROOM
    assert digest.left_out + len(digest.points) >= 200


async def test_one_short_opinion_gives_one_digest_and_that_is_enough():
    request = asked(["Ban the cups."])
    mediation = await Mediator(DigestGenerator(), LexicalRewardModel(), minimum_usable=1).mediate(request)

    assert len(mediation.candidates) == 1
    assert "Ban the cups." in mediation.statement
    assert "without a language model" in mediation.statement
    assert mediation.model_used is False


async def test_the_same_seed_gives_the_same_digests_and_another_seed_others():
    assert await texts(FIVE, seed=1) == await texts(FIVE, seed=1)
    assert await texts(FIVE, seed=1) != await texts(FIVE, seed=2)


async def test_the_drafter_says_that_no_model_was_used():
    generator = DigestGenerator()

    assert (generator.name, generator.prompt, generator.model_used) == ("digest", "none", False)
