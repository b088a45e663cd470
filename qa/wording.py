"""The words in which a drafted sentence may stand: its own, or the source's in their place.

A small model miscounts, blends two facts, turns one round, or repeats the question. Where the source has a
sentence that the draft was made of, that one stands instead; knows no model.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from qa import answer_type, dates, facts, grounding, quoting
from qa.evidence import Sheet
from qa.grounding import Proof
from qa.quoting import Quote

CARRIED = 0.8
"""Share of a sentence's new terms, by weight, that one of its quotes must carry alone."""
DESCRIBING_WORDS = 25
"""A question of so many words describes what it asks for, often with names from several documents: a draft
that repeats them is held to what it adds."""
CLAUSE_TERMS = 3
BESIDE = 0.6
"""Share of the words about a number that must stand in one clause with it."""


def settle(sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]) -> tuple[str, Proof]:
    """The sentence that may stand, with its proof: the draft's own, or the source's words in its place.

    A draft that turns its quotes round gives way to them: whoever asks why somebody voted against a bill
    learns that he voted for it. A draft that only repeats the question tells nothing; the sentence behind it
    does. A draft that needs several quotes may have blended two facts into a third: unless they stand side by
    side and one carries all it adds to the question but names (who "he" is stands in the sentence before),
    the best of them stands.
    """
    proof = grounding.prove(sentence, question, sheet, weight)
    if proof.quotes and proof.reversed:
        text, own = grounding.own_words(_opposite(sentence, question, sheet, weight), question, sheet)
        return text, replace(own, reversed=True)
    if proof.faults:
        mend = (_added, _undated, _renumbered, _scattered)
        mended = (done for one in mend if (done := one(sentence, question, sheet, weight)))
        return next(mended, (sentence, proof))
    # Who wants a yes or a no gets it from the source: a small model makes a statement of the question.
    stands = proof.verbatim if answer_type.asks_whether(question) else grounding.adds(sentence, question)
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
    told = [clause for clause in facts.clauses(sentence) if grounding.adds(clause, question)]
    own = grounding.prove(" ".join(told), question, sheet, weight)
    return instead(sentence, question, own, sheet, weight) if own.quotes and not own.faults else None


def _undated(
    sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof] | None:
    """The source's words where all that is wrong with `sentence` is the year that it gives a day."""
    bare = dates.without_years(sentence)
    if bare == sentence:
        return None
    own = grounding.prove(bare, question, sheet, weight)
    return instead(bare, question, own, sheet, weight) if own.quotes and not own.faults else None


def _renumbered(
    sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof] | None:
    """The sentence nearest to the question that counts what is asked, where all that is wrong with `sentence`
    is how many."""
    counted = answer_type.counted(question)
    # "One" is too often a pronoun.
    telling = [q for q in sheet.chosen if counted in {noun for noun, n in facts.counts(q.text) if n != "1"}]
    numbers = facts.numbers(sentence) | {number for _, number in facts.counts(sentence)}
    bare = " ".join(word for word in sentence.split() if not numbers.intersection(facts.words(word)))
    if not telling or _is_foreign(bare, question, sheet):
        return None
    return grounding.own_words(max(telling, key=lambda quote: quote.score), question, sheet)


def _scattered(
    sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof] | None:
    """The sentence that takes up most of the question, where `sentence` mixes what several have; None when it
    has something that none of them has."""
    asked = facts.terms(question)
    found = facts.share(facts.terms(sentence) - asked, facts.terms(sheet.everything), weight) >= CARRIED
    if not found or _is_foreign(sentence, question, sheet):
        return None
    best = _asked_about(sheet.quotes, asked, weight)
    return None if asked.isdisjoint(best.terms) else grounding.own_words(best, question, sheet)


def _is_foreign(sentence: str, question: str, sheet: Sheet) -> bool:
    """Whether `sentence` has something that nothing on the sheet has, wherever it stands there."""
    return bool(grounding.faults(sentence, question, sheet.quotes, sheet.everything, sheet))


def _asked_about(quotes: Iterable[Quote], asked: frozenset[str], weight: Callable[[str], float]) -> Quote:
    """The one of `quotes` that takes up most of the terms `asked`."""
    return max(quotes, key=lambda quote: sum(map(weight, asked & quote.terms)))


def instead(
    sentence: str, question: str, proof: Proof, sheet: Sheet, weight: Callable[[str], float]
) -> tuple[str, Proof]:
    """The quote that carries most of what a sentence adds to its question, in its own words: first of all
    the quantity or time that was asked for, its numbers, if they are told of anything asked, and the words
    that it quotes; of two that carry as much, the one nearer to both."""
    said, known = facts.terms(sentence), facts.terms(question)
    numbers = facts.numbers(sentence) - facts.numbers(question)
    quoted = facts.terms(" ".join(facts.quoted(sentence))) - known
    measure = answer_type.asks_measure(question)

    def carried(quote: Quote) -> tuple[bool, bool, bool, float, float]:
        fits = measure and bool(answer_type.fits(question, quote.read))
        told_of = not known.isdisjoint(quote.terms)
        numbered = bool(numbers) and told_of and numbers <= facts.numbers(quote.read)
        new, near = (said - known) & quote.terms, (said | known) & quote.terms
        named = bool(quoted) and quoted <= quote.terms
        return fits, numbered, named, sum(map(weight, new)), sum(map(weight, near))

    return grounding.own_words(max(proof.quotes, key=carried), question, sheet)


def _blends(sentence: str, question: str, proof: Proof, sheet: Sheet, weight: Callable[[str], float]) -> bool:
    """Whether `sentence` takes its parts from several quotes that stand apart or of which none carries it, or
    states what one of them asks."""
    # What a document is about, its title tells, and no sentence of it need repeat.
    known = f"{question} {sheet.headed(proof.quotes)}"
    if not _tied(sentence, known, proof) or any(map(quoting.asks, proof.quotes)):
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
        own = facts.clauses(quote.read, CLAUSE_TERMS)
        beside = (facts.terms(one) for one in own if told & facts.numbers(one))
        near = facts.share(others, frozenset[str]().union(*beside)) >= BESIDE
        if near and wanted <= quote.terms | facts.numbers(quote.read):
            return True
    return False


def _opposite(sentence: str, question: str, sheet: Sheet, weight: Callable[[str], float]) -> Quote:
    """The sentence that takes up most of the question among those which `sentence` turns round: at least the
    quotes of a reversed proof, none of which denies."""
    turned = (quote for quote in sheet.quotes if facts.turned(sentence, quote.text))
    return _asked_about(turned, facts.terms(question), weight)
