"""Sources and findings made from a few sentences, without any search."""

from qa import facts, grounding, sentences
from qa.evidence import Quote, Source
from qa.reading import Finding
from tests.scripted import make_document


def source_of(text, title="A mother is deported", document_id="0123456789abcdef", **changes):
    """One document of which every sentence was found, in one passage, and is read."""
    quotes = tuple(
        Quote(
            document_id=document_id,
            start=start,
            end=end,
            text=text[start:end],
            terms=facts.terms(text[start:end]),
            passage=0,
            score=0.5,
        )
        for start, end in sentences.split(text)
    )
    fields = {
        "document_id": document_id,
        "title": title,
        "quotes": quotes,
        "chosen": quotes,
        "nearest": quotes[0],
        "relevance": 0.5,
        "cosine": 0.5,
        "overlap": 0.5,
        "coverage": 0.5,
    }
    return Source(**fields | changes)


def even(term):
    """Every term tells as much as any other."""
    return 1.0


def finding_of(text, source=None, question="", **changes):
    """A sentence with the proof that its source (itself, when none is given) gives it."""
    source = source or source_of(text)
    proof = grounding.prove(text, question, source, even)
    return Finding(
        **{"text": text, "source": source, "proof": proof, "answers": 0.9, "support": 0.9} | changes
    )


__all__ = ["even", "finding_of", "make_document", "source_of"]
