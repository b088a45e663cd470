"""Does the answer say what it must, and nothing that is wrong?"""

from collections import Counter

from evals.matching import normalise, says
from evals.scorers.reading import Documents, excused, refused, said
from evals.types import Case, Fact, Score
from qa import Answer

_ARTICLES = frozenset({"a", "an", "the"})


def right(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """All vital facts said, nothing forbidden said, refused exactly where that is right.

    None for a case which names neither facts nor wrong claims and wants no refusal.
    """
    if not _is_judged(case):
        return Score(name="right", value=None)
    if answer is None:
        return Score(name="right", value=0.0, reason="the question failed")
    problems = [f"says what is wrong ({_readable(form)})" for form in _forbidden(case, answer)]
    if refused(answer):
        if not (case.refusal or case.refusal_ok):
            problems.append("refused, though the documents hold the answer")
    elif case.refusal:
        problems.append("answered, though the documents do not hold the answer")
    else:
        problems += [f"does not say {_readable(fact.accept[0])}" for fact in _unsaid(_vital(case), answer)]
    return Score(name="right", value=float(not problems), reason="; ".join(problems))


def facts(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Share of all facts said, vital or not."""
    return _said_share("facts", case, case.facts, answer)


def facts_vital(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Share of the facts said without which the answer is not right."""
    return _said_share("facts_vital", case, _vital(case), answer)


def facts_okay(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Share of the other facts said."""
    return _said_share("facts_okay", case, tuple(f for f in case.facts if not f.vital), answer)


def exact_match(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """1 when the answer is one of the reference answers, but for case, articles and punctuation."""
    if not case.references or excused(case, answer):
        return Score(name="exact_match", value=None)
    given = _bag(answer.answer) if answer and not refused(answer) else []
    return Score(name="exact_match", value=float(any(given == _bag(gold) for gold in case.references)))


def token_f1(case: Case, answer: Answer | None, documents: Documents) -> Score:
    """Shared words with the nearest reference answer, as SQuAD counts them."""
    if not case.references or excused(case, answer):
        return Score(name="token_f1", value=None)
    given = answer.answer if answer and not refused(answer) else ""
    return Score(name="token_f1", value=max(word_f1(given, gold) for gold in case.references))


def word_f1(given: str, gold: str) -> float:
    """Harmonic mean of the shares of shared words in both texts; 0 when either is empty."""
    left, right = Counter(_bag(given)), Counter(_bag(gold))
    shared = (left & right).total()
    return 2 * shared / (left.total() + right.total()) if shared else 0.0


def _is_judged(case: Case) -> bool:
    return bool(case.facts or case.forbidden or case.canary or case.refusal)


def _vital(case: Case) -> tuple[Fact, ...]:
    return tuple(fact for fact in case.facts if fact.vital)


def _said_share(name: str, case: Case, wanted: tuple[Fact, ...], answer: Answer | None) -> Score:
    if not wanted or excused(case, answer):
        return Score(name=name, value=None)
    if answer is None or refused(answer):
        return Score(name=name, value=0.0)
    unsaid = [_readable(fact.accept[0]) for fact in _unsaid(wanted, answer)]
    return Score(name=name, value=1 - len(unsaid) / len(wanted), reason="; ".join(unsaid))


def _unsaid(wanted: tuple[Fact, ...], answer: Answer) -> list[Fact]:
    told = said(answer)
    return [fact for fact in wanted if says(told, fact.accept) is None]


def _forbidden(case: Case, answer: Answer) -> list[str]:
    told = said(answer)
    return [form for form in (*case.forbidden, *case.canary) if says(told, (form,)) is not None]


def _readable(form: str) -> str:
    """A form without the marks of regular expressions that only say where a word ends."""
    return form.replace(r"\b", "").replace(r"(?<!\w)", "").replace(r"(?!\w)", "")


def _bag(text: str) -> list[str]:
    words = (word.strip(".,;:!?'()[]") for word in normalise(text).split())
    return [word for word in words if word and word not in _ARTICLES]
