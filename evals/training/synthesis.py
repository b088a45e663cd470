"""Claims made by rule from public text: one detail changed, or the same said of somebody else.

Every function takes text and chance, and gives (evidence, claim, label) or nothing. A false claim keeps
nearly all words of its evidence and comes with a true twin, so that counting words cannot tell them apart.
"""

import re
from collections.abc import Sequence
from random import Random

Made = tuple[str, str, str]
SUPPORTED, UNSUPPORTED, CONTRADICTED = "supported", "unsupported", "contradicted"

NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]+(?: (?:of |the |de |van )?[A-Z][a-z]+)+\b")
_ONE_NAME = re.compile(r"^[A-Z][a-z]+(?: [A-Z][a-z'.]+){1,2}$")
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b[DMS][rst]\.)(?<!Mrs\.)(?<!\bvs\.)[\"”']?\s+(?=[A-Z\"“'(])"
)
_TITLE = re.compile(r"^[^:.]{2,70}: (?=[A-Z])")
_TAIL = re.compile(
    r",? (?:because|including|such as|in order to|while|so that|by \w+ing|which|due to) [^.]{15,90}\.$"
)
_NUMBER = re.compile(r"\b\d[\d,]*(?:\.\d+)?\b")
_STARTS_AS_PRONOUN = re.compile(r"(?:He|She|It|They|This|That|These|Those|His|Her|Its|Their)\b")
_TURNS = (
    ("more than", "less than"),
    ("at least", "at most"),
    ("over", "under"),
    ("before", "after"),
    ("first", "last"),
    ("increased", "decreased"),
    ("rose", "fell"),
    ("won", "lost"),
    ("all", "none"),
    ("most", "few"),
    ("many", "few"),
    ("million", "billion"),
    ("thousand", "million"),
    ("miles", "kilometres"),
    ("north", "south"),
    ("east", "west"),
    ("older", "younger"),
    ("larger", "smaller"),
    ("higher", "lower"),
    ("highest", "lowest"),
    ("largest", "smallest"),
    ("early", "late"),
    ("accepted", "rejected"),
    ("approved", "blocked"),
    ("guilty", "not guilty"),
    ("always", "never"),
    ("both", "neither"),
    ("joined", "left"),
    ("opened", "closed"),
    ("son", "daughter"),
    ("father", "mother"),
    ("brother", "sister"),
    ("husband", "wife"),
    ("morning", "evening"),
    ("dollars", "euros"),
    ("percent", "people"),
    ("for the first time", "for the second time"),
    ("supported", "opposed"),
    ("began", "ended"),
)
_SURER = (
    ("some", "all"),
    ("many", "all"),
    ("several", "all"),
    ("often", "always"),
    ("usually", "always"),
    ("may", "will"),
    ("could", "will"),
    ("can", "must"),
    ("likely", "certainly"),
    ("about", "exactly"),
    ("nearly", "exactly"),
    ("expected to", "known to"),
    ("hopes to", "will"),
    ("wants to", "will"),
    ("planned to", "did"),
    ("one of the", "the only one of the"),
)
_SAYS = (
    ('"{S}," said {N}.', "reports"), ("{N} said that {s}.", "reports"), ("{N} said {s}.", "reports"),
    ("{N} told reporters that {s}.", "reports"), ("{N} claimed that {s}.", "reports"),
    ("According to {N}, {s}.", "reports"), ("{N} believes that {s}.", "reports"),
    ("{N} alleged that {s}.", "reports"), ("{N} insisted that {s}.", "reports"),
    ("{N} denied that {s}.", "denies"), ("{N} rejected the claim that {s}.", "denies"),
    ("{N} confirmed that {s}.", "proves"), ("{N} discovered that {s}.", "proves"),
)  # fmt: skip
_RETOLD = ("{N} said that {s}.", "According to {N}, {s}.", "{N} claimed that {s}.", "{N} said {s}.")


