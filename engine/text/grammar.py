"""What is read from a prompt before its words are weighed: who is denied, how strongly, what is only tried or held
back.

Encoders are deaf to "not" and "slightly"; these few patterns are parsed, everything else is left to the encoder.
"""

import re
from dataclasses import dataclass

FELT, TRIED, HELD = "felt", "tried", "held"


@dataclass(frozen=True)
class Clause:
    """One part of a prompt.

    `text` is what the encoder reads; `degree` 1 as it stands, below 1 weaker, above 1 stronger; `negated` when it is
    denied; `manner` FELT, TRIED (a will, not a feeling: "trying to smile") or HELD ("holding back tears"); `said` is
    the part before anything was taken out of it.
    """

    text: str
    degree: float = 1.0
    negated: bool = False
    manner: str = FELT
    said: str = ""


_DEGREES = {
    0.3: "barely|hardly any|a trace of|traces of|a hint of|hints of|a whiff of|a shadow of|the ghost of|"
    "barely perceptible|almost imperceptible|ever so slightly|very slightly|very slight|the slightest|ever so faintly",
    0.45: "slightly|a tiny bit|just a little|just a bit|a little bit|a little|a bit of a|a bit of|a bit|a tad|"
    "a touch of|a touch|a tinge of|faintly|faint|slight|mildly|mild|subtle|subtly|vaguely|a smidge|a smidgen|lightly|"
    "light|a slight|a subtle|a faint|a mild|a suggestion of|a wee bit|a dash of|a spot of",
    0.62: "somewhat|kind of|sort of|kinda|sorta|moderately|moderate|half|partly|partially|vague|a certain|semi|"
    "not too|not very strongly|in a way",
    0.85: "rather|fairly|quite|pretty|reasonably|relatively|almost|nearly|mostly|just about",
    1.4: "very|really|so|so much|very much|truly|genuinely|real|super|rly|v|too|particularly|especially|highly|"
    "strongly|strong|a lot|a lot of|much|lots of|seriously|properly|well and truly|dead|proper|mighty|awfully|"
    "remarkably|deeply|deep|profoundly|greatly|intensely|intense|more and more|increasingly|visibly|clearly|openly|"
    "broadly|great|big|hugely|bloody|hella|majorly|plenty of",
    1.9: "extremely|extreme|incredibly|insanely|unbelievably|absolutely|completely|totally|utterly|utter|wildly|madly|"
    "fully|overwhelmingly|terribly|horribly|ridiculously|immensely|beyond|as hell|as can be|as fuck|af|to the core|"
    "to the bone|to the extreme|out of his mind|out of her mind|out of my mind|beyond words|beyond belief|very very|"
    "so so|really really|exceedingly|exceptionally|extraordinarily|tremendously|enormously|fucking|freaking|frigging|"
    "bitterly|violently|uncontrollably|more than ever|all-consuming|maximum|maximally|the most|pure|sheer|total|"
    "complete|absolute|abject|unspeakably|desperately|entirely|thoroughly|overwhelming|massively|stupidly|outright",
}
_FACTOR = {phrase: factor for factor, phrases in _DEGREES.items() for phrase in phrases.split("|")}
_DEGREE = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(_FACTOR, key=len, reverse=True))) + r")\b(?!-)")

