"""Matching a drafted sentence to the quotes that prove it, without any model.

A draft's offsets are ours and never the model's: the smallest set of source sentences that covers the
draft is found here, and what must not differ between the two (numbers, names, quoted words) is compared.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from qa import dates, evidence, facts
from qa.evidence import Quote, Sheet

MOST_QUOTES = 3
# A further quote must add this share of the sentence's weight, or it proves nothing of its own.
LEAST_GAIN = 0.12
# What the question or a title says already is in many sentences of its topic and singles out none of them.
ASKED_WEIGHT = 0.25
LEAST_NOVELTY = 0.3
"""Share of a sentence's new terms, by weight, that its quotes must have together …"""
CARRIED = 0.8
"""… and that one of them must carry alone."""
DESCRIBING_WORDS = 25
"""A question of so many words describes what it asks for, often with names from several documents: a draft
that repeats them is held to what it adds."""
CLAUSE_TERMS = 3
BESIDE = 0.6
"""Share of the words about a number that must stand in one clause with it."""
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
_NO_ANSWER = re.compile(
    r"\b(?:does|do|did)(?: not|n['’]t) "
    r"(?:provide|mention|specify|state|contain|say|include|give|indicate|name)"
    r"|\b(?:not|n['’]t) (?:mentioned|specified|provided|stated|given|named|known) (?:in|by)\b"
    r"|\bno (?:information|mention)\b|\b(?:is|are|was|were) not (?:mentioned|specified|provided|stated)\b",
    re.IGNORECASE,
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
    reversed: bool = False
    """Whether it denies what the quotes affirm, or is against what they are for; of the source's own words,
    whether they stand in the place of such a sentence."""


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


def settle(sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]) -> tuple[str, Proof]:
    """The sentence that may stand, with its proof: the draft's own, or the source's words in its place.

    A draft that turns its quotes round gives way to them: whoever asks why somebody voted against a bill
    learns that he voted for it. A draft that only repeats the question tells nothing; the sentence behind it
    does. A draft that needs several quotes may have blended two facts into a third: unless they stand side by
    side and one carries all it adds to the question but names (who "he" is stands in the sentence before),
    the best of them stands.
    """
    proof = prove(sentence, question, sheet, weight)
    if proof.quotes and proof.reversed:
        text, own = own_words(_opposite(sentence, question, sheet, weight), sheet)
        return text, replace(own, reversed=True)
    if proof.faults:
        mend = (_added, _undated, _renumbered, _scattered)
        mended = (done for one in mend if (done := one(sentence, question, sheet, weight)))
        return next(mended, (sentence, proof))
    # Who wants a yes or a no gets it from the source: a small model makes a statement of the question.
    stands = proof.verbatim if facts.asks_whether(question) else adds(sentence, question)
    if not proof.quotes or (stands and not _blends(sentence, question, proof, sheet, weight)):
        return sentence, proof
    return instead(sentence, question, proof, sheet, weight)


def _added(
    sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof] | None:
    """The source's words for what `sentence` adds to a question that describes at length; None when that has
    faults of its own, or the question is a plain one."""
    if len(question.split()) < DESCRIBING_WORDS:
        return None
    told = [clause for clause in facts.clauses(sentence) if adds(clause, question)]
    own = prove(" ".join(told), question, sheet, weight)
    return instead(sentence, question, own, sheet, weight) if own.quotes and not own.faults else None


def _undated(
    sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof] | None:
    """The source's words where all that is wrong with `sentence` is the year that it gives a day."""
    bare = dates.without_years(sentence)
    own = prove(bare, question, sheet, weight)
    if bare == sentence or not own.quotes or own.faults:
        return None
    return instead(bare, question, own, sheet, weight)


def _renumbered(
    sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof] | None:
    """The sentence nearest to the question that counts what is asked, where all that is wrong with `sentence`
    is how many."""
    counted = facts.counted(question)
    everything = " ".join([*sheet.titles.values(), *(quote.text for quote in sheet.quotes)])
    numbers = facts.numbers(sentence) | {number for _, number in facts.counts(sentence)}
    bare = " ".join(word for word in sentence.split() if not numbers.intersection(facts.words(word)))
    # "One" is too often a pronoun.
    telling = [q for q in sheet.chosen if counted in {noun for noun, n in facts.counts(q.text) if n != "1"}]
    if not telling or _faults(bare, question, sheet.quotes, everything, sheet):
        return None
    return own_words(max(telling, key=lambda quote: quote.score), sheet)


