"""Which quotes carry a sentence, and what speaks against it."""

from dataclasses import replace

import pytest

from qa import grounding, outline, quoting
from qa.grounding import claims, prove, says_nothing
from tests.scripted import make_document, make_passage
from tests.sources import HONDURAS as SHEET
from tests.sources import even, sheet_of


def proof_of(sentence, question=""):
    return prove(sentence, question, SHEET, even)


def quotes_of(sentence, question=""):
    return [quote.text for quote in proof_of(sentence, question).quotes]


class TestQuotes:
    def test_sentence_of_the_source_is_proved_by_itself(self):
        proof = proof_of("She was denied judicial review of her case.")
        assert [quote.text for quote in proof.quotes] == ["She was denied judicial review of her case."]
        assert proof.verbatim and proof.containment == 1 and proof.faults == ()

    def test_beginning_of_a_sentence_is_verbatim_too(self):
        assert proof_of("She was denied judicial review").verbatim

    def test_words_torn_out_of_a_sentence_are_no_quotation(self):
        assert not proof_of("Judicial review").verbatim

    def test_other_words_are_not_verbatim(self):
        proof = proof_of("Judicial review of the case was denied.")
        assert not proof.verbatim and proof.containment == 1
        assert quotes_of("Judicial review of the case was denied.") == [SHEET.quotes[1].text]

    def test_sentence_made_of_two_is_proved_by_both_in_the_order_of_the_document(self):
        sentence = "Of the raids with 680 arrests nationwide in February, and of a mother who fled Honduras."
        assert quotes_of(sentence) == [SHEET.quotes[0].text, SHEET.quotes[3].text]

    def test_no_more_quotes_than_are_needed(self):
        assert len(quotes_of("The February raids resulted in arrests.")) == 1

    def test_shorter_of_two_equal_quotes_is_taken(self):
        source = sheet_of("He was sworn in on Monday in the capital, as planned. He was sworn in on Monday.")
        (quote,) = prove("He was sworn in on Monday.", "", source, even).quotes
        assert quote.text == "He was sworn in on Monday."

    def test_title_carries_what_it_names_and_is_no_quote_beside_others(self):
        sheet = sheet_of("# The B3 espresso machine\n\n| Weight | 11.2 kg |", title="The B3 espresso machine")
        proof = prove("The B3 espresso machine weighs 11.2 kg.", "", sheet, even)
        assert [quote.text for quote in proof.quotes] == ["| Weight | 11.2 kg |"]
        assert proof.faults == () and proof.containment == pytest.approx(5 / 6)

    def test_sentence_that_has_nothing_of_the_source_has_no_quotes(self):
        proof = proof_of("Bananas ripen quickly")
        assert proof.quotes == () and proof.containment == 0 and proof.faults

    def test_novelty_counts_only_what_the_question_did_not_say(self):
        question = "Was the mother denied judicial review of her banana case?"
        assert proof_of("The mother was denied judicial review of her banana case.", question).novelty == 1
        assert proof_of("She was denied judicial review by pirates.", question).novelty == 0


class TestFaults:
    def test_an_age_without_its_unit_is_an_age(self):
        sheet = sheet_of("The sailor is Ann Lund, 31, of Oslo. Her boat is 47 years old.")
        assert prove("Ann Lund is 31 years old.", "How old is she?", sheet, even).faults == ()
        assert prove("Ann Lund sailed 31 miles.", "How far?", sheet, even).faults

    def test_a_common_word_of_the_question_is_no_name_that_the_source_lacks(self):
        sheet = sheet_of("Ann Lund is the Democratic candidate of Texas.")
        claim = "Ann Lund belongs to the Democratic Party."
        assert prove(claim, "Which party is Lund in?", sheet, even).faults == ()
        assert prove(claim, "Is Lund in the Democratic Party?", sheet, even).faults

    @pytest.mark.parametrize(
        "sentence, fault",
        [
            ("The February raids resulted in 600 arrests.", "600"),
            ("The raids resulted in 680 arrests in Texas.", "texa"),
            ("Bob Casey tweeted “no mass raids”.", "no mass raids"),
            ("The raids did not result in 680 arrests.", "turns round"),
            ("The mother fled Honduras against it.", "turns round"),
            ("Kelly is fond of pirates and rum.", "what it adds"),
            ("The mother fled for 2015 hours in December.", "2015 hour"),
            ("Thorold paid for the second journey.", "“second”"),
        ],
    )
    def test_number_name_or_quotation_that_the_source_has_not_is_a_fault(self, sentence, fault):
        (found,) = proof_of(sentence).faults
        assert fault in found

    @pytest.mark.parametrize(
        "sentence",
        [
            "The raids resulted in 680 arrests.",
            'Bob Casey tweeted "It\'s urgent".',
            "Casey tweeted about Honduras.",
        ],
    )
    def test_what_the_source_or_its_title_has_is_none(self, sentence):
        assert proof_of(sentence).faults == ()

    def test_name_that_only_another_document_has_is_a_fault(self):
        one = sheet_of("The raids resulted in 680 arrests.", "Raids", "a" * 16)
        other = sheet_of("Angela Merkel was in Berlin.", "Berlin", "b" * 16)
        both = replace(
            one,
            titles={**one.titles, **other.titles},
            quotes=one.quotes + other.quotes,
            chosen=one.quotes + other.quotes,
        )
        proof = prove(
            "The raids of Merkel resulted in 680 arrests.", "", both, lambda term: 1 / len(term) ** 3
        )
        assert {quote.document_id for quote in proof.quotes} == {"a" * 16}
        assert any("merkel" in fault for fault in proof.faults)

    def test_number_of_the_question_may_be_taken_up(self):
        assert proof_of("The 2 of them fled.", "Why did the two of them flee?").faults == ()


