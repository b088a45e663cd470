"""The same cases among more and more documents that have nothing to do with them: how fast do answers suffer?

The documents are paragraphs of SQuAD 2 where the public sets are at hand, and made from a few patterns where
they are not: those are easier to tell from the documents asked about. Knows an engine; keeps answers as any
run does.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from evals.datasets import squad2
from evals.datasets.rows import read_rows
from evals.datasets.values import text
from evals.engines import Engine
from evals.figures import cluster_of
from evals.journal import Journal
from evals.run import evaluate
from evals.statistics import cluster_interval
from evals.types import Noise, Result
from qa import InputError

_PLACES = "Aldmouth Brinfield Corlaw Dunwick Eastholm Farrowby Glenside Harwell Inverly Kelham".split()
_PEOPLE = "Abbot Barlow Crane Dyer Ellison Frost Garland Hobbs Ingram Jessop".split()
_PATTERNS = (
    "The library of {place} opened in {year} with {number} books. {person}, its first keeper, asked for more "
    "shelves every spring.",
    "A storm damaged {number} roofs in {place} in {year}. {person} of the fire brigade called it the worst "
    "in living memory.",
    "The orchard show of {place} drew {number} visitors in {year}. {person} won the prize for pears.",
    "The ferry to {place} carries {number} passengers a week. It was built in {year} by the {person} yard.",
    "The choir of {place} sang in {number} towns in {year}. {person} has led it since it was founded.",
)


def read_levels(levels: Sequence[int]) -> tuple[int, ...]:
    """How many documents are added, fewest first.

    Raises:
        InputError: one of them adds none.
    """
    if any(level < 1 for level in levels):
        raise InputError(f"--noise is {min(levels)}; give how many documents are added, 1 or more.")
    return tuple(sorted(set(levels)))


def irrelevant(number: int, data: Path | None) -> dict[str, str]:
    """So many documents, texts by source; the same ones every time, fewer among more.

    Raises:
        InputError: the data folder has not so many, or cannot be read.
    """
    if data is None:
        return {f"noise/{n}.txt": made(n) for n in range(number)}
    rows = list(read_rows(data, squad2.PARAGRAPHS, squad2.Paragraph, squad2.PUBLISHED))
    if len(rows) < number:
        raise InputError(f"--noise is {number}, and {data / squad2.PARAGRAPHS} has {len(rows)} paragraphs.")
    random.Random(0).shuffle(rows)
    texts = [text(row.id, row.title, row.text) for row in rows[:number]]
    return {f"noise/{one.source}": one.content for one in texts}


def made(number: int) -> str:
    """A short report on a place that does not exist, another one for each number."""
    chance = random.Random(number)
    place, person = chance.choice(_PLACES), chance.choice(_PEOPLE)
    told = chance.sample(_PATTERNS, 2)
    sentences = (
        pattern.format(
            place=place, person=person, year=chance.randrange(1850, 1990), number=chance.randrange(20, 4000)
        )
        for pattern in told
    )
    return f"News from {place}, number {number}\n\n" + "\n\n".join(sentences) + "\n"


def ask_among(
    engine: Engine,
    results: Sequence[Result],
    levels: Sequence[int],
    data: Path | None,
    journal: Journal,
    on_result: Callable[[Result], None] = lambda result: None,
) -> Noise | None:
    """The judged cases among so many irrelevant documents; None when nothing is to be asked.

    Cases that may use some documents only, or have text planted, are left out.

    Raises:
        InputError: the documents of the engine cannot be changed, or there is not so much noise.
    """
    if not levels:
        return None
    if engine.crowded is None:
        raise InputError("--noise adds documents, and those of a running endpoint cannot be changed.")
    clean = [r for r in results if not r.case.planted and not r.case.documents and r.outcome != "unjudged"]
    cases = [result.case for result in clean]
    right: dict[int, Mapping[str, bool]] = {0: {result.case.id: result.right for result in clean}}
    for level in levels:
        with engine.crowded(irrelevant(level, data)) as crowded:
            run = evaluate(crowded, cases, journal=journal, on_result=on_result)
        if run.stopped:
            raise InputError(f"Among {level} more documents the run stopped early: {run.stopped}")
        right[level] = {result.case.id: result.right for result in run.results}
    return noise_of(clean, right) if clean else None


def noise_of(results: Sequence[Result], right: Mapping[int, Mapping[str, bool]]) -> Noise:
    """The slope: the mean of those of the single cases, for every case was asked at every level."""
    middle = sum(right) / len(right)
    spread = sum((level - middle) ** 2 for level in right)
    slopes = [
        round(100 * sum((level - middle) * right[level][result.case.id] for level in right) / spread, 9)
        for result in results
    ]
    ones = [1.0] * len(slopes)
    clusters = [cluster_of(result.case) for result in results]
    return Noise(
        cases=len(results),
        levels=tuple((level, sum(right[level].values())) for level in sorted(right)),
        slope=sum(slopes) / len(slopes),
        interval=cluster_interval(slopes, ones, clusters) if any(slopes) else (0.0, 0.0),
    )