def _scattered(
    sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof] | None:
    """The sentence that takes up most of the question, where `sentence` mixes what several have; None when it
    has something that none of them has."""
    everything = " ".join([*sheet.titles.values(), *(quote.text for quote in sheet.quotes)])
    asked = facts.terms(question)
    found = facts.share(facts.terms(sentence) - asked, facts.terms(everything), weight) >= CARRIED
    if not found or _faults(sentence, question, sheet.quotes, everything, sheet):
        return None
    best = max(sheet.quotes, key=lambda quote: sum(map(weight, asked & quote.terms)))
    return None if asked.isdisjoint(best.terms) else own_words(best, sheet)


def adds(sentence: str, question: str) -> bool:
    """Whether `sentence` says anything that `question` does not."""
    return bool(facts.terms(sentence) - facts.terms(question))


def strays(sentence: str, question: str, proof: Proof, sheet: Sheet) -> bool:
    """Whether `sentence` has telling words that its quotes and their titles have not, or claims nothing.

    One common word of the question may come from elsewhere in the document: who is a "boy" here is a "son"
    there. A second one, a name, or a word that nobody wrote ties the quotes to something they do not tell.
    By the human labels of RAGTruth 25 of 424 sentences that stray are unsupported, and 5 of 400 that do not.
    """
    said, names = facts.terms(sentence), facts.names(sentence)
    cited = {quote.document_id for quote in proof.quotes}
    carried = facts.terms(sheet.headed(proof.quotes)).union(*(q.terms for q in proof.quotes))
    read = frozenset[str]().union(*(quote.terms for quote in sheet.quotes if quote.document_id in cited))
    foreign = said - carried
    taken_up = (foreign & facts.terms(question) & read) - names
    return said <= names | facts.numbers(sentence) or foreign != taken_up or len(taken_up) > 1


def instead(
    sentence: str, question: str, proof: Proof, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof]:
    """The quote that carries most of a sentence and its question, in its own words: first of all its numbers,
    if they are told of anything that was asked."""
    wanted, numbers = facts.terms(sentence) | facts.terms(question), facts.numbers(sentence)
    asked = facts.terms(question) - facts.names(question)

    def carried(quote: Quote) -> tuple[bool, float]:
        numbered = numbers <= facts.numbers(quote.text) and not asked.isdisjoint(quote.terms)
        return numbered, sum(map(weight, wanted & quote.terms))

    return own_words(max(proof.quotes, key=carried), sheet)


def _blends(sentence: str, question: str, proof: Proof, sheet: Sheet, weight: Callable[[str], float]) -> bool:
    """Whether `sentence` takes its parts from several quotes that stand apart or of which none carries it, or
    states what one of them asks."""
    # What a document is about, its title tells, and no sentence of it need repeat.
    known = f"{question} {sheet.headed(proof.quotes)}"
    if not _tied(sentence, known, proof) or any(map(evidence.asks, proof.quotes)):
        return True
    if len(proof.quotes) == 1:
        return False
    places = [sheet.quotes.index(quote) for quote in proof.quotes]
    new = facts.terms(sentence) - facts.terms(known) - facts.names(sentence)
    return max(places) - min(places) >= len(places) or all(
        facts.share(new, quote.terms, weight) < CARRIED for quote in proof.quotes
    )


def _tied(sentence: str, known: str, proof: Proof) -> bool:
    """Whether each number of `sentence` tells of what it tells of in the quotes."""
    return all(_together(clause, known, proof) for clause in facts.clauses(sentence, CLAUSE_TERMS))


