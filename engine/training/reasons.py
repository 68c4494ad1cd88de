"""Reasons that people give for and against proposals of any kind: phrases of our own.

Gives:  `PRO` and `CON`; a reason has a kind, and several phrases that mean the same.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One kind of reason, with phrases that people and groups both use."""

    kind: str
    phrases: tuple[str, ...]


PRO = (
    Reason("life", ("it would make life better for ordinary people", "people's lives would be easier",
                    "everyday life would improve for most families")),
    Reason("safety", ("it would keep people safe", "it protects people from harm", "there would be fewer accidents and injuries")),
    Reason("fair", ("it is only fair", "it would treat everyone the same", "it would close the gap between rich and poor")),
    Reason("health", ("it would be good for our health", "it would take pressure off the NHS", "people would live longer")),
    Reason("planet", ("it would help the environment", "the planet needs it", "it would cut pollution")),
    Reason("future", ("our children will thank us", "it is an investment in the next generation", "it pays off in the long run")),
    Reason("economy", ("it would help the economy", "it would create jobs", "it saves money in the end")),
    Reason("abroad", ("it has worked well in other countries", "other places have tried it and are happy with it",
                      "there is plenty of evidence that it works")),
    Reason("weak", ("the most vulnerable would benefit", "it helps those who can't help themselves", "it supports people who struggle")),
    Reason("community", ("it brings people together", "society as a whole would gain", "it strengthens our communities")),
)  # fmt: skip

CON = (
    Reason("cost", ("it would cost far too much", "taxpayers would have to foot the bill", "we simply can't afford it")),
    Reason("freedom", ("people should be free to make their own choices", "it interferes with personal freedom",
                       "the state shouldn't tell us how to live")),
    Reason("business", ("small businesses would suffer", "it would put people out of work", "it would drive companies away")),
    Reason("enforce", ("it would be impossible to enforce", "people would find ways around it", "it would never work in practice")),
    Reason("effects", ("it would have unintended consequences", "it would do more harm than good", "it would create new problems")),
    Reason("poor", ("the poorest would be hit hardest", "only the rich would benefit", "ordinary people would lose out")),
    Reason("slope", ("it would be a slippery slope", "where would it end", "it would open the door to abuse")),
    Reason("other", ("there are more pressing problems", "the money is better spent elsewhere", "we have other priorities")),
    Reason("evidence", ("there is little evidence that it works", "it has failed wherever it was tried", "nobody has shown that it helps")),
    Reason("now", ("things work well as they are", "what we have now is fine", "we should leave well alone")),
)  # fmt: skip
