"""Asks the cases and scores the answers: `evaluate` is the whole of a run.

Knows cases, scorers and the run file; the engine is a function from a question to an answer.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from evals.cases import missing_carriers, missing_gold
from evals.engines import Engine
from evals.journal import Journal, key_of
from evals.scorers import checks_of, scorers
from evals.support import Checker, overlap_checker
from evals.types import Case, Planted, Result
from qa import Answer

OnResult = Callable[[Result], None]
Asked = tuple[Case, Answer | None, str | None]
"""What came back: an answer, or why there is none."""

FAILURES_IN_A_ROW = 5
"""After so many the system is taken for broken, and the run stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run brought, in the order of the cases."""

    results: tuple[Result, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    """Cases that this system cannot be asked, each with the reason."""
    stopped: str | None = None
    """Why the run ended before all cases were asked."""


def evaluate(
    engine: Engine,
    cases: Sequence[Case],
    *,
    checker: Checker | None = None,
    journal: Journal | None = None,
    jobs: int = 1,
    on_result: OnResult = lambda result: None,
) -> Run:
    """Ask every case that is not in the journal yet, and score all of them.

    An exception of the engine fails its case and is kept on the result; the run goes on, unless several
    fail in a row. `on_result` is called after each case.

    Raises:
        InputError: the journal cannot be written.
    """
    checker = checker or overlap_checker()
    left_out = {case.id: reason for case in cases if (reason := _cannot_ask(engine, case))}
    groups: dict[tuple[Planted, ...], list[Case]] = {}
    for case in cases:
        if case.id not in left_out:
            groups.setdefault(case.planted, []).append(case)
    results: dict[str, Result] = {}
    streak: list[str] = []
    for planted, group in groups.items():
        with _over(engine, planted) as asked:
            for case, answer, error in _answers(asked, engine, group, journal, jobs, streak):
                results[case.id] = _result(asked, checker, case, answer, error)
                on_result(results[case.id])
        if len(streak) >= FAILURES_IN_A_ROW:
            break
    return Run(
        results=tuple(results[case.id] for case in cases if case.id in results),
        left_out=tuple(left_out.items()),
        stopped=_why(streak) if len(streak) >= FAILURES_IN_A_ROW else None,
    )


def sample(cases: Sequence[Case], size: int) -> tuple[Case, ...]:
    """`size` of the cases, the same ones every time, in their order."""
    if size >= len(cases):
        return tuple(cases)
    chosen = set(random.Random(0).sample(range(len(cases)), size))
    return tuple(case for number, case in enumerate(cases) if number in chosen)


def ask_case(engine: Engine, case: Case) -> Answer:
    """The answer to a case, from the documents it may be answered from."""
    ids = [engine.documents[source].id for source in case.documents if source in engine.documents]
    return engine.ask(case.question, case.history, ids)


def _answers(
    engine: Engine, base: Engine, cases: Sequence[Case], journal: Journal | None, jobs: int, streak: list[str]
) -> Iterator[Asked]:
    """What was kept, then what is asked now; `streak` holds the errors since the last answer."""
    keys = {case.id: key_of(case, base.identity) for case in cases}
    waiting = []
    for case in cases:
        kept = journal.find(keys[case.id]) if journal is not None else None
        gone = _gone(case, base)
        if kept or gone:
            yield case, None if gone else kept, gone
        else:
            waiting.append(case)
    for case, answer, error in _ask_all(engine, waiting, jobs):
        if journal is not None:
            journal.keep(keys[case.id], case, answer, error)
        streak[:] = [] if error is None else [*streak, error]
        yield case, answer, error
        if len(streak) >= FAILURES_IN_A_ROW:
            return


def _ask_all(engine: Engine, cases: Sequence[Case], jobs: int) -> Iterator[Asked]:
    if jobs == 1:
        yield from (_ask(engine, case) for case in cases)
        return
    with ThreadPoolExecutor(jobs) as pool:
        asked: list[Future[Asked]] = [pool.submit(_ask, engine, case) for case in cases]
        try:
            for done in as_completed(asked):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ask(engine: Engine, case: Case) -> Asked:
    try:
        return case, ask_case(engine, case), None
    except Exception as raised:
        return case, None, f"{type(raised).__name__}: {raised}"


def _result(engine: Engine, checker: Checker, case: Case, answer: Answer | None, error: str | None) -> Result:
    return Result(
        case=case,
        answer=answer,
        error=error,
        scores=tuple(score(case, answer, engine.documents) for score in scorers(checker, engine.find)),
        checks=checks_of(answer, engine.documents, checker),
    )


def _over(engine: Engine, planted: tuple[Planted, ...]) -> AbstractContextManager[Engine]:
    return engine.planted(planted) if planted and engine.planted else nullcontext(engine)


def _cannot_ask(engine: Engine, case: Case) -> str | None:
    if case.state == "draft":
        return "is a draft that nobody has accepted yet"
    if case.planted and engine.planted is None:
        return "plants text, and the documents of a running endpoint cannot be changed"
    if case.documents and not engine.filters:
        return "may use some of the documents only, which the OpenAI style cannot say"
    return None


def _gone(case: Case, engine: Engine) -> str | None:
    """Why a case does not fit the documents, or None."""
    problems = [*missing_gold([case], engine.documents), *missing_carriers([case], engine.documents)]
    problems += [f"{case.id}: there is no document {s}" for s in case.documents if s not in engine.documents]
    return f"the case does not fit the documents: {'; '.join(problems)}" if problems else None


def _why(streak: Sequence[str]) -> str:
    return f"{len(streak)} questions in a row failed, the last with: {streak[-1]}"