class TestOwnWords:
    def test_sentence_about_she_brings_the_one_before_it(self):
        text, proof = grounding.own_words(SHEET.quotes[1], "", SHEET)
        assert text == " ".join(quote.text for quote in SHEET.quotes[:2])
        assert proof.quotes == SHEET.quotes[:2] and proof.verbatim

    def test_sentence_that_is_understood_alone_stands_alone(self):
        text, proof = grounding.own_words(SHEET.quotes[3], "", SHEET)
        assert text == SHEET.quotes[3].text and proof.quotes == (SHEET.quotes[3],)

    @pytest.mark.parametrize(
        ("after", "brought"),
        [("“Nobody called us.”", True), ("Our answer to them", False), ("Did anybody call?", False)],
    )
    def test_sentence_that_ends_in_a_colon_brings_what_it_announces(self, after, brought):
        said = "The office of the senator said:"
        sheet = sheet_of(f"{said}\n\n{after}")
        assert [quote.text for quote in sheet.quotes] == [said, after]
        text, proof = grounding.own_words(sheet.quotes[0], "", sheet)
        assert text == (f"{said} {after}" if brought else said)
        assert proof.quotes == sheet.quotes[: 1 + brought]

    @pytest.mark.parametrize(
        ("after", "brought"),
        [
            ("The firm has steadily denied these accusations.", True),
            ("A spokeswoman rejected that.", True),
            ("The firm denied her a loan.", False),
            ("The firm sells data.", False),
        ],
    )
    def test_accusation_brings_its_denial(self, after, brought):
        accusation = "Many have accused the firm of selling their data."
        sheet = sheet_of(f"{accusation} {after}")
        text, proof = grounding.own_words(sheet.quotes[0], "", sheet)
        assert text == (f"{accusation} {after}" if brought else accusation)
        assert proof.quotes == sheet.quotes[: 1 + brought]

    def test_heading_that_says_what_is_asked_is_told_and_cited(self):
        sheet = sheet_below("## Not covered\n\nDamage by flood.\n\n## Premium\n\nEUR 168 a year.")
        text, proof = grounding.own_words(quote_of(sheet, "Damage"), "Is flood covered?", sheet)
        assert text == "Not covered: Damage by flood."
        assert [quote.text for quote in proof.above] == ["Not covered"] and proof.verbatim
        assert grounding.own_words(quote_of(sheet, "EUR"), "Is flood covered?", sheet)[1].above == ()

    def test_heading_that_the_reader_knows_is_not_told_again(self):
        sheet = sheet_below("## Premium\n\nEUR 168 a year.")
        asked = (quote_of(sheet, "EUR"), "How much is the premium?", sheet)
        known = grounding.own_words(*asked)[1].above
        assert grounding.own_words(*asked, told=known)[0] == "EUR 168 a year."

    def test_row_is_told_with_its_columns_and_the_head_is_cited(self):
        sheet = sheet_below("| programme | time |\n|---|---|\n| Wool | 45 min |")
        text, proof = grounding.own_words(quote_of(sheet, "| Wool"), "How long is Wool?", sheet)
        assert text == "programme: Wool; time: 45 min" and not proof.verbatim
        assert [quote.text for quote in proof.above] == ["| programme | time |"]

    def test_draft_may_say_what_only_the_heading_says(self):
        sheet = sheet_below("## Premium\n\nEUR 168 a year.")
        proof = grounding.prove("The premium is EUR 168 a year.", "What does it cost?", sheet, even)
        assert proof.containment == 1 and [quote.text for quote in proof.above] == ["Premium"]


