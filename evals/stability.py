"""Some cases asked again: is the answer the same, and does a slip of the pen change what is right?

Knows an engine and scored results; keeps nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from evals.engines import Engine
from evals.run import ask_case, sample
from evals.scorers import right
from evals.scorers.behaviour import fingerprint
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


def _ask(engine: Engine, case: Case) -> Answer | None:
    try:
        return ask_case(engine, case)
    except QAError:
        return None


def _alike(old: Answer | None, new: Answer | None) -> bool:
    return old is not None and new is not None and fingerprint(old) == fingerprint(new)
