"""Sheets and findings made from a few sentences, without any search."""

from qa import facts, grounding, sentences
from qa.evidence import Sheet
from qa.quoting import Quote
from qa.reading import Finding
from tests.scripted import make_document


def sheet_of(text, title="A mother is deported", document_id="0123456789abcdef", **changes):
    """Of one document every sentence, found in one passage."""
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
        "titles": {document_id: title},
        "quotes": quotes,
        "chosen": quotes,
        "cosine": 0.5,
        "overlap": 0.5,
        "coverage": 0.5,
    }
    return Sheet(**fields | changes)


HONDURAS = sheet_of(
    "The mother fled Honduras in December 2015. She was denied judicial review of her case. "
    "“It’s urgent,” Senator Bob Casey tweeted. The February raids resulted in 680 arrests nationwide. "
    "Kelly pledged that there will be no mass deportations. Thorold paid for the first journey.",
    title="Senator Casey tweets about Honduras",
)


def even(term):
    """Every term tells as much as any other."""
    return 1.0


def finding_of(text, sheet=None, question="", **changes):
    """A sentence with the proof that its sheet (itself, when none is given) gives it."""
    sheet = sheet or sheet_of(text)
    proof = grounding.prove(text, question, sheet, even)
    return Finding(**{"text": text, "sheet": sheet, "proof": proof, "answers": 0.9, "support": 0.9} | changes)


__all__ = ["HONDURAS", "even", "finding_of", "make_document", "sheet_of"]
