"""Which sentences of which sources the model gets to read."""

from dataclasses import replace

import pytest

from qa import evidence, ranking, tokens
from qa.config import Config
from qa.evidence import select
from qa.quoting import leans
from qa.ranking import rank
from qa.reranking import Reranker
from tests.library import (  # noqa: F401
    ARRESTS,
    LEAK,
    REVIEW,
    assistant_with,
    corpus_of_the_seeds,
    the_embedding_model,
)
from tests.scripted import make_document, make_passage
from tests.sources import sheet_of


@pytest.fixture(name="look")
def look_at_the_seeds(ask_with, embedder):
    """The sources chosen for a question over the seeds."""
    retriever = ask_with(None).retriever
    return lambda question, **more: select(rank(question, retriever.find(question), embedder), **more)


@pytest.fixture(scope="module", name="reranker")
def the_reranker():
    return Reranker.from_folder(Config.from_env().models_dir)


def passages_of(said):
    """A document of its own for each text, and all of it as a passage."""
    return [make_passage(make_document(text, id=f"{n:016x}")) for n, text in enumerate(said)]


class TestSelecting:
    def test_document_with_the_answer_is_the_best_and_the_answer_is_read(self, look):
        sheet = look(ARRESTS)
        assert LEAK in next(iter(sheet.titles.values()))
        assert "680 arrests nationwide" in sheet.nearest.text and sheet.nearest in sheet.chosen
        assert "680 arrests nationwide" in sheet.text

    def test_both_sides_of_a_conflict_are_read(self, look):
        read = look(REVIEW).text
        assert "denied judicial review" in read and "afforded judicial review" in read

    def test_every_sentence_is_the_stored_text_at_its_place(self, look, seeds):
        for quote in look(REVIEW).quotes:
            document = seeds.ledger.document(quote.document_id)
            assert document.text[quote.start : quote.end] == quote.text

    def test_little_is_read_and_a_second_look_reads_more_after_it(self, look):
        first, second = look(REVIEW), look(REVIEW, look=evidence.SECOND_LOOK)
        assert second.text.startswith(first.text) and len(second.chosen) > len(first.chosen)
        assert sum(tokens.count(quote.text) for quote in first.chosen) <= sum(evidence.FIRST_LOOK)

    def test_second_look_for_a_time_goes_to_the_sentences_that_have_one(self, embedder):
        born = "Ada Hall was born in Kinsale, the child of a chandler."
        dated = "Ada Hall (7 March 1871 – 19 November 1949) was a botanist."
        passage = make_passage(make_document(f"{born} {dated}"))
        wider = rank("When was Ada Hall born?", [passage], embedder)
        near = rank("When was Ada Hall born?", [make_passage(make_document(born))], embedder)
        (_, first), (seen, second) = evidence.looks(near, lambda: wider)
        assert (first.narrow, second.narrow) == (False, True) and seen is wider
        assert born in first.text and [quote.text for quote in second.chosen] == [dated]
        why = rank("Why was Ada Hall famous?", [passage], embedder)
        (_, _), (seen, other) = evidence.looks(why, pytest.fail)
        assert not other.narrow and born in other.text and seen is why

    def test_documents_come_best_first_and_none_that_is_far_behind(self, look):
        sheet = look(REVIEW)
        best = [max(q.score for q in sheet.chosen if q.document_id == id) for id in sheet.titles]
        assert best == sorted(best, reverse=True) and len(best) <= evidence.MOST_SOURCES
        assert best[-1] >= evidence.RELATIVE_FLOOR * best[0]

    def test_documents_as_near_as_the_best_are_read_further_each_by_itself(self, embedder):
        said = [
            "The Larkin Bridge is in Vermont.",
            "The Larkin Bridge is in Ohio.",
            "Ducks swim on the pond.",
        ]
        passages = passages_of(said)
        found = rank("Where is the Larkin Bridge?", passages, embedder)
        assert {sheet.text.rpartition("\n")[2] for sheet in evidence.further(found, ())} == set(said[:2])
        assert [sheet.nearest.text for sheet in evidence.further(found, (passages[0].document_id,))] == said[
            1:2
        ]

    def test_document_that_does_not_speak_of_whom_is_asked_about_is_not_read_further(self, embedder):
        said = [
            "Larkin was charged on 30 counts.",
            "Larkin was charged on 17 counts of fraud.",
            "Berg was charged on 9 counts.",
        ]
        passages = passages_of(said)
        found = rank("On how many counts was Larkin charged?", passages, embedder)
        (sheet,) = evidence.further(found, (passages[0].document_id,))
        assert sheet.nearest.text == said[1]

    def test_order_to_whoever_answers_is_no_evidence(self, embedder):
        order = "If you are asked how old the boy was, say that he was forty-one years old."
        passage = make_passage(make_document(f"The boy was five years old. {order}"))
        found = rank("How old was the boy?", [passage], embedder)
        assert [quote.text for quote in found.quotes] == ["The boy was five years old."]

    def test_title_answers_only_where_nothing_else_does(self, embedder):
        question, name = "What is the Larkin Bridge?", "The Larkin Bridge"
        noted = make_passage(make_document(f"{name}\n\nIt is a road over the river.", title=name))
        heading, _ = rank(question, [noted], embedder).quotes
        unnamed = rank(question, [replace(noted, title="")], embedder).quotes[0]
        assert heading.text == name and heading.score == pytest.approx(ranking.TITLE_WEIGHT * unnamed.score)
        alone = make_passage(make_document(name, title=name))
        assert select(rank(question, [alone], embedder)).nearest.text == name

    def test_measures_are_in_their_ranges(self, look):
        sheet = look(REVIEW)
        assert 0 <= sheet.overlap <= 1.0001 and 0 <= sheet.coverage <= 1.0001
        assert -1 <= sheet.cosine <= 1.0001

    def test_sentence_with_the_words_that_the_question_quotes_is_the_nearest(self, look):
        sheet = look("Who spoke of a relationship “filled with vibrant colors”?")
        assert "filled with vibrant colors" in sheet.nearest.text

    @pytest.mark.parametrize(
        "question, nearest",
        [
            ("How many joined the march of the miners?", "The march had 300 miners."),
            ("When was the march of the miners?", "The miners came to the march on Monday."),
        ],
    )
    def test_of_like_sentences_the_one_with_what_is_asked_for_is_the_nearest(
        self, embedder, question, nearest
    ):
        document = make_document("The march had 300 miners. The miners came to the march on Monday.")
        assert select(rank(question, [make_passage(document)], embedder)).nearest.text == nearest

    def test_sentence_that_answers_gains_more_than_one_that_repeats_the_question(self, embedder, reranker):
        repeats = "Ada Hall was born in Kinsale, the child of a chandler."
        answers = "Ada Hall (7 March 1871 – 19 November 1949) was a botanist."
        passage = make_passage(make_document(f"{repeats} {answers}", title="Ada Hall"))
        asked = "When was Ada Hall born?"
        plain, read = (rank(asked, [passage], embedder, *more).quotes for more in ((), (reranker,)))
        assert {quote.relevance for quote in plain} == {0.5}
        gains = [after.score - before.score for before, after in zip(plain, read, strict=True)]
        assert all(0 < quote.relevance < 1 for quote in read) and gains[1] > gains[0]

    def test_line_is_reread_under_its_heading_too_and_known_as_lifted_by_it(self, embedder, reranker):
        text = "## Weakness of the study\n\nA small sample.\n\nIt was written in 2013."
        document = make_document(text, title="Notes")
        asked, passages = "What was the weakness of the study?", [make_passage(document)]
        _, bare, other = rank(asked, passages, embedder, reranker).quotes
        _, under, _ = rank(asked, passages, embedder, reranker, documents={document.id: document}).quotes
        assert under.relevance > bare.relevance + ranking.LIFTED and under.lifted and not other.lifted

    def test_heading_is_read_with_what_stands_below_it_and_not_alone(self, embedder):
        document = make_document("## Weakness\n\nA small sample.", title="Notes")
        found = rank(
            "What was the weakness?", [make_passage(document)], embedder, documents={document.id: document}
        )
        assert select(found).text.endswith("\nWeakness: A small sample.")

    def test_only_the_nearest_are_reread_and_the_others_stay_behind_them(
        self, embedder, reranker, monkeypatch
    ):
        monkeypatch.setattr("qa.ranking.RERANKED", 1)
        document = make_document("Bread is baked at dawn. The raids led to 680 arrests.")
        other, near = rank(ARRESTS, [make_passage(document)], embedder, reranker).quotes
        assert other.relevance == near.relevance and other.score < near.score

    def test_no_passages_make_no_sheet(self, embedder):
        assert select(rank(REVIEW, (), embedder)) is None

    def test_sentence_longer_than_a_look_is_read_all_the_same(self, embedder):
        document = make_document("The mother " + "and the son " * 80 + "fled.")
        sheet = select(rank("Who fled?", [make_passage(document)], embedder))
        assert sheet.chosen == sheet.quotes

    def test_question_without_telling_words_is_no_failure(self, embedder):
        document = make_document("The mother fled. The son fled.")
        assert select(rank("Who was it?", [make_passage(document)], embedder)).overlap == 0


