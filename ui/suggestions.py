"""Questions to begin with and to go on with, drawn from the documents and checked by searching them.

Questions that people wrote (`examples.json`) are offered only while the quotes they stand on are in the
documents. All others are made from sentences of the documents (`ui.phrasing`), and offered only when the
search brings that sentence back. Knows no markup.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Literal

from qa import Answer, Document, QAError, Service, split_sentences
from ui.phrasing import Phrased, is_prose, names, questions

Kind = Literal["fact", "conflict", "absent"]
EXAMPLES = 6
FOLLOW_UPS = 3
BEST = 3
"""Passages of a search among which the sentence has to be that a question was made from."""
MOST_SENTENCES = 200
MOST_TRIED = 12
"""Searches for one set of questions."""
NEAR = 1500
"""Characters before and after a cited quote in which questions to go on with are sought."""
BEGINNING = 8000
"""Characters of each document from which questions to begin with are made."""
MOST_READ = 40
"""Documents that are read for them."""

_WRITTEN = Path(__file__).parent / "examples.json"
_COUNT = re.compile(r"\b(\d{2,3}|\d{1,3}(?:,\d{3})+) ([a-z]{4,}s)\b")
_UNKNOWN = ("telephone number", "favourite colour", "shoe size", "star sign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question to begin with."""

    question: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence of a document."""

    document_id: str
    start: int
    end: int
    text: str


def examples(service: Service) -> tuple[Example, ...]:
    """Six questions, or fewer when the documents give no more: one conflict and one without an answer."""
    documents = tuple(service.assistant.corpus.ledger.documents())
    found = [*_written(documents)]
    if len(found) < EXAMPLES and documents:
        found += _made(documents, service, EXAMPLES - len(found), {example.kind for example in found})
    order = {"fact": 0, "conflict": 1, "absent": 2}
    return tuple(sorted(found[:EXAMPLES], key=lambda example: order[example.kind]))


def follow_ups(answer: Answer, service: Service, documents: Sequence[str] = ()) -> tuple[str, ...]:
    """Questions which sentences near the cited quotes answer, or others in what was read; no quote does."""
    cited = [(c.document_id, c.start, c.end) for c in answer.citations]
    read = [(p.document_id, p.start, p.end) for p in answer.passages]
    asked = {question.casefold().strip() for question in (answer.question, answer.standalone_question)}
    fresh = (
        told
        for told in chain(_around(cited, NEAR, service), _around(read, 0, service))
        if not any(
            told.document_id == place[0] and told.start < place[2] and place[1] < told.end for place in cited
        )
    )
    made = (
        phrased
        for phrased in _answered(fresh, service, documents)
        if phrased.question.casefold() not in asked
    )
    return tuple(islice((phrased.question for phrased in made), FOLLOW_UPS))


def _around(places: Iterable[tuple[str, int, int]], near: int, service: Service) -> Iterator[_Told]:
    """The sentences at and around `places`, the nearest first, of each place in turn."""
    rows = []
    for document_id, start, end in dict.fromkeys(places):
        document = service.assistant.corpus.ledger.document(document_id)
        if document:
            told = _sentences(document, max(0, start - near), end + near)
            rows.append(sorted(told, key=lambda each: max(start - each.end, each.start - end, 0)))
    return (told for row in zip_longest(*rows) for told in row if told)


def _sentences(document: Document, start: int, end: int) -> Iterator[_Told]:
    """Those of prose, without page furniture and without those that the limits cut in two."""
    text = document.text[start:end]
    for first, last in split_sentences(text):
        whole = (first > 0 or start == 0) and (last < len(text) or end >= len(document.text))
        begin, stop = start + first, start + last
        furniture = any(begin < until and since < stop for since, until in document.skipped)
        if whole and not furniture and is_prose(text[first:last]):
            yield _Told(document.id, begin, stop, text[first:last])


def _answered(told: Iterable[_Told], service: Service, documents: Sequence[str] = ()) -> Iterator[Phrased]:
    """Questions made from `told` which the search answers with the same sentence, of each form in turn."""
    used: Counter[str] = Counter()
    turns: list[tuple[int, Phrased, _Told]] = []
    for sentence in islice(dict.fromkeys(told), MOST_SENTENCES):
        if made := questions(sentence.text):
            phrased = min(made, key=lambda each: used[each.form])
            last = MOST_SENTENCES if phrased.form == "about" else 0
            turns.append((used[phrased.form] + last, phrased, sentence))
            used[phrased.form] += 1
    for _, phrased, sentence in sorted(turns, key=lambda each: each[0])[:MOST_TRIED]:
        if _finds(phrased.question, sentence, service, documents):
            yield phrased


def _finds(question: str, sentence: _Told, service: Service, documents: Sequence[str]) -> bool:
    try:
        passages = tuple(service.assistant.retriever.find(question, documents))[:BEST]
    except QAError:
        return False
    return any(
        p.document_id == sentence.document_id and p.start <= sentence.start and sentence.end <= p.end
        for p in passages
    )


def _written(documents: Sequence[Document]) -> Iterator[Example]:
    texts = [" ".join(document.text.split()) for document in documents]
    for entry in json.loads(_WRITTEN.read_text(encoding="utf-8")):
        if all(any(quote in text for text in texts) for quote in entry["quotes"]):
            yield Example(question=entry["question"], kind=entry["kind"])


def _made(
    documents: Sequence[Document], service: Service, wanted: int, kinds: set[Kind]
) -> Iterator[Example]:
    rows = [tuple(_sentences(document, 0, BEGINNING)) for document in documents[:MOST_READ]]
    special = []
    if "conflict" not in kinds and (counted := _counted_twice([told for row in rows for told in row])):
        special.append(Example(question=f"How many {counted} were there?", kind="conflict"))
    name = next((name for row in rows for told in row for name in names(told.text)), None)
    if "absent" not in kinds and name:
        whole = " ".join(document.text for document in documents).casefold()
        unknown = [what for what in _UNKNOWN if not any(word in whole for word in what.split())]
        special += [Example(question=f"What is the {what} of {name}?", kind="absent") for what in unknown[:1]]
    yield from special[:wanted]
    # One sentence of each document in turn, so that the questions do not all come from the first.
    in_turn = (told for row in zip_longest(*rows) for told in row if told)
    facts = islice(_answered(in_turn, service), max(0, wanted - len(special)))
    yield from (Example(question=phrased.question, kind="fact") for phrased in facts)


def _counted_twice(sentences: Sequence[_Told]) -> str | None:
    """What two documents count differently, or None."""
    counts: dict[str, tuple[str, str]] = {}
    for told in sentences:
        for number, noun in _COUNT.findall(told.text):
            known = counts.setdefault(noun, (number, told.document_id))
            if known[0] != number and known[1] != told.document_id:
                return str(noun)
    return None
