"""Matching a drafted sentence to the quotes that prove it, without any model.

A draft's offsets are ours and never the model's: the smallest set of source sentences that covers the
draft is found here, and what must not differ between the two (numbers, names, quoted words) is compared.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from qa import facts, quoting
from qa.evidence import Sheet
from qa.quoting import Quote

MOST_QUOTES = 3
# A further quote must add this share of the sentence's weight, or it proves nothing of its own.
LEAST_GAIN = 0.12
# What the question or a title says already is in many sentences of its topic and singles out none of them.
ASKED_WEIGHT = 0.25
LEAST_NOVELTY = 0.3
"""Share of a sentence's new terms, by weight, that its quotes must have."""
MOST_OF = 0.7
"""Share of a quote's characters that make a sentence from the middle of it verbatim."""

_YES_NO = re.compile(r"^(yes|no)\b[,.:;—–-]*\s*", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"^(?:according to|in|as stated in|based on) (?:the|this) (?:passages?|article|text)"
    r"(?: from [“\"][^”\"]*[”\"](?:,\s*|\s+)|[^,]{0,40},\s*)"
    r"|^the (?:passages?|article|text)(?: from [“\"][^”\"]*[”\"])?"
    r" (?:states?|says?|mentions?|notes?|reports?|suggests?|indicates?) that,?\s+",
    re.IGNORECASE,
)
_ALL_QUOTED = re.compile(r"^[“\"]([^“”\"]+)[”\"]\.?$")
# Who "did not say" stands in the source; what the passage does not say, the draft says of its task.
_NO_ANSWER = re.compile(
    r"\b(?:passages?|articles?|documents?|texts?|sources?|context)\b[^.;]* (?:does|do|did)(?: not|n['’]t) "
    r"(?:provide|mention|specify|state|contain|say|include|give|indicate|name)"
    r"|\b(?:not|n['’]t) (?:mentioned|specified|provided|stated|given|named|known) (?:in|by)\b"
    r"|\bno (?:information|mention)\b|\b(?:is|are|was|were) not (?:mentioned|specified|provided|stated)\b",
    re.IGNORECASE,
)

