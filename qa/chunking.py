"""Where a document is cut into chunks: whole sentences, up to a number of tokens, exact offsets.

Knows the splitter of llama-index; knows nothing of embeddings or storage.
"""

from itertools import pairwise

from llama_index.core.node_parser import SentenceSplitter

from qa import sentences, tokens
from qa.types import Document


def cut(document: Document, chunk_tokens: int) -> tuple[tuple[int, int], ...]:
    """Spans of `document.text`, in order and without overlap, each at most `chunk_tokens` long.

    Together they hold every character outside `document.skipped`, but for the white space between them.
    """
    splitter = SentenceSplitter(
        chunk_size=chunk_tokens,
        chunk_overlap=0,
        tokenizer=tokens.encode,
        chunking_tokenizer_fn=_sentences,
        include_metadata=False,
        include_prev_next_rel=False,
    )
    spans = []
    for start, end in _regions(document):
        cursor = start
        for chunk in splitter.split_text(document.text[start:end]):
            # The splitter's own offsets are those of the first equal text, which may be another place.
            cursor = document.text.index(chunk, cursor, end)
            spans.append((cursor, cursor + len(chunk)))
            cursor += len(chunk)
    return tuple(spans)


def _sentences(text: str) -> list[str]:
    """Sentences with the white space after them: joined, they are the text again."""
    starts = [start for start, _ in sentences.split(text)]
    return [text[a:b] for a, b in pairwise([0, *starts[1:], len(text)])]


def _regions(document: Document) -> list[tuple[int, int]]:
    edges = [0, *(edge for span in sorted(document.skipped) for edge in span), len(document.text)]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
