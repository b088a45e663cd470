"""Putting proved sentences together: numbers for the citations, marks and offsets for the text."""

from dataclasses import dataclass, field

from qa import judgement
from qa.errors import DataError
from qa.ledger import Ledger
from qa.quoting import Quote
from qa.reading import Finding
from qa.settlement import Docket, holder
from qa.types import Account, Citation, Document, Passage, Proved, Sentence


@dataclass(slots=True)
class Composition:
    """An answer that grows by whole sentences; what was added is never changed."""

    text: str = ""
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    _told: list[tuple[Finding, Account]] = field(default_factory=list)

    def add(self, finding: Finding, question: str, ledger: Ledger) -> Proved:
        """Append a sentence with its marks; a quote that was cited before keeps its number.

        Args:
            question: what the sentence answers.

        Raises:
            DataError: the document was removed or changed since it was read.
        """
        documents = _documents(finding, ledger)
        text = finding.text
        cited = [self._cite(documents[quote.document_id], quote) for quote in finding.proof.cited]
        marks = "".join(f"[{citation.number}]" for citation in cited)
        start = len(self.text) + 1 if self.text else 0
        self.text = f"{self.text} {text} {marks}".strip()
        sentence = Sentence(
            text=text,
            start=start,
            end=start + len(text),
            citations=tuple(citation.number for citation in cited),
            verdict=judgement.verdict(finding.proof, finding.support),
            support=round(finding.support, 3),
            corrects=finding.corrects(question),
        )
        self.sentences.append(sentence)
        account = Account(holder=holder(finding, documents), text=text, citations=sentence.citations)
        self._told.append((finding, account))
        return Proved(sentence=sentence, citations=tuple(cited))

    def accounts(self, docket: Docket) -> tuple[Account, ...]:
        """One account a side when the sources differ on what `docket` asks, else none.

        Who says both does not dispute it.
        """
        sides = tuple(
            account for finding, account in self._told if any(finding is one for one in docket.sides)
        )
        return sides if len({account.holder for account in sides}) > 1 else ()

    def cites(self, passage: Passage) -> bool:
        """Whether a citation overlaps `passage`."""
        return any(
            citation.document_id == passage.document_id
            and citation.start < passage.end
            and passage.start < citation.end
            for citation in self.citations
        )

    def _cite(self, document: Document, quote: Quote) -> Citation:
        place = (quote.document_id, quote.start, quote.end)
        for citation in self.citations:
            if (citation.document_id, citation.start, citation.end) == place:
                return citation
        citation = Citation(
            number=len(self.citations) + 1,
            document_id=document.id,
            title=document.title,
            source=document.source,
            date=document.date,
            quote=document.text[quote.start : quote.end],
            start=quote.start,
            end=quote.end,
            sha256=document.sha256,
            url=f"/documents/{document.id}?start={quote.start}&end={quote.end}&version={document.sha256[:16]}",
        )
        self.citations.append(citation)
        return citation


def _documents(finding: Finding, ledger: Ledger) -> dict[str, Document]:
    """Those that a finding quotes, by id, each read once."""
    documents = {}
    for document_id in dict.fromkeys(quote.document_id for quote in finding.proof.quotes):
        document = ledger.document(document_id)
        quotes = [quote for quote in finding.proof.cited if quote.document_id == document_id]
        if document is None or any(document.text[q.start : q.end] != q.text for q in quotes):
            title = finding.sheet.titles[document_id]
            raise DataError(f"“{title}” was changed while the answer was made. Ask again.")
        documents[document_id] = document
    return documents
