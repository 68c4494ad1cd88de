"""Tiny rounds of our own in the corpus' form, worked out by hand, and scorers that know the answers."""

import json

import numpy as np

from engine.evaluation.corpus.reading import CONDITIONS, OPTIONS, ROUNDS, ConditionSet, CorpusRound, OptionSet

CAKE = {
    "id": "t-01", "sort": "kinds", "domain": "everyday", "form": "which", "topic": "cake for the fete",
    "writer": "t", "split": "dev", "question": "Which cake shall we bake for the fete?",
    "opinions": [
        {"participant": "ada", "text": "Lemon, it travels well and nobody hates it."},
        {"participant": "bo", "text": "Chocolate. Lemon only if there is no poppy seed in it."},
        {"participant": "cy", "text": "I don't mind as long as it has no nuts."},
    ],
    "statements": [
        {"text": "We bake a lemon cake without poppy seed or nuts.", "kind": "good"},
        {"text": "Lemon travels well, chocolate or nothing, no nuts.", "kind": "collage"},
        {"text": "We value every cake and will find one that works for all.", "kind": "pleasantry"},
        {"text": "We bake two small cakes, lemon and chocolate, both free of nuts.", "kind": "good"},
    ],
    "ratings": [[6, 3, 4, 5], [5, 2, 3, 6], [7, 4, 5, 7]],
    "quality": [6, 1, 2, 6], "rater": "r1", "second": None,
}  # fmt: skip
"""Means 6, 3, 4, 6; least happy 5, 2, 3, 5."""

HALL = {
    "id": "t-02", "sort": "kinds", "domain": "public", "form": "yes-no", "topic": "the village hall",
    "writer": "t", "split": "dev", "question": "Should the village sell its hall?",
    "opinions": [
        {"participant": "dot", "text": "It leaks and costs us a fortune every single winter."},
        {"participant": "eli", "text": "My mother danced there. Over my dead body."},
    ],
    "statements": [
        {"text": "We keep the hall and raise the rent for private parties to mend the roof.", "kind": "good"},
        {"text": "We sell the hall this year.", "kind": "partisan"},
        {"text": "The bus should come twice an hour.", "kind": "off_topic"},
    ],
    "ratings": [[5, 7, 3], [5, 1, 2]],
    "quality": [6, 4, 1], "rater": "r1",
    "second": {"rater": "r9", "ratings": [[4, 7, 3], [6, 1, 2]], "quality": [6, 5, 1]},
}  # fmt: skip
"""Means 5, 4, 2.5; least happy 5, 1, 2."""

TRIP = {
    "id": "t-03", "sort": "drafts", "domain": "everyday", "form": "where", "topic": "the club trip",
    "writer": "u", "split": "dev", "question": "Where does the club go in May?",
    "opinions": [
        {"participant": "fay", "text": "The coast. I need salt air after this year."},
        {"participant": "gus", "text": "Anywhere that my wheelchair can go."},
    ],
    "statements": [
        {"text": "We go to the coast.", "kind": "draft"},
        {"text": "We go to the coast, to a town whose promenade has no steps.", "kind": "draft"},
        {"text": "We go somewhere nice and see to access where possible.", "kind": "draft"},
    ],
    "ratings": [[7, 6, 3], [3, 7, 4]],
    "quality": [4, 7, 3], "rater": "r2",
    "second": {"rater": "r9", "ratings": [[7, 7, 2], [4, 7, 5]], "quality": [4, 7, 3]},
}  # fmt: skip
"""Means 5, 6.5, 3.5; least happy 3, 6, 3."""

LAMPS = {**HALL, "id": "t-04", "split": "train", "topic": "street lamps", "second": None}

DAYS = {
    "id": "o-001", "form": "how-many", "topic": "days in the office", "split": "dev",
    "question": "How many days a week in the office?",
    "opinions": ["Two is plenty.", "Three, or we lose touch.", "All five, like grown-ups."],
    "statements": ["Everybody comes in on two days.", "Three office days a week.", "We meet on all five."],
}  # fmt: skip
DRINKS = {
    "id": "o-002", "form": "which", "topic": "drink for the break", "split": "dev",
    "question": "Tea or coffee in the break?",
    "opinions": ["Tea for me, always.", "Coffee, or I fall asleep."],
    "statements": ["The break has tea.", "The break has coffee."],
}  # fmt: skip
DOG = {
    "id": "o-003", "topic": "an office dog", "split": "dev", "question": "Shall we get an office dog?",
    "opinions": ["Only if it stays out of the kitchen.", "As long as somebody walks it at noon."],
    "statements": [
        {"met": "A dog comes, and never into the kitchen.", "broken": "A dog may roam, kitchen included.",
         "silent": "An office dog comes in May."},
        {"met": "A dog comes, and there is a rota for a walk at noon.",
         "broken": "A dog comes; no walks by day.", "silent": "We get a dog."},
    ],
}  # fmt: skip

FILES = {ROUNDS: [CAKE, HALL, TRIP, LAMPS], OPTIONS: [DAYS, DRINKS], CONDITIONS: [DOG]}


def a_round(fields, **changes):
    return CorpusRound.model_validate({**fields, **changes})


def options(*sets):
    return tuple(OptionSet.model_validate(each) for each in sets or (DAYS, DRINKS))


def conditions():
    return (ConditionSet.model_validate(DOG),)


def write(folder, files=FILES):
    """As a corpus lies in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return folder


class Knows:
    """A reward model that gives what `told` says of a question, an opinion and a statement."""

    name = "knows"
    described = "told by the test"

    def __init__(self, told):
        self.told = told

    async def score(self, question, opinions, candidates):
        return table_of(self.told, question, opinions, candidates)


class Raw:
    """The same as raw scores, which are no ratings."""

    def __init__(self, told):
        self.told = told

    def raw_scores(self, question, opinions, candidates):
        return table_of(self.told, question, opinions, candidates)


def table_of(told, question, opinions, candidates):
    rows = [[told(question, opinion, candidate) for candidate in candidates] for opinion in opinions]
    return np.array(rows, dtype=float)


def truth(rounds):
    """What people rated, for rounds; of anything else, 4."""
    known = {
        (each.question, opinion.text, statement.text): float(each.ratings[row][column])
        for each in rounds
        for row, opinion in enumerate(each.opinions)
        for column, statement in enumerate(each.statements)
    }
    return lambda *asked: known.get(asked, 4.0)


def own(sets):
    """7 for what an opinion wants, 1 for what another wants."""
    return {
        (each.question, opinion, statement): 7.0 if row == column else 1.0
        for each in sets
        for row, opinion in enumerate(each.opinions)
        for column, statement in enumerate(each.statements)
    }


def oracle(corpus):
    rated, wanted = truth(corpus.rounds), own(corpus.options)
    kept = {
        text: value
        for each in corpus.conditions
        for three in each.statements
        for text, value in ((three.met, 6.0), (three.silent, 4.0), (three.broken, 1.0))
    }
    return lambda q, o, c: wanted.get((q, o, c), kept.get(c, rated(q, o, c)))
