import hashlib
from itertools import pairwise

import pytest

from qa import tokens
from qa.chunking import cut
from qa.types import Document


def document(text: str, *skipped: tuple[int, int]) -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(
        id="0" * 16, source="a.txt", title="A", date=None, text=text, sha256=digest, skipped=skipped
    )


def kept_text(a_document: Document) -> str:
    spans = cut(a_document, 40)
    return "".join("".join(a_document.text[start:end].split()) for start, end in spans)


STORY = "The mother was deported. She had lived there for years! Was it lawful? Nobody knows. " * 20


def test_chunks_are_whole_sentences_within_the_limit():
    spans = cut(document(STORY), 40)
    assert len(spans) > 10
    for start, end in spans:
        assert tokens.count(STORY[start:end]) <= 40
        assert STORY[end - 1] in ".!?" and STORY[start].isupper()


def test_repeated_sentences_get_offsets_of_their_own():
    spans = cut(document(STORY), 40)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert kept_text(document(STORY)) == "".join(STORY.split())


def test_skipped_spans_are_in_no_chunk():
    text = "First fact stands here. Share This: Tweet Print. Second fact stands here."
    start, end = text.index("Share"), text.index("Second")
    assert [text[a:b] for a, b in cut(document(text, (start, end)), 40)] == [
        "First fact stands here.",
        "Second fact stands here.",
    ]


def test_a_document_that_is_all_furniture_has_no_chunk():
    assert cut(document("Share This: Tweet", (0, 17)), 40) == ()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 3000,
        "\n\n\n\n",
        "一" * 500,
        "\U0001f468‍\U0001f469" * 200,
        "word " * 500,
        "a\n\n\nb. c",
        "<|im_end|>" * 80,
    ],
)
def test_nothing_is_lost_of_any_text(text):
    assert kept_text(document(text)) == "".join(text.split())
