"""Answerers for the test of the evaluation itself: a perfect one, and seven that are bad in one way each.

The perfect one gives back what the cases ask for: the gold quotes word for word, cited, disputed or refused
where that is due. Each bad one spoils those answers.
"""

import hashlib
import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from evals.engines import Engine
from evals.matching import locate
from evals.planting import plant
from evals.types import Case
from qa.documents import find_files, read
from qa.types import Account, Answer, Citation, Document, Passage, Sentence
from tests.evaluation import answer, refusal

ARTICLES = Path(__file__).parent.parent / "seeds"
Documents = dict[str, Document]
Spoil = Callable[[Case, Answer, Documents], Answer]


def articles() -> Documents:
    return {source: read(path, source) for path, source in find_files(ARTICLES)}


def engine_of(cases, documents: Documents, spoil: Spoil | None = None) -> Engine:
    """An engine that knows the answers to `cases`, and spoils them."""
    by_words = {(case.question, case.history): case for case in cases}

    def ask(question, history, only):
        case = by_words[question, tuple(history)]
        given = perfect(case, documents)
        return spoil(case, given, documents) if spoil else given

    @contextmanager
    def planted(texts):
        held = dict(documents)
        for each in texts:
            text = plant(held[each.source].text, each.text, each.position)
            digest = hashlib.sha256(text.encode()).hexdigest()
            held[each.source] = replace(held[each.source], text=text, sha256=digest)
        yield engine_of([case for case in cases if case.planted == texts], held, spoil)

    return Engine(name="scripted", ask=ask, documents=documents, identity={}, planted=planted)


def perfect(case: Case, documents: Documents) -> Answer:
    """Every gold quote as a sentence of its own with its citation."""
    if case.refusal:
        return refusal()
    quotes = [citation(documents, group[0].source, group[0].quote, n) for n, group in enumerate(case.gold, 1)]
    accounts = tuple(Account(holder=c.title, text=c.quote, citations=(c.number,)) for c in quotes)
    # Who holds which side stands in no quote.
    accounts = (Account(holder="Together", text=case.right[0], citations=()), *accounts)
    return composed(
        [(quote.quote, (quote.number,)) for quote in quotes],
        tuple(quotes),
        status="disputed" if case.disputed else "answered",
        accounts=accounts if case.disputed else (),
        passages=tuple(passage(documents, quote) for quote in quotes),
    )


def composed(parts, citations: tuple[Citation, ...], support: float = 0.95, **fields) -> Answer:
    """An answer of sentences with their marks."""
    text, sentences = "", []
    for words, marks in parts:
        start = len(text)
        text += f"{words} {''.join(f'[{mark}]' for mark in marks)} "
        sentences.append(
            Sentence(
                text=words,
                start=start,
                end=start + len(words),
                citations=marks,
                verdict="supported",
                support=support,
            )
        )
    fields = {"status": "answered", **fields}
    return answer(text.strip(), sentences=tuple(sentences), citations=citations, **fields)


def citation(documents: Documents, source: str, quote: str, number: int) -> Citation:
    place = locate(documents[source].text, quote)
    assert place, quote
    return cited(documents[source], *place, number)


def cited(document: Document, start: int, end: int, number: int) -> Citation:
    return Citation(
        number=number,
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        quote=document.text[start:end],
        start=start,
        end=end,
        sha256=document.sha256,
        url="",
    )


def passage(documents: Documents, quote: Citation) -> Passage:
    document = documents[quote.source]
    start, end = max(0, quote.start - 200), min(len(document.text), quote.end + 200)
    return Passage(
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        text=document.text[start:end],
        start=start,
        end=end,
        score=1.0,
        cited=True,
    )


# --- the bad ones


def always_refuses(case: Case, given: Answer, documents: Documents) -> Answer:
    return refusal()


def never_refuses(case: Case, given: Answer, documents: Documents) -> Answer:
    if given.status != "unanswerable":
        return given
    document = next(iter(documents.values()))
    start, end = 0, min(200, len(document.text))
    quote = cited(document, start, end, 1)
    return composed([(quote.quote, (1,))], (quote,))


def cites_at_random(case: Case, given: Answer, documents: Documents) -> Answer:
    chance = Random(case.id)
    quotes = []
    for quote in given.citations:
        document = documents[chance.choice(sorted(documents))]
        start = chance.randrange(max(1, len(document.text) - 200))
        quotes.append(cited(document, start, min(len(document.text), start + 120), quote.number))
    return replace(given, citations=tuple(quotes))


def copies_the_question(case: Case, given: Answer, documents: Documents) -> Answer:
    if given.status == "unanswerable":
        return given
    marks = tuple(quote.number for quote in given.citations)
    return composed([(case.question, marks)], given.citations, passages=given.passages)


def swaps_numbers(case: Case, given: Answer, documents: Documents) -> Answer:
    words = "two three four five six seven eight nine ten seventeen twenty forty hundred".split()

    def other(match: re.Match[str]) -> str:
        found = match.group().lower()
        return words[(words.index(found) + 3) % len(words)] if found in words else _other_digits(found)

    return _reworded(given, rf"\d[\d,.:]*\d|\d|\b(?:{'|'.join(words)})\b", other)


def invents_a_name(case: Case, given: Answer, documents: Documents) -> Answer:
    return _reworded(given, r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*", lambda match: "Quentin Marlowe")


def mixes_two_documents(case: Case, given: Answer, documents: Documents) -> Answer:
    """The second half of each sentence comes from another document; the mark stays."""
    parts = []
    for sentence in given.sentences:
        (quote,) = [c for c in given.citations if c.number in sentence.citations]
        others = sorted(source for source in documents if source != quote.source)
        other = documents[Random(case.id).choice(others)].text
        half = len(sentence.text) // 2
        begin = len(other) // 3
        parts.append((f"{sentence.text[:half]} {other[begin : begin + half]}", sentence.citations))
    return (
        composed(parts, given.citations, status=given.status, accounts=(), passages=given.passages)
        if parts
        else given
    )


def _reworded(given: Answer, pattern: str, other: Callable[[re.Match[str]], str]) -> Answer:
    if given.status == "unanswerable":
        return given
    parts = [(re.sub(pattern, other, s.text), s.citations) for s in given.sentences]
    accounts = tuple(replace(a, text=re.sub(pattern, other, a.text)) for a in given.accounts)
    return composed(parts, given.citations, status=given.status, accounts=accounts, passages=given.passages)


def _other_digits(found: str) -> str:
    return re.sub(r"\d", lambda digit: str((int(digit.group()) + 3) % 10), found)
