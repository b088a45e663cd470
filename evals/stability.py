"""Some cases asked again: is the answer the same, and does a slip of the pen or another order change it?

In which order documents were indexed, or passages are found, says nothing about what is true: an answer that
gets another status or other facts by it has flipped. Knows an engine and scored results; keeps nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from evals.engines import Ask, Engine
from evals.matching import says
from evals.run import ask_case, sample
from evals.scorers import right
from evals.scorers.behaviour import fingerprint
from evals.scorers.reading import said
from evals.types import Case, Result, Stability
from qa import Answer, QAError


def ask_again(engine: Engine, results: Sequence[Result], size: int) -> Stability | None:
    """`size` of the answered cases without planted text, asked twice more; None when nothing is asked."""
    by_id = {result.case.id: result for result in results if result.answer and not result.case.planted}
    chosen = sample([result.case for result in by_id.values()], size) if size else ()
    if not chosen:
        return None
    same = [_ask(engine, case) for case in chosen]
    slipped = [_ask(engine, replace(case, question=with_slip(case.question))) for case in chosen]
    before = [by_id[case.id] for case in chosen]
    return Stability(
        asked=len(chosen),
        identical=sum(_alike(old.answer, new) for old, new in zip(before, same, strict=True)),
        respelled=len(chosen),
        flipped=sum(
            (right(old.case, new, engine.documents).value == 1.0) != old.right
            for old, new in zip(before, slipped, strict=True)
        ),
        reordered={name: _flips(engine, order, before) for name, order in engine.orders.items()},
    )


def with_slip(question: str) -> str:
    """`question` in lower case, without its mark, two letters of its longest word exchanged."""
    plain = question.lower().rstrip(" ?!.")
    longest = max(plain.split() or [""], key=len)
    middle = len(longest) // 2
    if len(longest) < 4:
        return plain
    slip = longest[: middle - 1] + longest[middle] + longest[middle - 1] + longest[middle + 1 :]
    return plain.replace(longest, slip, 1)


def flipped(case: Case, old: Answer | None, new: Answer | None) -> bool:
    """Whether a reader of the new answer learns something else: another status, or other of the facts."""
    if old is None or new is None:
        return old is not new
    return old.status != new.status or _facts(case, old) != _facts(case, new)


def _facts(case: Case, answer: Answer) -> list[bool]:
    told = said(answer)
    return [says(told, fact.accept) is not None for fact in case.facts]


def _flips(engine: Engine, order: Callable[[], AbstractContextManager[Ask]], before: Sequence[Result]) -> int:
    with order() as ask:
        other = replace(engine, ask=ask)
        return sum(flipped(old.case, old.answer, _ask(other, old.case)) for old in before)


def _ask(engine: Engine, case: Case) -> Answer | None:
    try:
        return ask_case(engine, case)
    except QAError:
        return None


def _alike(old: Answer | None, new: Answer | None) -> bool:
    return old is not None and new is not None and fingerprint(old) == fingerprint(new)
