"""What a sentence tells of itself: that it wishes, asks, needs or refuses, or leans on the one before it.

Reads:  sentences and opinions as written.
Gives:  yes or no, and a sentence without the "Yes, but" in front.
Refrains from understanding: there are lists of words in English, German, French and Spanish, and no grammar.
In other languages next to nothing is found, and sentences are taken as they come.
"""

import re

from engine.drafting.sentences import length_of
from engine.text import ENGLISH_FUNCTION_WORDS, normalised, sentences, stem, word_set, words

_FRAGMENT = 4  # words under which a sentence says little
_CONTENT = 4  # words about something under which it does, too
_FEWEST = 2  # words of a sentence without its "Yes, but"
_OPENING = re.compile(
    r"(?:thank you|thanks|many thanks|danke|merci|gracias|hi|hello"
    r"|yes|yeah|yep|no|nope|nah|well|ok|okay|sure|agreed|absolutely|definitely|honestly|of course"
    r"|ja|nein|klar|oui|non|s[ií]|claro|是的|不|نعم|لا|да|нет)\s*[,.!:;،，、–—-]+\s*",
    re.IGNORECASE,
)
_THANKS = re.compile(r"(?:many )?(?:thank|danke|merci|gracias|hi\b|hello)", re.IGNORECASE)
_JOINING = re.compile(
    r"(?:and|but|plus|yet|however|und|aber|et|mais|y|pero|ولكن|но|但是?)(?:,\s*|،\s*|\s+)", re.IGNORECASE
)
_LEANS = re.compile(
    r"(?:they|this|that|these|those|it|its|it['’]s|that['’]s|he|she|them|such|both|either|neither|otherwise"
    r"|because|which|who|so|then|therefore|also|too|instead|same|the same|or|thank you|thanks"
    r"|let (?:them|him|her|it)|and then|after that|that way|nor|hence|thus|likewise|similarly|besides|even so"
    r"|sie|es|er|dies\w*|dann|sonst|deshalb|deswegen|darum|weil|denn|dadurch|dabei|davon|damit|dafür|beides?"
    r"|(?i:das)\s+(?-i:[a-zäöü])\w*|ils?(?! (?:faut|y a))|elles?|cela|ça|ce|c['’]est|ceci|sinon|car|donc"
    r"|es[oa]s?|est[oa]s?|ell[oa]s?|porque|entonces|además|si no)(?=[\s,;:.!?]|$)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:(?<!even )(?<!as )(?<!what )(?<!know )(?<!see )(?<!ask )(?<!wonder )"
    r"(?<!nice )(?<!great )(?<!better )"
    r"if(?! need be| only| possible| i (?:have to|must)\b| we can\b| you ask)|unless|(?:as|so) long as"
    r"|provided|(?:on|under|one) condition|exempt\w*|except|exceptions?|but not|not before"
    r"|at (?:least|most) (?:\d+|an?|one|two|three|four|five|half|once|twice|every)"
    r"|(?<!not )only (?:if|when|with|after|for|from|at|in|where|once|on|makes?|helps?|works?)"
    r"|must (?:have|end|start|stay|remain|keep|get|include)"
    r"|must be (?:able|allowed|free|optional|accessible|near|back)"
    r"|no (?:later|earlier|more) than|i(?:['’]d| would)? need|(?:he|she|who|some) needs?"
    r"|(?:who|people|children|kids|parents|members) need|my \w+ needs?"
    r"|then i (?:can|could|would|will)|(?:who|some|children|kids|people|parents)(?: \w+)? depend"
    r"|(?:i|he|she|they|who|people|children|kids|parents|some)(?: \w+)? (?:can['’]t|cannot)"
    r"(?! wait| see| understand| believe| imagine| stand| help| stress| agree| support| think| remember)"
    r"|we (?:can['’]t|cannot) (?:come|make it|attend|afford)|i can(?:not|['’]t)? (?:only|afford)"
    r"|i(?:['’]m| am)? (?:have to(?! say| admit| agree|[,.;!)])|allergic|unable|not able))\b"
    r"|\b(?:wenn|falls|sofern|solange|ausnahm\w+|au(?:ß|ss)er|mindestens|höchstens|brauche|angewiesen"
    r"|(?:ich|er|sie|wer|die|mein\w* \w+) brauch\w*|(?:nur|erst) (?:wenn|mit|nach|ab|für)"
    r"|(?:ich|er|mein\w* \w+) muss|muss ich|(?:ich kann|kann ich) (?:\w+ ){0,4}nicht)\b"
    r"|\b(?:à condition|sauf|seulement (?:si|avec)|tant que|(?<!avons )besoin|au moins|je dois"
    r"|ne (?:peux|peut|peuvent) pas)\b"
    r"|\b(?:siempre que|salvo|excepto|necesit(?!amos)\w+|s[oó]lo si|al menos|no puedo|debe haber)\b",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"\b(?:otherwise (?:i|we)(?:['’](?:m|re|ll)| am| are| will)? (?:not|out|off|stop|quit|leave|stay home)\b"
    r"|(?:otherwise )?(?:i|we) (?:won['’]t|will not)"
    r"(?! (?:lie|say|pretend|deny|argue|complain|mind|miss|be long|repeat|forget|cry|lose sleep)\b)"
    r"|i(?:['’]m| am) not \w+ing\b(?<!saying)(?<!asking)(?<!being)(?<!trying)(?<!kidding)(?<!joking)"
    r"(?<!feeling)(?<!talking)(?<!suggesting)(?<!complaining)(?<!looking)(?<!getting)(?<!opposing)"
    r"|count (?:me|us) out|(?:i|we)(?:['’](?:m|re)| am| are) (?:out|off the)\b(?! (?:of|on|all|every|at)\b)"
    r"|i (?:refuse|insist|draw the line)\b|where i get off|red line|deal[- ]?breaker|over my dead body"
    r"|(?:and|or|then) (?:i|we) (?:stop|quit|resign|leave|stay home)\b|or (?:else )?i(?:['’]ll| will)\b"
    r"|without (?:\w+ ){1,4}?(?:nobody|no one|there(?:['’]s| is) no|(?:i|we) (?:can['’]t|cannot|won['’]t))"
    r"|(?:i|we)(?:['’](?:ll|d)| will| would)? lose (?:my|our) (?:licen[cs]e|job|home|place)"
    r"|no [\w ]{2,40}, no (?:contract|deal|vote|money|pay|entry|game|go|party)\b"
    r"|(?:over|past|above|beyond|more than) (?:[£$€]\s?|r(?=\d))?(?:\d[\d.,]*|two|three|four|five|six|eight"
    r"|ten)(?: \w+){0,2},? i\b|either i (?:get|have|can)"
    r"|(?:tell|ask|warn) me (?:\w+ ){0,4}(?:before|first|ahead)"
    r"|(?:kids|children|son|daughter|mother|father|mum|mom|dad|parents)(?: to)? be able to)"
    r"|(?:\d|\b(?:hours?|days?|minutes|euros?|people|a (?:day|week|month))),? (?:max|tops)\b"
    r"|\b(?:sonst (?:bin|mach\w*|komm\w*|geh\w*|kündig\w*|zahl\w*|helf\w*) ich\b(?! allein)|ohne mich\b"
    r"|bin ich raus|ich bin (?:dann )?raus|mach\w* ich nicht mit|kommt (?:für mich )?nicht in ?frage"
    r"|ich weigere mich|ohne (?:\w+ ){1,4}?(?:keiner|niemand))\b"
    r"|\b(?:sans moi|sinon,? je (?:ne|n['’]|pars|refuse|démissionne|arrête)|je refuse|hors de question)\b"
    r"|\b(?:conmigo no|si no,? (?:yo )?(?:no voy|me voy|lo dejo)|me niego"
    r"|no (?:cuenten|contéis|cuentes) conmigo)\b",
    re.IGNORECASE,
)
_NO_MATTER = re.compile(
    r"(?:(?:i|we|honestly|really|me|for me|as for me) )*(?:(?:dont|do not|couldnt) (?:\w+ )?"
    r"(?:care|mind)(?: less)?"
    r"|(?:im |i am )?(?:not (?:fussed|bothered|fussy|picky)|easy)|no (?:preference|opinion|strong feelings)"
    r"|(?:have |ive )?no (?:preference|opinion|strong feelings|view)"
    r"|whatever(?: (?:you|works|suits|is fine|goes)\b.*)?"
    r"|any(?:thing|time|where)?(?: (?:is|are|will be|of them|goes|works|suits|would do|will do|day|one)\b.*)?"
    r"|either(?: (?:way|one|is|works|would|will)\b.*)?|(?:its )?(?:all the same|all one) to me"
    r"|(?:its )?up to you"
    r"|(?:it |that )?(?:doesnt|does not|makes no) (?:matter|difference)(?: to me)?"
    r"|(?:das |es )?(?:ist )?(?:mir )?(?:ist )?(?:das |es )?(?:völlig |ganz |total |relativ )?"
    r"(?:egal|gleich|wurscht|wurst|einerlei)|(?:ich habe |hab )?keine (?:präferenz|vorliebe|meinung)"
    r"|peu importe|(?:ça|cela) mest égal|mest égal|je men (?:fiche|fous|moque)|sans opinion|comme vous voulez"
    r"|(?:a mí )?(?:me )?da (?:igual|lo mismo)|no me importa|lo que sea|como (?:queráis|quieran))"
    r"(?: (?:which|what|when|where|how|who|at all|much|either way|to me|to be honest|honestly|was|wann|wo|wie"
    r"|welche\w*|qué|cuál|cuándo)\b.*)?",
)
_NEED = re.compile(
    r"\b(?:wheelchair|crutch\w*|walking (?:stick|frame)|allerg\w+|intoleran\w+|diabet\w+|insulin|epilep\w+"
    r"|asthma\w*|migraines?|coeliac|celiac|gluten|lactose|vegan|vegetarian|halal|kosher|disab\w+|autis\w+"
    r"|dyslex\w+|pregnan\w+|breastfe\w+|hearing aids?|dialysis|chemo\w*|pacemaker|pushchair|pram"
    r"|stroller|(?:i|who|he|she) works? nights|(?:night|late|early|double) shifts?"
    r"|(?:i['’]m|am|is|are) (?:blind|deaf))\b"
    r"|\b(?:rollstuhl\w*|krücken|rollator|behinder\w+|diabet\w+|schwanger\w*|gehörlos\w*"
    r"|(?:nacht|früh|spät)schicht\w*|kinderwagen)\b"
    r"|\b(?:handicap\w+|fauteuil roulant|béquilles|diabétique|enceinte|équipe de nuit)\b"
    r"|\b(?:silla de ruedas|muletas|alérgic\w+|discapaci\w+|embarazada|turno de noche)\b",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(r"^(?:if|wenn|falls|si)\b", re.IGNORECASE)
_ON_WHICH = re.compile(
    r"\b(?:i['’](?:m|d|ll)|i (?:am|can|could|will|would)|my|fine|okay|ok|yes|in favou?r|must|should|agree"
    r"|welcome"
    r"|ich|mein\w*|dafür|je|mon|ma|yo|mi)\b",
    re.IGNORECASE,
)
_WHERE = r"(?:for|to|in|on|at|with|during|when|by|für|zu|bei|im|am|pour|à|en|para)\b"
_YES_TO = re.compile(rf"(?:yes|yeah|ja|oui|s[ií]|ok|okay|fine) {_WHERE}")
_NO_TO = re.compile(rf"(?:no|not|never|nein|nicht|non|pas) {_WHERE}")
_YES_AT_END = re.compile(rf"{_WHERE}.*\b(?:yes|ja|oui|s[ií])$")
_NO_AT_END = re.compile(rf"{_WHERE}.*\b(?:no|nein|non)$")
_BOTH = re.compile(
    r"\b(?:yes and no|ja und nein|jein|oui et non|sí y no|it (?:all )?depends|(?:i['’]?m|i am) torn"
    r"|kommt (?:\w+ )?darauf an|ça dépend|depende)\b",
    re.IGNORECASE,
)
_PLAIN_YES, _PLAIN_NO = word_set("yes yeah ja oui sí si"), word_set("no nope nein non")
_PARTS = re.compile(r"[,.;:!?–—]+|\b(?:and|but|und|aber|et|mais|y|pero)\b", re.IGNORECASE)
_SAYS_MUCH = re.compile(
    r"[?？؟]|\b(?:who|how|why|when|where|which|what about|wer|wie|warum|qui|comment|pourquoi|quién|cómo)\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|half|once|twice|hundred|thousand"
    r"|zwei|drei|vier|fünf|zehn|halb\w*|deux|trois|quatre|cinq|dix|dos|tres|cuatro|cinco|diez)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"^(?:(?:then|so|just|or|now) )?(?:put|fix|make|give|keep|let|start|stop|use|build|buy|hold|move|leave"
    r"|allow|ban|tax|ask|try|add|cut|pay|set|open|close|plant|turn|take|go|do|don['’]?t|only|more|less|fewer|no|not)\b"
    r"|\b(?:should|let['’]?s|prefer|rather|want|would like|suggest|better to|please|ought)\b"
    r"|\b(?:sollte\w*|lieber|bitte|möchte\w*|will)\b|\b(?:il faut|devrait|préfère|plutôt)\b"
    r"|\b(?:deber\w+|prefiero|quiero|mejor)\b",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:that|this) (?:at|in|on|to|for|too|again|before|already|once|twice)\b"
    r"|^(?:please )?(?:\w+ )(?:them|him|her|it)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.,;:!?…–—]|\s-\s|\b(?:but|as long as|aber|mais|pero)\b", re.IGNORECASE)
_ENDS_BACK = re.compile(r"\b(?:that|this)\W*$", re.IGNORECASE)


def content(text: str) -> list[str]:
    """The words of a text that say what it is about, without their endings."""
    return [stem(word) for word in words(normalised(text)) if word not in ENGLISH_FUNCTION_WORDS]


def without_opening(sentence: str) -> str:
    """The sentence without the "Yes," and the "but" in front; empty when that was all."""
    opening = _OPENING.match(sentence)
    rest = sentence[opening.end() :] if opening else sentence
    if joining := _JOINING.match(rest):
        rest = rest[joining.end() :]
    return rest if rest == sentence or length_of(rest) >= _FEWEST else ""


def leans(sentence: str) -> bool:
    """Whether a sentence points to what was said before it, with its first word or a last "that"."""
    return bool(_LEANS.match(sentence) or _ENDS_BACK.search(sentence))


def states_condition(text: str) -> bool:
    """Whether a text states a condition, or what somebody needs or cannot do, or is of two minds."""
    return bool(_NEED.search(text)) or is_mixed(text) or any(map(_conditional, sentences(text) or [text]))


def is_condition(text: str) -> bool:
    """Whether a text says on what something hangs for its writer, in any of these ways."""
    return states_condition(text) or draws_line(text)


def draws_line(text: str) -> bool:
    """Whether a text says what its writer will not do or bear, whatever the others decide."""
    return bool(_LINE.search(text))


def is_indifferent(text: str) -> bool:
    """Whether a text opens by saying that any answer will do ("Don't care!!", "For me any, but …")."""
    clauses = (normalised(clause) for clause in _CLAUSE.split(text))
    return bool(_NO_MATTER.fullmatch(next((clause for clause in clauses if clause), "")))


def _conditional(sentence: str) -> bool:
    """Whether a sentence makes something depend; an argument ("If it rains, we are broke") does not."""
    rest = without_opening(sentence) or sentence
    if _SUPPOSES.match(rest) and not _ON_WHICH.search(rest):
        return False
    return bool(_CONDITION.search(sentence))


def is_mixed(text: str) -> bool:
    """Whether a text says yes to one part and no to another, or that it depends."""
    if _BOTH.search(text):
        return True
    told = parts(text.casefold())
    if not told:
        return False
    yes = any(_YES_TO.match(part) or _YES_AT_END.match(part) for part in told)
    no = any(_NO_TO.match(part) or _NO_AT_END.match(part) for part in told)
    opened = normalised(told[0])
    return (yes or opened in _PLAIN_YES) and (no or opened in _PLAIN_NO)


def parts(text: str) -> list[str]:
    """The parts of a text between marks, "and" and "but"."""
    return [part.strip() for part in _PARTS.split(text) if part.strip()]


def states_wish(text: str) -> bool:
    """Whether a text says what ought to be done."""
    return bool(_WISH.search(text))


def refers_back(sentence: str) -> bool:
    """Whether a sentence cannot be understood without the one before it."""
    return leans(sentence) or bool(_JOINING.match(sentence) or _REFERS.search(sentence))


def thanks(sentence: str) -> bool:
    """Whether a sentence greets or thanks."""
    return bool(_THANKS.match(sentence))


def asks(text: str) -> bool:
    """Whether a text asks, or says who, how, why or when."""
    return bool(_SAYS_MUCH.search(text))


def counts(text: str) -> bool:
    """Whether a text holds a number."""
    return bool(_COUNTS.search(text))


def says_little(sentence: str) -> bool:
    """Whether a sentence tells nobody anything by itself: a few words, or few that are about something."""
    if length_of(sentence) < _FRAGMENT:
        return True
    wants = states_wish(sentence) or asks(sentence) or is_condition(sentence)
    return not wants and len(content(sentence)) < _CONTENT