_AND = re.compile(
    r"\s*(?:[,;:+&/]|\.\s|\s-\s|\bbut also\b|\bbut\b|\byet\b|\bthough\b|\balthough\b|\bwhile\b|\bwhilst\b|\band\b|"
    r"\bwith\b|\bmixed with\b|\bmingled with\b|\btinged with\b|\blaced with\b|\bplus\b|\bmeets\b|\bas well as\b|"
    r"\bbordering on\b|\bturning into\b|\bthen\b|\bat the same time\b|\bhalf\b(?=.*\bhalf\b)|\bhowever\b|\bdespite\b|"
    r"\bin spite of\b|\beven though\b|\bbehind\b|\bbeneath\b|\bunderneath\b|\bunder\b|\bthrough\b)\s*"
)
_REWRITES = (  # sayings whose "not" or "but" would mislead what follows
    (r"\bnothing but\b", " "),
    (r"\banything but\b", "not"),
    (r"\bneither (.+?) nor\b", r"not \1 , not"),
    (r"\bnot (?:only|just|merely|simply) (.+?)(?:,? but(?: also)?|,)", r"\1 ,"),
    (r"\bbut (?=not\b|no longer\b|without\b|never\b)", ", "),
    (r"\bmore (\w+) than (\w+)\b", r"\1 , slightly \2"),
    (r"\b(?:isnt|arent|wasnt|werent|aint|isn|aren)\b", "is not"),
    (r"\b(?:dont|doesnt|didnt)\b", "do not"),
    (r"\b(half|almost|nearly)-(?=closed|shut)", r"\1 "),
)
_DENIED = re.compile(
    r"\b(?:not|never|no longer|no more|no|without|free of|free from|lacking|devoid of|lack of|absence of|zero|"
    r"far from|instead of|rather than|nor|stopped|nothing like|less than|hardly|scarcely|wont|cant|cannot|can not|"
    r"couldnt|refuses to|refusing to|unable to|non)\b[\s-]*(?:(?:a|an|any|the|at all|in the least|even|really|being|"
    r"be|feeling|feel|feels|look|looking|to be|seem|seeming|one bit|a bit|longer|sign of|trace of|hint of|getting|get|"
    r"exactly|particularly|much of a|much)\b\s*)*"
)
_AFTER = re.compile(r"\s+(?:any ?more|at all|in the least|whatsoever|any longer|one bit)$")
_IDIOM = re.compile(  # "not" that denies nothing
    r"\b(?:no doubt|no wonder|(?:can ?not|cant|couldnt|could not|never) (?:wait|stop|help|contain|stand|get enough|"
    r"be happier|be prouder|be more|have been|believe|hide|hold|breathe|sit|take|cope)|never been (?:so |more |"
    r"happier|better)|not (?:again|now|sure|fair|bothered|well|my|on\b)|no (?:idea|way|clue|nonsense|worries|"
    r"reaction)|do not (?:know|care|get it|mind|worry|panic|understand|think|want|make)|not (?:to|going to|gonna) )"
)
_TRIED = re.compile(
    r"\b(?:(?:trying|tries|tried|try|attempting|attempts|struggling|struggles|straining|doing (?:his|her|my|"
    r"their) best|making an effort|wanting|hoping|managing|manages) (?:hard |so hard |desperately |bravely |"
    r"very hard )?to(?: (?:look|seem|appear|be|stay|keep|act|remain|sound|put on))?|pretending(?: to (?:be|feel|"
    r"look))?|pretends(?: to (?:be|feel|look))?|feigning|feigned|faking|fake|forcing|forces|forced|putting on|puts on|"
    r"acting|simulating|mock)\b\s*(?:a|an|some)?\s*"
)
_HELD = re.compile(
    r"\b(?:(?:trying|tries|tried|struggling|try) (?:hard |desperately )?not to(?: (?:be|look|show|seem))?|"
    r"holding back|holds back|fighting back|fighting off|biting back|choking back|keeping back|suppressing|suppressed|"
    r"hiding|hidden|hides|concealing|concealed|masking|masked|stifling|stifled|repressing|repressed|restraining|"
    r"restrained|containing|barely contained|bottling up|swallowing|disguising|covering up|to hide|to mask|to conceal|"
    r"to cover)\b\s*(?:his|her|my|their|the|a|an|any)?\s*"
)
_PEOPLE = (
    r"hes|shes|im|theyre|youre|were|its|he|she|they|i|we|you|it|someone|somebody|a person|a man|a woman|the man|"
    r"the woman|a girl|a boy|who|person|man|woman"
)
_FRAME = re.compile(
    rf"^(?:(?:{_PEOPLE})\s+)?(?:(?:hes|shes|im|theyre|youre|its|is|are|was|were|am|s|m|re|be|being|been|been feeling|"
    rf"feels|feel|felt|feeling|looks|look|looking|looked|seems|seeming|appears|appearing|sounds|sounding|gets|getting|"
    rf"got|becomes|becoming|acts|acting|stays|stay|remains)\s+)+(?:like\s+|as if\s+|as though\s+)?|"
    rf"^(?:{_PEOPLE})\s+(?:has|have|had|with)\s+(?:a|an)\s+|^(?:a|an|the|both|with|in|also|still|just|only|at once)\s+"
)

