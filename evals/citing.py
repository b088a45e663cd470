"""A whole passage as a citation: for answerers which cite what they read, not the sentence that proves it."""

from qa import Citation, Document, Passage


def citation_of(number: int, passage: Passage, document: Document) -> Citation:
    """`passage` of `document`, cited under `number`."""
    return Citation(
        number=number,
        document_id=document.id,
        title=document.title,
        source=document.source,
        date=document.date,
        quote=passage.text,
        start=passage.start,
        end=passage.end,
        sha256=document.sha256,
        url=f"/documents/{document.id}?start={passage.start}&end={passage.end}",
    )