def sheet_below(text):
    """A sheet whose sentences know what stands above them."""
    document = make_document(text)
    quotes = quoting.quotes_of(make_passage(document), 0, outline.read(document))
    return sheet_of("", quotes=tuple(quotes), chosen=())


def quote_of(sheet, beginning):
    return next(quote for quote in sheet.quotes if quote.text.startswith(beginning))


class TestStraying:
    SHEET = sheet_of(
        "She fled Honduras with her cousin. The woman is tall. Few are young. "
        "Kelly ordered the raids in May.",
        title="A mother and her son",
    )

    def strays(self, sentence, question=""):
        proof = prove(sentence, question, self.SHEET, even)
        return grounding.strays(sentence, question, proof, self.SHEET)

    @pytest.mark.parametrize(
        "sentence, question",
        [
            ("Raids in May were ordered by Kelly.", ""),
            ("The mother fled Honduras.", ""),
            ("The woman fled Honduras with a cousin.", "What of the woman?"),
        ],
    )
    def test_words_of_the_quotes_their_title_and_one_of_the_question_do_not(self, sentence, question):
        assert not self.strays(sentence, question)

    @pytest.mark.parametrize(
        "sentence, question",
        [
            pytest.param("Kelly ordered the raids on farms in May.", "", id="a word that nobody wrote"),
            pytest.param("Kelly ordered raids on farms.", "What raids on farms?", id="the question alone"),
            pytest.param("Kelly fled Honduras with her cousin.", "Did Kelly flee?", id="a name"),
            pytest.param(
                "The young woman fled Honduras with a cousin.", "What of the young woman?", id="two words"
            ),
            pytest.param("Kelly", "Who ordered raids?", id="no claim at all"),
        ],
    )
    def test_what_the_quotes_do_not_tell_does(self, sentence, question):
        assert self.strays(sentence, question)

    def test_name_of_the_title_stands_for_a_pronoun_and_for_nobody_else(self):
        sheet = sheet_of("She fled with a cousin. Kelly ordered the raids in May.", title="Mayor Vik")
        for sentence, strays in (
            ("Vik fled with a cousin.", False),
            ("The mayor, Kelly, ordered the raids in May.", False),
            ("Vik and Kelly ordered the raids in May.", True),
        ):
            proof = prove(sentence, "", sheet, even)
            assert grounding.strays(sentence, "", proof, sheet) is strays

    def test_office_that_no_quote_names_together_with_somebody_is_not_his(self):
        sheet = sheet_of("The Mayor of Reading met Ambassador Ida Vik. The Secretary of State was away.")
        for sentence, strays in (
            ("The Secretary of State, Ida Vik, met the Mayor of Reading.", True),
            ("The Ambassador, Ida Vik, met the Mayor of Reading.", False),
        ):
            proof = prove(sentence, "", sheet, even)
            assert grounding.strays(sentence, "", proof, sheet) is strays


class TestDrafts:
    @pytest.mark.parametrize(
        "draft, claimed",
        [
            ("Yes, she was denied review.", "She was denied review."),
            ("No. She was not.", "She was not."),
            ("According to the passage, she was denied review.", "She was denied review."),
            ("The passage states that the mother fled.", "The mother fled."),
            ("The mother fled.", "The mother fled."),
            ('The passage from "Kelly, again" states that "she fled."', "She fled."),
            ("According to the passage from “A town”, she fled.", "She fled."),
            ("Noble causes win.", "Noble causes win."),
        ],
    )
    def test_claim_is_what_a_draft_says_by_itself(self, draft, claimed):
        assert claims(draft) == [claimed]

    def test_draft_that_turns_from_passage_to_passage_claims_one_thing_of_each(self):
        draft = (
            'The passage from "A memo" states that about 300 jobs will go, while according to the passage '
            'from "News" 900 will, and the passage from "A poem" is silent.'
        )
        assert claims(draft) == ["About 300 jobs will go.", "900 will."]

    @pytest.mark.parametrize(
        "draft",
        [
            "The passage does not mention the mayor of Paris.",
            "The passage doesn’t say who won.",
            "There is no information about it.",
            "Her name is not given in the text.",
            "",
            "Yes.",
        ],
    )
    def test_draft_without_an_answer_is_seen(self, draft):
        assert says_nothing(draft)

    @pytest.mark.parametrize(
        "draft",
        [
            "She was denied judicial review.",
            "He did not resign.",
            "The lawyer did not say who called.",
            "The mayor did not provide a statement.",
        ],
    )
    def test_denial_is_an_answer(self, draft):
        assert not says_nothing(draft)
