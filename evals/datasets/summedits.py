"""SummEdits, its news part: summaries in which a few words were changed, some of them harmlessly.

Published as salesforce/factualNLG (Apache-2.0). A row of `summedits_news/claims.jsonl`:

    {"id": "n1_3", "evidence": ["Oman opens its airspace. …"], "claim": "Oman closes its airspace.",
     "label": "unsupported", "original": "Oman opens its airspace.", "edit_types": ["antonym_swap"]}
"""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import Field

from evals.datasets.rows import Row, read_rows
from evals.datasets.values import LabelledPair

CLAIMS = "summedits_news/claims.jsonl"
PUBLISHED = "https://github.com/salesforce/factualNLG"


class Claim(Row):
    evidence: tuple[str, ...] = Field(min_length=1)
    claim: str
    label: Literal["supported", "unsupported"]


def pairs(folder: Path) -> tuple[LabelledPair, ...]:
    """Every summary; the cluster is the article, of which there are few."""
    return tuple(
        LabelledPair(
            id=row.id,
            evidence=row.evidence,
            claim=row.claim,
            label=row.label,
            cluster=hashlib.sha256("\n".join(row.evidence).encode()).hexdigest()[:16],
        )
        for row in read_rows(folder, CLAIMS, Claim, PUBLISHED)
    )
