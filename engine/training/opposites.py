"""Saying the opposite without the word "not".

Reads:  a position statement ("We should ban cars in cities.").
Gives:  its opposite in other words ("We should allow cars in cities."), or None when no rule fits.
Refrains from guessing: one word is exchanged, the first that a rule knows, and nothing else is touched.

The negating statements of the debate questions nearly all say NOT. A model that has seen no other negation
reads the word and not the stance, so training needs opposites in other words too.
"""

import re

_PAIRS = """
ban/allow ban/permit prohibit/allow outlaw/legalise banned/allowed banned/permitted prohibited/permitted outlawed/legalised
forbidden/allowed forbid/allow abolish/keep abolished/kept abolish/retain scrap/keep scrapped/kept eliminate/preserve
increase/decrease increase/reduce increased/reduced increased/decreased increasing/decreasing raise/lower raised/lowered
increase/cut increased/cut expand/shrink expanded/reduced tighten/loosen tightened/relaxed stricter/looser stronger/weaker
strengthen/weaken encourage/discourage encouraged/discouraged promote/discourage promoted/discouraged support/oppose
introduce/reject introduced/rejected adopt/reject accept/reject accepted/rejected start/stop begin/stop continue/stop
continue/end invest/disinvest fund/defund remove/keep removed/kept replace/keep replaced/kept
lawful/unlawful legalise/criminalise legalize/criminalize legalised/banned legalized/banned
decriminalise/criminalise decriminalize/criminalize compulsory/optional mandatory/optional mandatory/voluntary
compulsory/voluntary obligatory/optional nationalise/privatise
nationalised/privatised nationalize/privatize nationalized/privatized privatised/nationalised
good/bad better/worse best/worst fair/unfair just/unjust moral/immoral ethical/unethical
acceptable/unacceptable reasonable/unreasonable justified/unjustified justifiable/unjustifiable necessary/unnecessary
desirable/undesirable responsible/irresponsible realistic/unrealistic possible/impossible likely/unlikely
important/unimportant beneficial/harmful benefit/harm benefits/harms positive/negative helpful/harmful useful/useless
safe/dangerous effective/ineffective efficient/inefficient sustainable/unsustainable healthy/unhealthy
more/less more/fewer easier/harder higher/lower larger/smaller bigger/smaller greater/smaller longer/shorter
earlier/later most/least too&much/too&little too&many/too&few too&high/too&low too&strict/too&lenient enough/too&little
always/never everyone/nobody everybody/nobody help/hinder helps/hinders improve/worsen improves/worsens
improved/worsened protect/endanger protected/exposed trust/distrust outweigh/fall&short&of success/failure
succeed/fail agree/disagree strict/lenient central/marginal advantage/disadvantage
allow/forbid allow/prevent allowed/forbidden permitted/forbidden permit/forbid keep/abolish keep/scrap
reduce/increase reduced/increased cut/raise lower/raise lowered/raised limit/extend limited/extended restrict/loosen
stop/continue end/continue spend&more/spend&less wrong/right bad/good immoral/moral
unethical/ethical harmful/beneficial illegal/legal cruel/kind dangerous/safe less/more worse/better harder/easier
make&it&illegal/make&it&legal make&it&easier/make&it&harder 
give/deny provide/withhold require/exempt enforce/relax
""".split()

_OPPOSITES: dict[str, list[str]] = {}
for _pair in _PAIRS:
    _word, _opposite = _pair.replace("&", " ").split("/")
    _OPPOSITES.setdefault(_word, []).append(_opposite)

_KNOWN = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _OPPOSITES), key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_MODAL = re.compile(
    r"\b(?:should|must|ought to|is|are|was|were|do|does|did|has|have|will|would|can)\b", re.IGNORECASE
)
_NOUN = re.compile(r"\b(?:a|an|the|any|such)\s+$", re.IGNORECASE)
_ALSO_NOUNS = {"ban", "limit", "cut", "increase", "reduce", "support", "help", "benefit", "harm", "trust", "start", "end", "stop"}
_ALREADY_NEGATED = re.compile(r"\b(?:not|never|no|nobody|nothing|without)\b|n't\b", re.IGNORECASE)


def opposites(statement: str) -> list[str]:
    """Every way that the rules know to say the opposite of `statement`; empty when there is none.

    Only the first known word after the verb is exchanged: further on it belongs to a detail
    ("the government should allow people to do more").
    """
    verb = _MODAL.search(statement)
    if verb is None or _ALREADY_NEGATED.search(statement):
        return []
    found = _KNOWN.search(statement, verb.end())
    if found is None or len(statement[verb.end() : found.start()].split()) > REACH:
        return []
    if _NOUN.search(statement, 0, found.start()) and found.group(1).lower() in _ALSO_NOUNS:
        return []
    return [
        statement[: found.start()] + opposite + statement[found.end() :]
        for opposite in _OPPOSITES[found.group(1).lower()]
    ]


REACH = 3
"""Words that may stand between the verb and the word that is exchanged ("should be made more strictly …")."""
