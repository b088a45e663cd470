"""Cases drafted from anybody's documents, for a person to accept, correct or throw away.

Answerable questions come from sentences with a number or a name: the language model words the question, and
it is kept only when it names nothing new, does not give the answer away, does not copy the sentence, and our
search finds that sentence by it. From those come near misses (another name in the same question, one that
stands in no document) and follow-ups (the same question, leaning on one before it). Knows English.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, zip_longest

from evals import wording
from evals.datasets.values import form
from evals.scorers.retrieval import first_ranks
from evals.types import Case, Fact, Gold, Kind
from evals.wording import Statement
from qa import Assistant, Document, InputError, Prompt, Turn

FOUND_RANK = 5
"""Among so many passages the sentence must be."""
TRIES = 4
"""Sentences that may be tried for each question that is wanted."""
QUESTION_TOKENS = 40

OnCase = Callable[[Case], None]


@dataclass(frozen=True, slots=True)
class _Drafted:
    """A case with the sentence that it came from."""

    case: Case
    statement: Statement


def draft_cases(assistant: Assistant, n: int, on_case: OnCase = lambda case: None) -> tuple[Case, ...]:
    """Up to `n` drafts over the documents of the assistant: half answerable, the others made from those.

    Fewer when the documents have too few sentences that can be asked for.

    Raises:
        InputError: there is no document, or no language model.
        ModelError: the language model failed.
    """
    if assistant.model is None:
        raise InputError("Drafting needs a language model, and there is none. Type: qa models fetch")
    documents = {document.source: document for document in assistant.corpus.ledger.documents()}
    if not documents:
        raise InputError("There is no document to draft cases from. Put some into the folder.")
    drafted: list[_Drafted] = []
    for each in islice(_answerable(assistant, documents, TRIES * n), (n + 1) // 2):
        drafted.append(each)
        on_case(each.case)
    rest: list[Case] = []
    others = zip_longest(_near_misses(assistant, drafted), _follow_ups(assistant, drafted))
    for case in islice((case for pair in others for case in pair if case), n - len(drafted)):
        rest.append(case)
        on_case(case)
    return tuple(each.case for each in drafted) + tuple(rest)


def _answerable(assistant: Assistant, documents: Mapping[str, Document], tries: int) -> Iterator[_Drafted]:
    by_document = [wording.statements(document) for document in documents.values()]
    # One of each document in turn: a long document must not crowd out the others.
    turns = (each for row in zip_longest(*by_document) for each in row if each is not None)
    asked: set[str] = set()
    for statement in islice(turns, tries):
        document = documents[statement.source]
        question = wording.tidy(_write(assistant, wording.ask_for(statement, document.title)))
        if question in asked or wording.fault(question, statement, document) is not None:
            continue
        if not wording.answers(
            _write(assistant, wording.ask_back(statement, document.title, question)), statement
        ):
            continue
        case = _case(
            "single",
            question,
            facts=(Fact(accept=_forms(statement.target)),),
            gold=((Gold(source=statement.source, quote=statement.text),),),
            note=f"“{statement.target}” is expected; see {statement.source}",
        )
        (rank,) = first_ranks(case, assistant.retriever.find(question), documents)
        if rank is not None and rank <= FOUND_RANK:
            asked.add(question)
            yield _Drafted(case, statement)


def _near_misses(assistant: Assistant, drafted: Sequence[_Drafted]) -> Iterator[Case]:
    """Questions on somebody or something that no document names."""
    ledger = assistant.corpus.ledger
    unknown = [name for name in wording.STRANGERS if not ledger.keyword_search(name, 1)]
    for number, each in enumerate(drafted):
        name = wording.name_in(each.case.question)
        if name and unknown:
            stranger = wording.alike(name, unknown[number % len(unknown)])
            yield _case(
                "absent",
                each.case.question.replace(name, stranger),
                refusal=True,
                note=f"“{stranger}” stands in no document; {each.case.id} asks the same of “{name}”",
            )


def _follow_ups(assistant: Assistant, drafted: Sequence[_Drafted]) -> Iterator[Case]:
    """Questions that lean on another one about the same document and the same name."""
    used: set[str] = set()
    for first, second in permutations(drafted, 2):
        name = wording.name_in(second.case.question)
        shared = name and name in f"{first.case.question} {first.statement.text}"
        if first.statement.source != second.statement.source or not name or not shared:
            continue
        if second.case.id in used:
            continue
        used.add(second.case.id)
        full = second.case.question
        told = (
            Turn(role="user", content=first.case.question),
            Turn(role="assistant", content=first.statement.text),
        )
        short = wording.tidy(_write(assistant, wording.ask_shorter(told, full)))
        if not wording.leans(short, full, name, second.statement.target):
            short = wording.with_pronoun(full, name)
        yield _case(
            "follow-up",
            short,
            history=told,
            facts=second.case.facts,
            gold=second.case.gold,
            standalone=full,
            note=f"“{second.statement.target}” is expected; see {second.statement.source}",
        )


def _write(assistant: Assistant, prompt: Prompt) -> str:
    assert assistant.model
    pieces = assistant.model.write([prompt], QUESTION_TOKENS, threading.Event())
    return "".join(piece.text for piece in pieces)


def _forms(target: str) -> tuple[str, ...]:
    """The target, and the last word of a name of several."""
    last = target.split()[-1]
    return tuple(dict.fromkeys(form(each) for each in ((target, last) if target[0].isupper() else (target,))))


def _case(
    kind: Kind,
    question: str,
    *,
    history: tuple[Turn, ...] = (),
    facts: tuple[Fact, ...] = (),
    gold: tuple[tuple[Gold, ...], ...] = (),
    refusal: bool = False,
    standalone: str = "",
    note: str = "",
) -> Case:
    digest = hashlib.sha256("\n".join((kind, question, standalone)).encode()).hexdigest()
    return Case(
        id=f"{kind}-{digest[:8]}",
        kind=kind,
        # By the question and not by its place: a case stays in its part whatever is drafted beside it.
        part="test" if int(digest, 16) % 3 == 0 else "dev",
        question=question,
        history=history,
        facts=facts,
        gold=gold,
        refusal=refusal,
        standalone=standalone,
        state="draft",
        note=note,
    )
