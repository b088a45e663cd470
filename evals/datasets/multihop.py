"""MultiHop-RAG: news questions that need several articles, and some that none of them answers.

Published as yixuantt/MultiHop-RAG (ODC-BY). The pool holds the facts which the questions were written from,
put together again by article, with source and day: the questions name both. Every third wants Yes or No, and
the word itself must be said: so does the published measure (its `qa_evaluate.py`), for which one word in
common with the published answer is enough. Ours wants all words of that answer, together, for an answer of
ours is whole sentences and has some word in common with nearly everything: figures published for that
measure are no bar for this one. A sentence that affirms without saying Yes counts in neither. A row of
`multihop_rag/facts.jsonl` and one of `multihop_rag/qa.jsonl`:

    {"id": "f1", "doc": "https://…", "title": "A launch", "source": "The Paper", "published_at":
     "2023-09-26T17:01:22+00:00", "author": "A. Writer", "text": "The rocket left on Monday."}
    {"id": "mh1", "question": "Did The Paper and … agree?", "type": "comparison_query", "answerable": true,
     "answers": ["Yes"], "gold_fact_ids": ["f1", "f2"], "gold_docs": ["https://…", "https://…"]}
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from evals.datasets.rows import Row, read_rows
from evals.datasets.values import QuestionSet, Text, form, text
from evals.types import Case, Fact, Gold
from qa import InputError

FACTS, QUESTIONS = "multihop_rag/facts.jsonl", "multihop_rag/qa.jsonl"
PUBLISHED = "https://github.com/yixuantt/MultiHop-RAG"


class NewsFact(Row):
    doc: str
    title: str
    source: str
    published_at: str
    text: str


class Question(Row):
    question: str
    type: str
    answerable: bool
    answers: tuple[str, ...]
    gold_fact_ids: tuple[str, ...]


def questions(folder: Path) -> QuestionSet:
    """Every question, to be answered from all articles."""
    facts = {row.id: row for row in read_rows(folder, FACTS, NewsFact, PUBLISHED)}
    articles: dict[str, list[NewsFact]] = {}
    for fact in facts.values():
        articles.setdefault(fact.doc, []).append(fact)
    texts = {doc: _article(told) for doc, told in articles.items()}
    rows = read_rows(folder, QUESTIONS, Question, PUBLISHED)
    for row in rows:
        for fact_id in row.gold_fact_ids:
            if fact_id not in facts:
                raise InputError(
                    f"{folder / QUESTIONS}, id {row.id}: gold_fact_ids: {fact_id!r} is not in {FACTS}."
                )
    cases = tuple(_case(row, facts, texts) for row in rows)
    return QuestionSet(name="multihop", texts=tuple(texts.values()), cases=cases)


def _article(told: Sequence[NewsFact]) -> Text:
    first = told[0]
    body = "\n\n".join(dict.fromkeys(fact.text for fact in told))
    return text(
        first.doc, first.title, f"{first.published_at[:10]}\n\nPublished by {first.source}.\n\n{body}"
    )


def _case(row: Question, facts: Mapping[str, NewsFact], texts: Mapping[str, Text]) -> Case:
    if not row.answerable:
        return Case(id=row.id, kind="absent", part="test", question=row.question, refusal=True)
    told = [facts[fact_id] for fact_id in row.gold_fact_ids]
    return Case(
        id=row.id,
        kind="several",
        part="test",
        question=row.question,
        facts=(Fact(accept=tuple(map(form, row.answers))),),
        gold=tuple((Gold(source=texts[fact.doc].source, quote=fact.text),) for fact in told),
        references=row.answers,
    )
