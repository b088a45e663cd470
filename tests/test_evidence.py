"""Which sentences of which sources the model gets to read."""

import pytest

from qa import evidence, tokens
from qa.evidence import leans, rank, select
from tests.library import (  # noqa: F401
    ARRESTS,
    LEAK,
    REVIEW,
    assistant_with,
    corpus_of_the_seeds,
    the_embedding_model,
)
from tests.scripted import make_document, make_passage
from tests.sources import source_of


@pytest.fixture(name="look")
def look_at_the_seeds(ask_with, embedder):
    """The sources chosen for a question over the seeds."""
    retriever = ask_with(None).retriever
    return lambda question, **more: select(rank(question, retriever.find(question), embedder), **more)


class TestSelecting:
    def test_source_with_the_answer_is_the_best_and_the_answer_is_read(self, look):
        best = look(ARRESTS)[0]
        assert LEAK in best.title
        assert "680 arrests nationwide" in best.nearest.text and best.nearest in best.chosen
        assert "680 arrests nationwide" in best.text

    def test_both_sides_of_a_conflict_are_read(self, look):
        read = " ".join(source.text for source in look(REVIEW))
        assert "denied judicial review" in read and "afforded judicial review" in read

    def test_every_sentence_is_the_stored_text_at_its_place(self, look, seeds):
        for source in look(REVIEW):
            document = seeds.ledger.document(source.document_id)
            for quote in source.quotes:
                assert document.text[quote.start : quote.end] == quote.text

    def test_little_is_read_and_a_second_look_reads_more_after_it(self, look):
        first = {source.document_id: source for source in look(REVIEW)}
        for source in look(REVIEW, second_look=True):
            if before := first.get(source.document_id):
                assert source.text.startswith(before.text) and len(source.chosen) > len(before.chosen)
        read = [quote for source in first.values() for quote in source.chosen]
        assert sum(tokens.count(quote.text) for quote in read) <= evidence.FIRST_LOOK_TOKENS

    def test_sources_come_best_first_and_none_that_is_far_behind(self, look):
        relevances = [source.relevance for source in look(REVIEW)]
        assert relevances == sorted(relevances, reverse=True)
        assert len(relevances) <= evidence.MOST_SOURCES
        assert relevances[-1] >= evidence.RELATIVE_FLOOR * relevances[0]

    def test_measures_are_in_their_ranges(self, look):
        for source in look(REVIEW):
            assert 0 <= source.overlap <= 1.0001 and 0 <= source.coverage <= 1.0001
            assert -1 <= source.cosine <= 1.0001

    def test_sentence_with_the_words_that_the_question_quotes_is_the_nearest(self, look):
        best = look("Who spoke of a relationship “filled with vibrant colors”?")[0]
        assert "filled with vibrant colors" in best.nearest.text

    def test_no_passages_make_no_sources(self, embedder):
        assert select(rank(REVIEW, (), embedder)) == ()

    def test_sentence_longer_than_a_look_is_read_all_the_same(self, embedder):
        document = make_document("The mother " + "and the son " * 80 + "fled.")
        (source,) = select(rank("Who fled?", [make_passage(document)], embedder))
        assert source.chosen == source.quotes

    def test_question_without_telling_words_is_no_failure(self, embedder):
        document = make_document("The mother fled. The son fled.")
        assert select(rank("Who was it?", [make_passage(document)], embedder))[0].overlap == 0


class TestText:
    def test_gaps_between_sentences_that_are_read_are_shown(self):
        source = source_of("One fled. Two stayed. Three came back.")
        first, _, last = source.quotes
        assert source_of("One fled. Two stayed. Three came back.", chosen=(first, last)).text == (
            "One fled. … Three came back."
        )
        assert source.text == "One fled. Two stayed. Three came back."


class TestLeaning:
    @pytest.mark.parametrize(
        "text, leaning",
        [
            ("Kelly spoke in Mexico. He said nothing new.", True),
            ("Kelly was asked. “It was urgent,” was the answer.", True),
            ("The officials wrote: Nothing is known.", True),
            ("Kelly spoke in Mexico. Trump spoke in Washington.", False),
            ("Kelly spoke in Mexico. Heroes were there.", False),
        ],
    )
    def test_sentence_that_is_not_understood_alone_is_seen(self, text, leaning):
        start = text.index(". ") + 2 if ". " in text else text.index(": ") + 2
        before, after = source_of(text[: start - 1]).quotes[-1], source_of(text[start:]).quotes[0]
        assert leans(before, after) is leaning
