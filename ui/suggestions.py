"""Questions to begin with and to go on with, drawn from the documents and checked by searching them.

Questions that people wrote (`examples.json`) are offered only while the quotes they stand on are in the
documents. For any other folder they are made from names and counts that the documents hold. Knows no markup.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa import Answer, Document, QAError, Service

Kind = Literal["fact", "conflict", "absent"]
EXAMPLES = 6
FOLLOW_UPS = 3
MOST_TRIED = 12

_WRITTEN = Path(__file__).parent / "examples.json"
# Two capitalised words or more, with the small words that stand inside names.
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]+(?:(?: of| of the| de| del| for)? [A-ZÀ-ÖØ-Þ][\w’'-]+){1,3}")
_COUNT = re.compile(r"\b(\d{2,3}|\d{1,3}(?:,\d{3})+) ([a-z]{4,}s)\b")
_OPENERS = frozenset(
    "A After All Although An And As At Before But By During Earlier For From He Her His How If In It Its "
    "Late Many More Most No On One Only Our She Since So Some That The Their Then There These They "
    "January February March April May June July August September October November December Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday This Those To Two Until We What When Where Which While "
    "Who Why With Yet You".split()
)
_UNKNOWN = ("telephone number", "favourite colour", "shoe size", "star sign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question to begin with."""

    question: str
    kind: Kind


def examples(service: Service) -> tuple[Example, ...]:
    """Six questions, or fewer when the documents give no more: one conflict and one without an answer."""
    documents = tuple(service.assistant.corpus.ledger.documents())
    found = [*_written(documents)]
    if len(found) < EXAMPLES and documents:
        found += _made(documents, service, EXAMPLES - len(found), {example.kind for example in found})
    order = {"fact": 0, "conflict": 1, "absent": 2}
    return tuple(sorted(found[:EXAMPLES], key=lambda example: order[example.kind]))


def follow_ups(answer: Answer, service: Service) -> tuple[str, ...]:
    """Questions about names that stand near what was read and which the search finds again."""
    said = f"{answer.question} {answer.standalone_question} {answer.answer}".casefold()
    nearby = [passage.text for passage in answer.passages if not passage.cited]
    fresh = (name for name in _names(nearby) if not set(name.casefold().split()) & set(said.split()))
    return tuple(_findable(fresh, service, FOLLOW_UPS))


def _written(documents: Sequence[Document]) -> Iterator[Example]:
    texts = [" ".join(document.text.split()) for document in documents]
    for entry in json.loads(_WRITTEN.read_text(encoding="utf-8")):
        if all(any(quote in text for text in texts) for quote in entry["quotes"]):
            yield Example(question=entry["question"], kind=entry["kind"])


def _made(
    documents: Sequence[Document], service: Service, wanted: int, kinds: set[Kind]
) -> Iterator[Example]:
    special = []
    if "conflict" not in kinds and (counted := _counted_twice(documents)):
        special.append(Example(question=f"How many {counted} were there?", kind="conflict"))
    names = list(_names(document.text for document in documents))
    if "absent" not in kinds and names:
        whole = " ".join(document.text for document in documents).casefold()
        unknown = [what for what in _UNKNOWN if not any(word in whole for word in what.split())]
        special += [
            Example(question=f"What is the {what} of {names[0]}?", kind="absent") for what in unknown[:1]
        ]
    yield from special[:wanted]
    # One name of each document in turn, so that the questions do not all come from the longest.
    in_turn = [name for row in _transposed([list(_names([d.text])) for d in documents]) for name in row]
    for question in _findable(in_turn, service, wanted - len(special)):
        yield Example(question=question, kind="fact")


def _findable(names: Iterable[str], service: Service, wanted: int) -> Iterator[str]:
    """Questions about those `names` which the search finds among its best passages."""
    for tried, name in enumerate(dict.fromkeys(names)):
        if wanted <= 0 or tried == MOST_TRIED:
            return
        question = f"What is said about {name}?"
        try:
            passages = tuple(service.assistant.retriever.find(question))[:3]
        except QAError:
            return
        if any(name in passage.text for passage in passages):
            wanted -= 1
            yield question


def _names(texts: Iterable[str]) -> Iterator[str]:
    """Names in the order in which they appear, each once."""
    seen = set()
    for text in texts:
        for match in _NAME.finditer(text):
            words = match[0].split()
            while words and words[0] in _OPENERS:
                words.pop(0)
            name = " ".join(words).removesuffix("’s").removesuffix("'s")
            if len(words) > 1 and len(name) < 60 and name not in seen and not name.isupper():
                seen.add(name)
                yield name


def _counted_twice(documents: Sequence[Document]) -> str | None:
    """What two documents count differently, or None."""
    counts: dict[str, tuple[str, str]] = {}
    for document in documents:
        for number, noun in _COUNT.findall(document.text):
            known = counts.setdefault(noun, (number, document.id))
            if known[0] != number and known[1] != document.id:
                return str(noun)
    return None


def _transposed(rows: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    for place in range(max(map(len, rows), default=0)):
        yield [row[place] for row in rows if place < len(row)]
