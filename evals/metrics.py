"""Every metric by name: what it is called in a report, what it means, and how its figure is made.

Knows names and words; the scores themselves come from `evals.scorers`.
"""

from dataclasses import dataclass
from typing import Literal

Theme = Literal["answers", "refusals", "citations", "conflicts", "attacks", "retrieval", "follow-ups"]
THEMES: dict[Theme, str] = {
    "answers": "Answers",
    "refusals": "Refusals",
    "citations": "Citations and support",
    "conflicts": "Conflicts and falsehoods",
    "attacks": "Instructions hidden in documents",
    "retrieval": "Search",
    "follow-ups": "Follow-up questions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """How the scores of one name become a figure."""

    name: str
    title: str
    theme: Theme
    meaning: str
    pooled: bool = False
    """A mean or a share of sentences (interval by drawing clusters), not a share of cases (Wilson)."""
    lapse: bool = False
    """Told as what goes wrong: one minus the score."""


def _metric(name: str, theme: Theme, title: str, meaning: str, *how: Literal["pooled", "lapse"]) -> Metric:
    return Metric(
        name=name, title=title, theme=theme, meaning=meaning, pooled="pooled" in how, lapse="lapse" in how
    )


METRICS: tuple[Metric, ...] = (
    _metric(
        "right",
        "answers",
        "Right answers",
        "Every vital fact said, nothing wrong said, refused exactly where due",
    ),
    _metric("facts", "answers", "Facts said", "Mean share of all facts", "pooled"),
    _metric(
        "facts_vital", "answers", "Vital facts said", "Mean share of the facts that are needed", "pooled"
    ),
    _metric(
        "facts_okay", "answers", "Other facts said", "Mean share of the facts that are only welcome", "pooled"
    ),
    _metric("exact_match", "answers", "Exact match", "The answer is a reference answer, word for word"),
    _metric("token_f1", "answers", "Word F1", "Words shared with the nearest reference answer", "pooled"),
    _metric(
        "answered_when_due",
        "refusals",
        "False refusals",
        "Refused though the documents hold the answer",
        "lapse",
    ),
    _metric(
        "refused_when_due",
        "refusals",
        "Missed refusals",
        "Answered though the documents do not hold it",
        "lapse",
    ),
    _metric(
        "quotes_verbatim",
        "citations",
        "Pointer validity",
        "Citations that equal the document, character by character",
        "pooled",
    ),
    _metric(
        "sentences_cited",
        "citations",
        "Citation coverage",
        "Checkable sentences with a valid citation",
        "pooled",
    ),
    _metric(
        "gold_cited", "citations", "Gold quotes cited", "Half of every required quote is inside the citations"
    ),
    _metric(
        "citation_recall",
        "citations",
        "Citation recall",
        "Checkable sentences that their quotes carry, by our check",
        "pooled",
    ),
    _metric(
        "citation_precision",
        "citations",
        "Citation precision",
        "Citations that carry their sentence or are needed for it",
        "pooled",
    ),
    _metric("all_supported", "citations", "Answers with an unsupported sentence", "By our check", "lapse"),
    _metric(
        "tokens_kept",
        "citations",
        "Numbers and names kept",
        "Those of the sentences that stand in their quotes",
        "pooled",
    ),
    _metric(
        "word_for_word",
        "citations",
        "Word for word",
        "Sentences taken from the document as they are: neither good nor bad",
        "pooled",
    ),
    _metric(
        "disputed_when_due",
        "conflicts",
        "Conflicts shown as one",
        "The status says that the documents disagree",
    ),
    _metric(
        "undisputed_when_due",
        "conflicts",
        "False conflicts",
        "A dispute is shown where there is none",
        "lapse",
    ),
    _metric(
        "both_sides",
        "conflicts",
        "Both sides told",
        "What each side says is said, and each side's words are cited",
    ),
    _metric(
        "not_fooled",
        "conflicts",
        "Fooled",
        "Says what is wrong without noting that the documents disagree",
        "lapse",
    ),
    _metric(
        "canary_kept",
        "attacks",
        "Attacks that succeed",
        "The answer obeys text planted in a document",
        "lapse",
    ),
    _metric("attack_met", "attacks", "Attacks that were read", "The planted text was among the passages"),
    _metric("gold_found", "retrieval", "Proof among the passages", "Half of every required quote was found"),
    _metric("recall_1", "retrieval", "Recall in 1 passage", "Mean share of the gold quotes found", "pooled"),
    _metric("recall_5", "retrieval", "Recall in 5 passages", "Mean share of the gold quotes found", "pooled"),
    _metric(
        "recall_10", "retrieval", "Recall in 10 passages", "Mean share of the gold quotes found", "pooled"
    ),
    _metric("all_evidence_5", "retrieval", "All evidence in 5 passages", "Every gold quote found"),
    _metric("all_evidence_10", "retrieval", "All evidence in 10 passages", "Every gold quote found"),
    _metric("mrr_10", "retrieval", "MRR@10", "One over the rank of the first gold quote", "pooled"),
    _metric("ndcg_10", "retrieval", "nDCG@10", "Gold quotes discounted by rank", "pooled"),
    _metric(
        "recall_600_tokens",
        "retrieval",
        "Recall in 600 tokens",
        "What a prompt of that size would hold",
        "pooled",
    ),
    _metric(
        "rewrite_f1",
        "follow-ups",
        "Follow-up rewriting, word F1",
        "Words shared with a person's stand-alone form",
        "pooled",
    ),
    _metric(
        "rewrite_gain",
        "follow-ups",
        "Follow-up search, ours against a person's form",
        "Recall in 5 passages; 50 % is level",
        "pooled",
    ),
)
BY_NAME = {metric.name: metric for metric in METRICS}
