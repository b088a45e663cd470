"""The answer object field by field: what callers in any language rely on."""

import re
from dataclasses import asdict

from tests.library import (  # noqa: F401
    REVIEW,
    assistant_with,
    corpus_of_the_seeds,
    drafting,
    the_embedding_model,
)

FIELDS = {
    "answer": "id question standalone_question status answer reason sentences accounts citations passages "
    "model index_version timings usage",
    "sentences": "text start end citations verdict support corrects",
    "accounts": "holder text citations",
    "citations": "number document_id title source date quote start end sha256 url",
    "passages": "document_id title source date text start end score cited",
    "timings": "standalone_ms retrieve_ms draft_ms check_ms first_sentence_ms total_ms cached",
    "usage": "prompt_tokens completion_tokens",
}
"""The wire contract: fields may be added, never renamed."""


class TestContract:
    def test_answer_has_the_fields_of_the_contract(self, ask_with):
        fields = asdict(ask_with(drafting()).ask(REVIEW))
        assert list(fields) == FIELDS["answer"].split()
        for name in ("sentences", "accounts", "citations", "passages"):
            assert fields[name] and all(list(item) == FIELDS[name].split() for item in fields[name])
        for name in ("timings", "usage"):
            assert list(fields[name]) == FIELDS[name].split()

    def test_values_are_in_their_ranges(self, ask_with):
        answer = ask_with(drafting()).ask(REVIEW)
        assert all(0 <= sentence.support <= 1 for sentence in answer.sentences)
        assert all(isinstance(value, int) and value >= 0 for value in asdict(answer.timings).values())
        assert answer.timings.first_sentence_ms <= answer.timings.total_ms
        assert re.fullmatch("[0-9a-f]{32}", answer.id)
