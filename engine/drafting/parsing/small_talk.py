"""Small talk: what models say around an answer, in the product's languages.

Reads:  a reply, or a paragraph of it.
Gives:  the text without greetings, labels, titles and closing phrases; whether a paragraph is a remark.
Refrains from taking off what may be part of the answer: a greeting names the answer and ends with a colon, an
agreeing word ends with a full stop or an exclamation mark, a closing phrase speaks of the answer or to the
reader.
"""

import re

_AGREEING = (
    r"(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|great|understood|got it|alright|happy to help"
    r"|natürlich|(?:sehr )?gerne?|selbstverständlich|klar|sicher|verstanden|alles klar|in ordnung"
    r"|bien s[ûu]r|certainement|volontiers|avec plaisir|d['’]accord|entendu|absolument|très bien"
    r"|claro(?: que s[ií])?|por supuesto|desde luego|con (?:mucho )?gusto|de acuerdo|entendido|vale)"
)
_OPINIONS = r"(?: \w+){0,3}? (?:opinions|views|perspectives|comments|responses|input)"
_HERE = (
    rf"(?:here(?:['’]s| is| are)|below is|the following is|this is|i(?:['’]ve| have) (?:written|drafted)"
    rf"|based on (?:the|these|all|your){_OPINIONS}"
    r"|hier(?:mit)? (?:ist|sind|kommt|folgt|finden|finde)"
    r"|(?:im folgenden|nachfolgend|nachstehend)\b[^\n:]{0,40}?"
    r"|voici|ci-dessous|vous trouverez"
    r"|aqu[ií] (?:tienes?|est[áa]|va|le|te|os|les|presento)|a continuación|he aqu[ií])"
)
_ANSWER = (
    r"(?:statement|consensus|view|answer|response|paragraph|draft|version"
    r"|\w{0,20}(?:erklärung|konsens\w{0,20}|text)|stellungnahme|aussage|antwort|entwurf|formulierung|vorschlag"
    r"|déclaration|réponse|texte|proposition|énoncé|synthèse"
    r"|declaraci[oó]n|consenso|respuesta|texto|propuesta|redacci[oó]n)"
)
_GREETING = re.compile(
    rf"\A\W*(?:{_AGREEING}\s*[!.,]\s+)?{_HERE}\b[^\n:：]{{0,160}}?\b{_ANSWER}\b[^\n:：]{{0,60}}[:：]\s+",
    re.IGNORECASE,
)
_SOUND_OF_AGREEING = re.compile(rf"\A[¡\s]*{_AGREEING}\s*[!.]\s+(?=\S)", re.IGNORECASE)
_LABEL = re.compile(
    r"\A\W*(?:(?:the|our|final|draft|proposed|group'?s?|jury'?s?|revised|joint|collective|shared|common"
    r"|unsere?|die|gemeinsame[rs]?|endgültige|überarbeitete|notre|la|le|el|nuestra)\s+)*"
    r"(?:consensus(?:\s+(?:statement|view|opinion))?|statement|answer|assistant|output|response"
    r"|konsens(?:erklärung|aussage|text|formulierung|vorschlag)?|erklärung|stellungnahme|antwort"
    r"|consenso|(?:declaraci[oó]n|respuesta|texto)(?: (?:de consenso|conjunta|común|consensuada|final))?"
    r"|(?:d[eé]claration|réponse|texte|énoncé)(?: (?:de consensus|commune?|consensuelle?|finale?))?"
    r"|консенсус|共识(?:声明)?|合意(?:文)?|إجماع)"
    r"(?:\s*\(?\d{1,4}(?:\s+(?:words?|wörter|mots|palabras))?\)?)?\s*[:：]\W*?(?=[\w\"'“«「„¿¡]|$)",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\A\W*(?:title|titel|titre|t[ií]tulo|headline|überschrift|subject|betreff|objet|asunto)\W{0,4}[:：]"
    r"(?:[^\n]*\n+(?=\s*\S)|\s*)",
    re.IGNORECASE,
)
_NOTES = (
    r"note|explanation|rationale|reasoning|justification|word count|words|disclaimer|p\.?s\.?"
    r"|hinweis|anmerkung|begründung|erläuterung|wortzahl|wörter"
    r"|remarque|explication|nombre de mots|mots|nota|explicaci[oó]n|justificaci[oó]n|palabras"
)
_THIS = (
    r"this (?:consensus )?(?:statement|paragraph|draft|version) (?:reflects|aims|tries|attempts|captures"
    r"|balances|takes|incorporates|acknowledges|includes|contains|(?:is|has) \d)"
    r"|diese (?:\w+ )?(?:\w{0,20}erklärung|stellungnahme|formulierung|fassung) (?:spiegelt|berücksichtigt"
    r"|versucht|fasst|greift|verbindet|enthält|umfasst|vereint)"
    r"|cette (?:déclaration|formulation|version|proposition)(?: \w+)? (?:reflète|prend|tente|vise|cherche"
    r"|tient|intègre)"
    r"|esta (?:declaraci[oó]n|versi[oó]n|propuesta|redacci[oó]n)(?: \w+)? (?:refleja|recoge|intenta|busca"
    r"|incorpora|tiene)"
)
_TO_THE_READER = (
    r"let me know|i hope (?:this|that)|would you like|feel free|please let"
    r"|ich hoffe,? (?:das|dies|diese|dass)|lass(?:en sie)? (?:es )?mich|sag(?:en sie)? (?:mir |einfach )?"
    r"bescheid|möchten sie|möchtest du|gerne passe ich"
    r"|j['’]espère que|n['’]hésitez pas|n['’]hésite pas|faites[- ]le?[- ]?moi savoir|dites[- ]moi"
    r"|souhaitez[- ]vous|espero que|no dud(?:es|e) en|h[aá](?:z|g[aá])(?:me|melo) saber|av[ií]s[ae]me"
    r"|d[ií]game si|¿(?:quieres|desea)"
)
_REMARK = re.compile(
    rf"\A\W*(?:(?:{_NOTES})\b[^\n]{{0,30}}?[:：(]|{_TO_THE_READER}|{_THIS}"
    r"|\(?\d{1,4}\s+(?:words?|wörter|mots|palabras)\)?\.?$|\(?word count)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?<=[.!?…\"”»])\s+"
    r"(?:i hope (?:this|that) (?:helps|meets|works|captures|is what|statement|draft|version)"
    r"|let me know|feel free to|would you like me|please let me know"
    r"|ich hoffe,? (?:das|dies|diese)\b[^.!?\n]{0,60}(?:hilft|hilfreich|weiter|entspricht|erklärung)"
    r"|lass(?:en sie)? (?:es )?mich wissen|sag(?:en sie)? (?:mir |einfach )?bescheid"
    r"|j['’]espère que (?:cela|ceci|cette|ce texte)|n['’]hésitez pas à me|dites[- ]moi si"
    r"|faites[- ]le[- ]moi savoir"
    r"|espero que (?:esto|esta declaraci|te|le|les) |no dud(?:es|e) en (?:decir|ped|cons|cont|pregunt)"
    r"|av[ií]s[ae]me)[^\n]*\Z",
    re.IGNORECASE,
)
_WORDS = r"(?:words?|wörter|mots|palabras)"
_COUNTED = re.compile(
    rf"\s*[(\[](?:(?:word count|wortzahl)\s*[:：]?\s*)?\d{{1,4}}(?:\s+{_WORDS})?[)\]]\s*\Z", re.IGNORECASE
)


def without_small_talk(text: str) -> str:
    """Without a greeting, an agreeing word, a title or a label in front, and a count of words behind."""
    text = _COUNTED.sub("", text.strip())
    for wrapping in (_GREETING, _SOUND_OF_AGREEING, _TITLE, _LABEL):
        text = wrapping.sub("", text, count=1).strip()
    return text


def without_closing(paragraph: str) -> str:
    """Without a last sentence that is meant for whoever asked."""
    return _CLOSING.sub("", paragraph)


def is_remark(paragraph: str) -> bool:
    """Whether a paragraph speaks about the answer."""
    return bool(_REMARK.match(paragraph))


def is_labelled(paragraph: str) -> bool:
    """Whether a paragraph says of itself that it is the answer."""
    return bool(_LABEL.match(paragraph))
