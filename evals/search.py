"""The search alone, measured as a run of the suite: every case is searched for and nothing is drafted.

Knows a search, cases and the retrieval scorers; no language model is loaded, and a thousand questions take
about a minute.
"""

from collections.abc import Callable, Iterable

from evals.scorers import Documents, Find, retrieval
from evals.types import Case, Result
from qa import Answer, Passage, Timings, Usage

SCORERS = (
    *map(retrieval.recall_at, (1, 5, 10)),
    *map(retrieval.evidence_at, (5, 10)),
    retrieval.mrr,
    retrieval.ndcg,
    retrieval.recall_in_budget,
)


def measure_search(
    find: Find,
    cases: Iterable[Case],
    documents: Documents,
    on_result: Callable[[Result], None] = lambda result: None,
) -> tuple[Result, ...]:
    """Search for every case that has gold; a follow-up as a person would ask it alone, where that is known.

    Each result has the retrieval scores, and an answer of passages without a sentence.
    """
    results = []
    for case in cases:
        if case.gold:
            question = case.standalone or case.question
            ids = [documents[source].id for source in case.documents]
            answer = _found(question, tuple(find(question, ids)))
            scores = tuple(scorer(case, answer, documents) for scorer in SCORERS)
            results.append(Result(case=case, answer=answer, error=None, scores=scores))
            on_result(results[-1])
    return tuple(results)


def _found(question: str, passages: tuple[Passage, ...]) -> Answer:
    return Answer(
        id="",
        question=question,
        standalone_question=question,
        status="unanswerable",
        answer="",
        reason="Nothing was drafted.",
        sentences=(),
        accounts=(),
        citations=(),
        passages=passages,
        model="",
        index_version="",
        timings=Timings(
            standalone_ms=0, retrieve_ms=0, draft_ms=0, check_ms=0, first_sentence_ms=0, total_ms=0
        ),
        usage=Usage(prompt_tokens=0, completion_tokens=0),
    )