_LIDS, _SHUT = r"(?:eyes|lids|eyelids)", r"(?:close[sd]?|closing|shut|shuts|shutting)"
_BESIDE = r"(?:\s+(?:are|were|both|his|her|my|your|their|the|kept|held|tight|tightly|firmly|gently|softly|squeezed|screwed))*\s+"
_ASLEEP = r"(?<!fall )(?<!falls )(?<!falling )(?:asleep|sleeping)"
_EYES_SHUT = re.compile(rf"\b(?:{_LIDS}{_BESIDE}{_SHUT}|{_SHUT}{_BESIDE}{_LIDS}|{_ASLEEP})\b")
_WINKS = re.compile(r"\bwink(?:s|ed|ing)?\b")


def shuts_eyes(part: Clause) -> bool:
    """Whether a part says that the eyes are closed: not half, nor hardly, nor that they are not."""
    return _plainly(part, _EYES_SHUT)


def winks(part: Clause) -> bool:
    """Whether a part says that one eye is closed."""
    return _plainly(part, _WINKS)


def _plainly(part: Clause, said: re.Pattern[str]) -> bool:
    return not part.negated and part.manner == FELT and part.degree >= 1 and bool(said.search(part.text))


def clauses(text: str) -> list[Clause]:
    """The parts of a prompt that stand side by side, at least one; `text` as `plain` gives it."""
    pieces = [piece for piece in _AND.split(_rewritten(text)) if piece and piece.strip(" .!?")]
    found = [clause for piece in pieces for clause in _clause(piece.strip(" .!?"))]
    return found or [Clause(text, said=text)]


def whole(text: str) -> Clause:
    """The prompt as one part, only its degree taken out."""
    return _degree(text.strip(" .!?"))


def _rewritten(text: str) -> str:
    for pattern, other in _REWRITES:
        text = re.sub(pattern, other, text)
    return text


def _clause(text: str) -> list[Clause]:
    """Parts of a piece without conjunctions: what comes before a denial stands, what follows it is denied."""
    idiom = _IDIOM.search(text)
    denied = None if idiom else _DENIED.search(text)
    if denied is None or not text[denied.end() :].strip():
        return [_mannered(text)]
    before, after = text[: denied.start()].strip(), _mannered(_AFTER.sub("", text[denied.end() :]))
    weak = after.degree > 1  # "not very happy" denies the strength as well as the thing
    refused = Clause(after.text, 0.7 if weak else 1.0, True, after.manner, after.said)
    return ([_mannered(before)] if _bare(before) else []) + [refused]


def _mannered(text: str) -> Clause:
    for pattern, manner in ((_HELD, HELD), (_TRIED, TRIED)):
        match = pattern.search(text)
        if match and text[match.end() :].strip():
            inner = _degree(text[match.end() :])
            return Clause(inner.text, inner.degree, False, manner, text)
    return _degree(text)


def _degree(text: str) -> Clause:
    """Take degree words out, unless nothing would be left."""
    factor = 1.0
    percent = re.search(r"\b(\d{1,3}) ?(?:%|percent\b)", text)
    if percent:
        factor *= min(int(percent[1]), 100) / 100 * 1.2
        text = text.replace(percent[0], " ")
    for match in _DEGREE.finditer(text):
        factor *= _FACTOR[match[0]]
    rest = _bare(_DEGREE.sub(" ", text))
    return Clause(rest, min(max(factor, 0.2), 2.5), said=text) if rest else Clause(_bare(text) or text, said=text)


def _bare(text: str) -> str:
    """Without the frame that says nothing: "she is feeling ..."."""
    text, before = " ".join(text.split()), ""
    while text != before:
        text, before = _FRAME.sub("", text, count=1).strip(), text
    return (
        ""
        if re.fullmatch(
            rf"(?:{_PEOPLE}|of|of|is|are|was|were|am|be|do|does|and|to|the|a|an|with|in)?( (is|are|was|were|am|be|do|"
            rf"does))?",
            text,
        )
        else text
    )
