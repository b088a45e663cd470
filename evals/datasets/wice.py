"""WiCE: sentences of Wikipedia against the web pages which they cite.

Published as ryokamoi/wice (ODC-BY, CC BY-SA 4.0), its development part. `claims` are whole sentences;
`tokens` are smaller claims whose unsupported words people marked. A row of `wice/claims.jsonl` and
`wice/tokens.jsonl`:

    {"id": "w1", "claim": "Ann, a vet, sings.", "evidence": ["Ann sings.", "Skip to content"],
     "supporting_sentences": [[0]], "label": "partially_supported", "meta": {"id": "dev1"}}
    {"id": "t1", "claim": "Ann is a vet.", "claim_tokens": ["Ann", "is", "a", "vet", "."],
     "non_supported_spans": [false, false, true, true, false], "evidence": ["Ann sings."],
     "supporting_sentences": [[0]], "label": "partially_supported", "meta": {"id": "dev1-0"}}
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from evals.datasets.rows import Row, read_rows
from evals.datasets.values import Label, LabelledPair

CLAIMS, TOKENS = "wice/claims.jsonl", "wice/tokens.jsonl"
PUBLISHED = "https://github.com/ryokamoi/wice"
_LABELS: dict[str, Label] = {
    "supported": "supported",
    "partially_supported": "partly",
    "not_supported": "unsupported",
}


class Meta(BaseModel):
    id: str


class Claim(Row):
    claim: str
    evidence: tuple[str, ...] = Field(min_length=1)
    label: Literal["supported", "partially_supported", "not_supported"]
    meta: Meta
    claim_tokens: tuple[str, ...] = ()
    non_supported_spans: tuple[bool, ...] = ()


def pairs(folder: Path, name: str = CLAIMS) -> tuple[LabelledPair, ...]:
    """Every claim with the sentences of the whole page."""
    return tuple(
        LabelledPair(
            id=row.id,
            evidence=row.evidence,
            claim=row.claim,
            label=_LABELS[row.label],
            cluster=row.meta.id.partition("-")[0],
            unsupported=_marked(row.claim, row.claim_tokens, row.non_supported_spans),
        )
        for row in read_rows(folder, name, Claim, PUBLISHED)
    )


def _marked(claim: str, words: Sequence[str], marks: Iterable[bool]) -> tuple[tuple[int, int], ...]:
    """Characters of the marked words; words which follow each other are one stretch."""
    found: list[tuple[int, int]] = []
    place, going_on = 0, False
    for word, marked in zip(words, marks, strict=False):
        start = claim.find(word, place)
        if start < 0:
            continue
        place = start + len(word)
        if marked:
            found[-1:] = [(found[-1][0], place)] if going_on else [*found[-1:], (start, place)]
        going_on = marked
    return tuple(found)
