"""Proved sentences become an answer: marks, numbers, offsets."""

from dataclasses import replace

import pytest

from qa.composition import Composition
from qa.errors import DataError
from tests.scripted import ScriptedLedger, make_document, make_passage
from tests.sources import finding_of, sheet_of

TEXT = "The mother fled Honduras. She was denied judicial review. Her name was not published."
DOCUMENT = make_document(TEXT)
SHEET = sheet_of(TEXT)
LEDGER = ScriptedLedger((DOCUMENT,))
FLED, DENIED = "The mother fled Honduras.", "She was denied judicial review."
BOTH = "The mother fled Honduras and was denied judicial review."


def composed(*texts):
    composition = Composition()
    for text in texts:
        composition.add(finding_of(text, SHEET), "", LEDGER)
    return composition


def test_sentences_are_joined_with_their_marks_and_keep_their_places():
    composition = composed(FLED, DENIED)
    assert composition.text == f"{FLED} [1] {DENIED} [2]"
    for sentence in composition.sentences:
        assert composition.text[sentence.start : sentence.end] == sentence.text


def test_sentence_on_two_quotes_has_two_marks():
    composition = composed(BOTH)
    assert composition.text == f"{BOTH} [1][2]"
    assert composition.sentences[0].citations == (1, 2)
    assert [citation.quote for citation in composition.citations] == [FLED, DENIED]


def test_quote_that_was_cited_before_keeps_its_number():
    composition = composed(DENIED, BOTH)
    assert composition.text == f"{DENIED} [1] {BOTH} [2][1]"
    assert [citation.number for citation in composition.citations] == [1, 2]


def test_adding_gives_the_sentence_with_all_its_citations():
    composition = composed(DENIED)
    proved = composition.add(finding_of(BOTH, SHEET), "", LEDGER)
    assert proved.sentence is composition.sentences[1]
    assert tuple(citation.number for citation in proved.citations) == proved.sentence.citations == (2, 1)


@pytest.mark.parametrize(
    "question, corrects", [("Why was she given judicial review?", True), ("Was she given review?", False)]
)
def test_sentence_against_what_the_question_takes_for_granted_corrects_it(question, corrects):
    proved = Composition().add(finding_of(DENIED, SHEET), question, LEDGER)
    assert proved.sentence.corrects is corrects


def test_citation_carries_what_a_reader_needs_to_check_it():
    (citation,) = composed(DENIED).citations
    start = TEXT.index(DENIED)
    assert (citation.quote, citation.start, citation.end) == (DENIED, start, start + len(DENIED))
    assert (citation.title, citation.source, citation.date) == (DOCUMENT.title, DOCUMENT.source, "2017-02-24")
    assert citation.sha256 == DOCUMENT.sha256
    assert citation.url.startswith(f"/documents/{DOCUMENT.id}?start={start}&end={start + len(DENIED)}")


@pytest.mark.parametrize(
    "ledger", [ScriptedLedger(()), ScriptedLedger((replace(DOCUMENT, text=TEXT.upper()),))]
)
def test_document_that_was_removed_or_changed_meanwhile_is_not_cited(ledger):
    with pytest.raises(DataError, match=r"“A mother is deported” was changed.*Ask again"):
        Composition().add(finding_of(DENIED, SHEET), "", ledger)


def test_only_passages_with_a_cited_quote_count_as_cited():
    composition, passage = composed(DENIED), make_passage(DOCUMENT)
    start = TEXT.index(DENIED)
    assert composition.cites(passage)
    assert not composition.cites(replace(passage, start=0, end=start))
    assert composition.cites(replace(passage, start=0, end=start + 1))
    assert not composition.cites(replace(passage, document_id="another"))