_PRONOUN = re.compile(r"\b(?:he|him|his|she|hers?|it|its|they|them|theirs?)\b", re.IGNORECASE)
# "The Secretary of Homeland Security, Todd Robinson, met …": who somebody is.
_OFFICE = re.compile(
    r"(?P<office>\b[A-Z][\w.]+(?: (?:[A-Z][\w.]+|of|for|the|and))*), (?P<name>[A-Z][\w.]+(?: [A-Z][\w.]+)*),"
)
# A draft that talks of the passage talks of its task, not of what was asked.
_SELF = re.compile(r"\bthe passages?\b", re.IGNORECASE)
# Where it turns from one passage to the next.
_TURN = re.compile(
    r",? (?:and|but|while|whereas) (?=(?:(?:according to|in|as stated in) )?the passages?\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The quotes that carry a sentence, and what speaks against it."""

    quotes: tuple[Quote, ...]
    containment: float
    """Share of the sentence's terms, by weight, which stand in the quotes and their titles: 0 to 1."""
    novelty: float
    """The same share of those terms only that the question did not have; 1 when there are none."""
    verbatim: bool
    faults: tuple[str, ...]
    """What the sentence has and the source has not; each in words for people."""
    above: tuple[Quote, ...] = ()
    """The headings, and the head of the table, without which the quotes say too little."""
    reversed: bool = False
    """Whether it denies what the quotes affirm, or is against what they are for; of the source's own words,
    whether they stand in the place of such a sentence."""

    @property
    def cited(self) -> tuple[Quote, ...]:
        """All that the reader is shown: what stands above the quotes, and these."""
        return (*self.above, *self.quotes)


def claims(draft: str) -> list[str]:
    """What a drafted sentence claims, passage by passage, without "Yes," or "The passage states that".

    What still talks of the passage then is left out.
    """
    *sides, last = _TURN.split(draft.strip())
    claimed = map(_claim, [*(f"{side}." for side in sides), last])
    return [claim for claim in claimed if not _SELF.search(claim)]


def _claim(side: str) -> str:
    bare = _LEAD_IN.sub("", _YES_NO.sub("", side))
    if match := _ALL_QUOTED.match(bare):
        bare = match[1].strip()
    return bare[:1].upper() + bare[1:]


def says_nothing(draft: str) -> bool:
    """Whether the draft tells that the passage does not hold the answer."""
    return bool(_NO_ANSWER.search(draft)) or not facts.terms(draft)


def adds(sentence: str, question: str) -> bool:
    """Whether `sentence` says anything that `question` does not."""
    return bool(facts.terms(sentence) - facts.terms(question))


def strays(sentence: str, question: str, proof: Proof, sheet: Sheet) -> bool:
    """Whether `sentence` has telling words that its quotes and their titles have not, or claims nothing.

    One common word of the question may come from elsewhere in the document: who is a "boy" here is a "son"
    there. A second one, a name, be it in the title, or a word that nobody wrote ties the quotes to something
    they do not tell.
    By the human labels of RAGTruth 25 of 424 sentences that stray are unsupported, and 5 of 400 that do not.
    """
    said, names = facts.terms(sentence), facts.names(sentence)
    cited = {quote.document_id for quote in proof.quotes}
    quoted = frozenset[str]().union(*(quote.terms for quote in proof.quotes))
    # A title names whom a pronoun means, and says nothing of anybody else.
    headed = facts.terms(sheet.headed(proof.quotes))
    carried = quoted | (headed if _refers(proof) else headed - names)
    read = frozenset[str]().union(*(quote.terms for quote in sheet.quotes if quote.document_id in cited))
    foreign = said - carried
    taken_up = (foreign & facts.terms(question) & read) - names
    return (
        said <= names | facts.numbers(sentence)
        or foreign != taken_up
        or len(taken_up) > 1
        or _gives_office(sentence, proof)
    )


def _gives_office(sentence: str, proof: Proof) -> bool:
    """Whether it gives somebody an office that no quote names together with him."""
    for said in _OFFICE.finditer(sentence):
        both = facts.terms(said.group())
        if not any(both <= quote.terms for quote in proof.quotes):
            return True
    return False


def _refers(proof: Proof) -> bool:
    """Whether any of the quotes has a pronoun."""
    return any(_PRONOUN.search(quote.text) for quote in proof.quotes)


def own_words(quote: Quote, question: str, sheet: Sheet, told: Collection[Quote] = ()) -> tuple[str, Proof]:
    """A quote as a sentence of the answer, with the one before it when it is not understood alone, and with
    the one after it when it only announces that, or is denied there; under the headings that say what of the
    question it does not say itself. A row of a table is told with the names of its columns.

    Args:
        told: what the reader knows already and need not read again.
    """
    at = sheet.quotes.index(quote)
    before, after = sheet.quotes[:at][-1:], sheet.quotes[at + 1 :][:1]
    quotes = (
        *(one for one in before if one not in told and quoting.leans(one, quote)),
        quote,
        *(one for one in after if quoting.tells(one) and quoting.brings(quote, one)),
    )
    known = (*told, *quotes)
    headings = [one for one in quoting.above(quote, question) if not any(map(one.is_in, known))]
    words = [*(one.heading for one in headings), *(one.words for one in quotes)]
    proof = Proof(
        quotes=quotes,
        above=(*headings, *_heads(quotes, sheet)),
        containment=1,
        novelty=1,
        verbatim=all(one.words == one.text for one in quotes),
        faults=(),
    )
    return " ".join(words), proof


def _heads(quotes: Collection[Quote], sheet: Sheet) -> list[Quote]:
    """The heads of the tables from which `quotes` are rows."""
    rows = {(one.document_id, one.above.head) for one in quotes if one.above.columns}
    return [one for one in sheet.quotes if (one.document_id, one.start) in rows]


def prove(sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]) -> Proof:
    """Find the smallest set of quotes that covers `sentence`, and compare the two."""
    wanted, asked = facts.terms(sentence), facts.terms(question)
    new = wanted - asked
    known = asked | facts.terms(" ".join(sheet.titles.values()))

    def telling(term: str) -> float:
        return weight(term) * (ASKED_WEIGHT if term in known else 1)

    quotes = _cover(wanted, sheet, telling)
    found = facts.terms(sheet.headed(quotes)).union(*(quote.terms for quote in quotes))
    text = " ".join(quote.read for quote in quotes)
    novelty = facts.share(new, found, weight)
    turned = facts.turned(sentence, text)
    headings = dict.fromkeys(one for quote in quotes for one in quoting.above(quote, sentence))
    return Proof(
        quotes=quotes,
        above=(*headings, *_heads(quotes, sheet)),
        containment=facts.share(wanted, found, weight),
        novelty=novelty,
        verbatim=any(_is_quotation(sentence, quote) for quote in quotes),
        faults=faults(sentence, question, quotes, text, sheet)
        + (("what it adds is not in the quotes",) if novelty < LEAST_NOVELTY else ())
        + (("it turns round what the quotes say",) if turned else ()),
        reversed=turned,
    )