def sentences(text: str) -> list[str]:
    """The sentences of `text`, split where a full stop stands before a capital."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def turned(evidence: str, sentence: str, chance: Random) -> list[Made]:
    """A sentence of the evidence with one telling word turned round, and the sentence itself."""
    pairs = [(a, b) for x in _TURNS for a, b in (x, x[::-1])]
    return _edited(evidence, sentence, pairs, CONTRADICTED, chance)


def hardened(evidence: str, sentence: str, chance: Random) -> list[Made]:
    """A sentence of the evidence made surer or wider than it stands there, and the sentence itself."""
    return _edited(evidence, sentence, _SURER, UNSUPPORTED, chance)


def _edited(
    evidence: str, sentence: str, pairs: Sequence[tuple[str, str]], label: str, chance: Random
) -> list[Made]:
    held = [(a, b) for a, b in pairs if re.search(rf"\b{a}\b", sentence)]
    if not held:
        return []
    old, new = chance.choice(held)
    changed = re.sub(rf"\b{old}\b", new, sentence, count=1)
    return [(evidence, changed, label), (evidence, sentence, SUPPORTED)]


def renumbered(evidence: str, sentence: str, chance: Random) -> list[Made]:
    """A number exchanged for another of the evidence, or for one near it."""
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return []
    match = chance.choice(found)
    others = [n for n in _NUMBER.findall(evidence) if n != match.group() and len(n) == len(match.group())]
    plain = match.group().replace(",", "")
    near = str(int(plain) + chance.choice((-10, -3, -1, 1, 2, 5, 10))) if plain.isdigit() else "7.3"
    new = chance.choice(others) if others and chance.random() < 0.6 else near.lstrip("-")
    changed = sentence[: match.start()] + new + sentence[match.end() :]
    if changed == sentence:
        return []
    return [(evidence, changed, CONTRADICTED), (evidence, sentence, SUPPORTED)]


def swapped(evidence: str, sentence: str, chance: Random) -> list[Made]:
    """Two names of a sentence in each other's place, unless they are named side by side as equals."""
    named = re.finditer(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b", sentence)
    found = list({match.group(): match for match in named}.values())
    if len(found) < 2:
        return []
    first, second = sorted(chance.sample(found, 2), key=lambda match: match.start())
    between = sentence[first.end() : second.start()]
    if len(between.split()) < 2 or re.fullmatch(r"\W*(?:\w+,? )?(?:and|or|with|,)[\w ]*", between):
        return []
    before, after = sentence[: first.start()], sentence[second.end() :]
    changed = f"{before}{second.group()}{between}{first.group()}{after}"
    return [(evidence, changed, CONTRADICTED), (evidence, sentence, SUPPORTED)]


def replaced(evidence: str, sentence: str, strangers: Sequence[str], chance: Random) -> list[Made]:
    """A name exchanged for another of the evidence, or for a stranger's."""
    found = NAME.findall(sentence)
    if not found:
        return []
    name = chance.choice(found)
    inside = [other for other in NAME.findall(evidence) if other not in sentence and name not in other]
    new = chance.choice(inside) if inside and chance.random() < 0.7 else chance.choice(strangers)
    return [(evidence, sentence.replace(name, new), CONTRADICTED), (evidence, sentence, SUPPORTED)]


def attributed(context: Sequence[str], place: int, names: Sequence[str], chance: Random) -> list[Made]:
    """The sentence at `place` put into somebody's mouth: that person said it, which does not make it so."""
    sentence = context[place].rstrip(".")
    if len(sentence.split()) < 5 or '"' in sentence or _STARTS_AS_PRONOUN.match(sentence):
        return []
    speaker, other = chance.sample([name for name in names if _ONE_NAME.match(name)], 2)
    template, kind = chance.choice(_SAYS)
    told = template.format(S=sentence, s=_inside(sentence), N=speaker)
    evidence = " ".join([*context[:place], told, *context[place + 1 :]])
    claim = f"{sentence}."
    if kind == "denies":
        return [
            (evidence, claim, CONTRADICTED),
            (evidence, chance.choice(_RETOLD).format(s=_inside(sentence), N=speaker), CONTRADICTED),
            (evidence, f"{speaker} denied that {_inside(sentence)}.", SUPPORTED),
        ]
    retold = chance.choice(_RETOLD)
    return [
        (evidence, claim, SUPPORTED if kind == "proves" else UNSUPPORTED),
        (evidence, retold.format(s=_inside(sentence), N=speaker), SUPPORTED),
        (evidence, retold.format(s=_inside(sentence), N=other), UNSUPPORTED),
    ]


def _inside(sentence: str) -> str:
    """The sentence as it stands after "that": names keep their capital."""
    first, _, rest = sentence.partition(" ")
    article = first in ("The", "A", "An", "In", "On", "At", "There", "During", "After", "Both", "All", "Some")
    return f"{first.lower()} {rest}" if article else sentence


def blended(evidence: str, chance: Random) -> list[Made]:
    """Who one sentence is about, with what another says of somebody else."""
    cut = re.compile(
        r"^((?:The |An? )?[A-Z][\w'’. -]{2,50}?) ((?:is|was|are|were|has|had|became) .{15,160})$"
    )
    halves = [match.groups() for one in sentences(evidence) if (match := cut.match(one))]
    named = [half for half in halves if not _STARTS_AS_PRONOUN.match(half[0])]
    if len({who for who, _ in named}) < 2:
        return []
    (who, does), (other, doing) = chance.sample(named, 2)
    if who in other or other in who or does == doing:
        return []
    return [(evidence, f"{who} {doing}", UNSUPPORTED), (evidence, f"{who} {does}", SUPPORTED)]


def halved(evidence: str, sentence: str, elsewhere: str, chance: Random) -> list[Made]:
    """Two facts in one claim of which the evidence has one, and two which it has both."""
    joined = [sentence.rstrip("."), elsewhere.rstrip(".")]
    chance.shuffle(joined)
    own = [one.rstrip(".") for one in sentences(evidence)]
    made = [(evidence, f"{joined[0]}, and {_inside(joined[1])}.", UNSUPPORTED)]
    if len(own) > 1:
        first, second = chance.sample(own, 2)
        made.append((evidence, f"{first}, and {_inside(second)}.", SUPPORTED))
    return made


def shortened(evidence: str, sentence: str, chance: Random) -> list[Made]:
    """A sentence without an aside or what follows its last comma: less is said, nothing else."""
    if re.match(
        r"(?:In|On|At|After|Before|During|For|By|From|With|As|When|While|Following|Although)\b", sentence
    ):
        return []
    for pattern in (r"\s*\([^)]*\)", r", (?:which|who|where) [^,]*,", r", [^,]{8,80}(?=\.$)"):
        shorter = re.sub(pattern, "", sentence, count=1)
        if shorter != sentence and len(shorter.split()) > max(5, len(sentence.split()) // 2):
            return [(evidence, shorter, SUPPORTED)]
    return []


def padded(evidence: str, sentence: str, elsewhere: str) -> list[Made]:
    """A sentence of the evidence with a reason or an example added which the evidence does not give."""
    for one in sentences(elsewhere):
        tail = _TAIL.search(one)
        if tail and one not in evidence and not _TAIL.search(sentence):
            return [
                (evidence, f"{sentence.rstrip('.')}{tail.group()}", UNSUPPORTED),
                (evidence, sentence, SUPPORTED),
            ]
    return []


def untitled(sentence: str) -> str:
    """The sentence without the title of its page, which some sets put before the first one."""
    return _TITLE.sub("", sentence)