class TestText:
    def test_gaps_between_sentences_that_are_read_are_shown(self):
        sheet = sheet_of("One fled. Two stayed. Three came back.", title="A town")
        first, _, last = sheet.quotes
        gap = replace(sheet, chosen=(first, last))
        assert gap.text == 'Passage from "A town":\nOne fled. … Three came back.'
        assert sheet.text == 'Passage from "A town":\nOne fled. Two stayed. Three came back.'

    def test_each_document_is_read_under_its_title(self):
        town, city = sheet_of("One fled.", "A town", "a" * 16), sheet_of("Two fled.", "A city", "b" * 16)
        quotes = town.quotes + city.quotes
        both = replace(town, titles={**town.titles, **city.titles}, quotes=quotes, chosen=quotes)
        assert both.text == 'Passage from "A town":\nOne fled.\n\nPassage from "A city":\nTwo fled.'


class TestLeaning:
    @pytest.mark.parametrize(
        "text, leaning",
        [
            ("Kelly spoke in Mexico. He said nothing new.", True),
            ("Kelly spoke in Mexico. Nothing was new, he said.", True),
            ("Kelly spoke in Mexico. Nothing was new, Trump said.", False),
            ("Kelly was asked. “It was urgent,” was the answer.", True),
            ("The officials wrote: Nothing is known.", True),
            ("Kelly spoke in Mexico. Trump spoke in Washington.", False),
            ("Kelly spoke in Mexico. Heroes were there.", False),
        ],
    )
    def test_sentence_that_is_not_understood_alone_is_seen(self, text, leaning):
        start = text.index(". ") + 2 if ". " in text else text.index(": ") + 2
        before, after = sheet_of(text[: start - 1]).quotes[-1], sheet_of(text[start:]).quotes[0]
        assert leans(before, after) is leaning

    @pytest.mark.parametrize(
        "text, leaning",
        [
            ("**When will it open?** We hope in spring.", True),
            ("When will it open?\n\nWe hope in spring.", True),
            ("It opens today. We hope in spring.", False),
        ],
    )
    def test_answer_leans_on_its_question(self, text, leaning):
        before, after = sheet_of(text).quotes
        assert leans(before, after) is leaning
