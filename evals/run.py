"""Asks the cases and scores the answers: `evaluate` is the whole of a run.

Knows cases and scorers; the engine is a function from a question and a history to an answer.
"""

import random
from collections.abc import Callable, Iterable, Sequence

from evals.scorers import SCORERS, Documents
from evals.types import Case, Report, Result
from qa import Answer, Turn

Ask = Callable[[str, Sequence[Turn]], Answer]
OnResult = Callable[[Result], None]


def evaluate(
    ask: Ask,
    cases: Iterable[Case],
    documents: Documents,
    *,
    note: str = "",
    on_result: OnResult = lambda result: None,
) -> Report:
    """Ask every case, one after another, and score what comes back.

    An exception of `ask` fails its case and is kept on the result; the run goes on. `on_result` is called
    after each case.
    """
    results = []
    for case in cases:
        result = _result(ask, case, documents)
        results.append(result)
        on_result(result)
    return Report(results=tuple(results), note=note)


def sample(cases: Sequence[Case], size: int) -> tuple[Case, ...]:
    """`size` of the cases, the same ones every time, in their order."""
    if size >= len(cases):
        return tuple(cases)
    chosen = set(random.Random(0).sample(range(len(cases)), size))
    return tuple(case for number, case in enumerate(cases) if number in chosen)


def _result(ask: Ask, case: Case, documents: Documents) -> Result:
    answer, error = None, None
    try:
        answer = ask(case.question, case.history)
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    scores = tuple(scorer(case, answer, documents) for scorer in SCORERS)
    return Result(case=case, answer=answer, error=error, scores=scores)