def _is_quotation(sentence: str, quote: Quote) -> bool:
    """Whether `sentence` has the words of `quote`: from its beginning on, or nearly all of them. A few words
    torn out of "would not say whether …" are no quotation."""
    said, written = facts.plain(sentence), facts.plain(quote.text)
    return written.startswith(said) or (said in written and len(said) >= MOST_OF * len(written))


def _cover(wanted: frozenset[str], sheet: Sheet, weight: Callable[[str], float]) -> tuple[Quote, ...]:
    """Greedy set cover: at each step the quote that adds most weight, in document order at the end.

    A title proves alone or not at all: beside others it only says what they are about.
    """
    total = sum(map(weight, wanted))
    left, chosen, quotes = set(wanted), list[Quote](), sheet.quotes
    while left and quotes and len(chosen) < MOST_QUOTES:
        # Of two equal quotes the shorter proves it with less.
        best = max(quotes, key=lambda quote: (sum(map(weight, left & quote.terms)), -len(quote.text)))
        if sum(map(weight, left & best.terms)) < LEAST_GAIN * total or best in chosen:
            break
        chosen.append(best)
        left -= best.terms
        quotes = tuple(quote for quote in quotes if not quoting.entitles(quote, sheet.titles))
    return tuple(quote for quote in sheet.quotes if quote in chosen)


def faults(
    sentence: str, question: str, quotes: tuple[Quote, ...], text: str, sheet: Sheet
) -> tuple[str, ...]:
    """What `sentence` has and its quotes, whose text is `text`, have not."""
    cited = {quote.document_id for quote in quotes}
    # A name that only another document has would be a blend of the two.
    titles = (title for id, title in sheet.titles.items() if id in cited)
    everything = " ".join([*titles, *(quote.read for quote in sheet.quotes if quote.document_id in cited)])
    # A number of the question ("the two of them") is taken up, not claimed.
    numbers = facts.numbers(sentence) - facts.numbers(text) - facts.numbers(question)
    faults = [f"the number {number} is not in the quotes" for number in sorted(numbers)]
    told = facts.measures(text) | facts.single_units(text) | facts.ages(text) | facts.measures(question)
    measures = facts.measures(sentence) - told
    faults += [
        f"{number} {unit} is not in the quotes" for unit, number in sorted(measures) if number not in numbers
    ]
    # Of "which party" the answer is a Party, though its source may only speak of Democrats. Whoever writes no
    # name with a capital may mean one.
    taken_up = facts.common(question) if facts.names(question) else frozenset[str]()
    missing = facts.names(sentence) - facts.terms(everything) - taken_up
    faults += [f"the name “{name}” is not in the source" for name in sorted(missing)]
    mine, theirs = facts.ordinals(sentence), facts.ordinals(text)
    # Who paid for the first journey did not pay for the second.
    faults += [f"“{one}” is not in the quotes" for one in sorted(mine - theirs) if theirs - mine]
    plain = facts.plain(everything)
    faults += [f"“{q}” is not a quotation" for q in facts.quoted(sentence) if facts.plain(q) not in plain]
    return tuple(faults)