def _together(clause: str, known: str, proof: Proof) -> bool:
    """Whether the numbers of a clause stand in one of the quotes, beside the names that it adds to what is
    `known`, and in the clauses of that quote from which most of its other words are."""
    told, names = facts.numbers(clause), facts.names(clause)
    if not told:
        return True
    found = frozenset[str]().union(*(quote.terms for quote in proof.quotes))
    others = (facts.terms(clause) & found) - told - names
    wanted = told | (names - facts.terms(known))
    for quote in proof.quotes:
        own = facts.clauses(quote.text, CLAUSE_TERMS)
        beside = (facts.terms(one) for one in own if told & facts.numbers(one))
        near = facts.share(others, frozenset[str]().union(*beside)) >= BESIDE
        if near and wanted <= quote.terms | facts.numbers(quote.text):
            return True
    return False


def _opposite(sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]) -> Quote:
    """The sentence that takes up most of the question among those which `sentence` turns round: at least the
    quotes of a reversed proof, none of which denies."""
    asked = facts.terms(question)
    turned = [quote for quote in sheet.quotes if facts.turned(sentence, quote.text)]
    return max(turned, key=lambda quote: sum(map(weight, asked & quote.terms)))


def own_words(quote: Quote, sheet: Sheet, told: Collection[Quote] = ()) -> tuple[str, Proof]:
    """A quote as a sentence of the answer, with the one before it when it is not understood alone.

    Args:
        told: what the reader knows already and need not read again.
    """
    at = sheet.quotes.index(quote)
    quotes: tuple[Quote, ...] = (quote,)
    if at and sheet.quotes[at - 1] not in told and evidence.leans(sheet.quotes[at - 1], quote):
        quotes = (sheet.quotes[at - 1], quote)
    proof = Proof(quotes=quotes, containment=1, novelty=1, verbatim=True, faults=())
    return " ".join(one.text for one in quotes), proof


def prove(sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]) -> Proof:
    """Find the smallest set of quotes that covers `sentence`, and compare the two."""
    wanted, asked = facts.terms(sentence), facts.terms(question)
    new = wanted - asked
    known = asked | facts.terms(" ".join(sheet.titles.values()))

    def telling(term: str) -> float:
        return weight(term) * (ASKED_WEIGHT if term in known else 1)

    quotes = _cover(wanted, sheet, telling)
    found = facts.terms(sheet.headed(quotes)).union(*(quote.terms for quote in quotes))
    text = " ".join(quote.text for quote in quotes)
    novelty = facts.share(new, found, weight)
    turned = facts.turned(sentence, text)
    return Proof(
        quotes=quotes,
        containment=facts.share(wanted, found, weight),
        novelty=novelty,
        verbatim=any(_is_quotation(sentence, quote) for quote in quotes),
        faults=_faults(sentence, question, quotes, text, sheet)
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
        quotes = tuple(quote for quote in quotes if not evidence.entitles(quote, sheet.titles))
    return tuple(quote for quote in sheet.quotes if quote in chosen)


def _faults(
    sentence: str, question: str, quotes: tuple[Quote, ...], text: str, sheet: Sheet
) -> tuple[str, ...]:
    """What `sentence` has and its quotes, whose text is `text`, have not."""
    cited = {quote.document_id for quote in quotes}
    # A name that only another document has would be a blend of the two.
    titles = (title for id, title in sheet.titles.items() if id in cited)
    everything = " ".join([*titles, *(quote.text for quote in sheet.quotes if quote.document_id in cited)])
    # A number of the question ("the two of them") is taken up, not claimed.
    numbers = facts.numbers(sentence) - facts.numbers(text) - facts.numbers(question)
    faults = [f"the number {number} is not in the quotes" for number in sorted(numbers)]
    told = facts.measures(text) | facts.single_units(text) | facts.measures(question)
    measures = facts.measures(sentence) - told
    faults += [
        f"{number} {unit} is not in the quotes" for unit, number in sorted(measures) if number not in numbers
    ]
    missing = facts.names(sentence) - facts.terms(everything)
    faults += [f"the name “{name}” is not in the source" for name in sorted(missing)]
    mine, theirs = facts.ordinals(sentence), facts.ordinals(text)
    # Who paid for the first journey did not pay for the second.
    faults += [f"“{one}” is not in the quotes" for one in sorted(mine - theirs) if theirs - mine]
    plain = facts.plain(everything)
    faults += [f"“{q}” is not a quotation" for q in facts.quoted(sentence) if facts.plain(q) not in plain]
    return tuple(faults)
