"""The words in which a draft may stand: its own, or those of the source."""

from qa.grounding import prove
from qa.wording import instead, settle
from tests.sources import HONDURAS as SHEET
from tests.sources import even, sheet_of


class TestSettling:
    def test_draft_on_one_quote_stands_as_it_is(self):
        text, proof = settle("Judicial review of her case was denied.", "", SHEET, even)
        assert text == "Judicial review of her case was denied." and len(proof.quotes) == 1

    def test_draft_blended_of_two_facts_gives_way_to_the_words_of_the_source(self):
        blended = "Nationwide 680 arrests came before the pledge of no mass deportations."
        text, proof = settle(blended, "What of the arrests?", SHEET, even)
        assert text in {quote.text for quote in SHEET.quotes}
        assert proof.verbatim and proof.faults == ()

    def test_draft_on_sentences_that_stand_apart_gives_way_to_the_one_that_says_most(self):
        sheet = sheet_of("Kelly led the department until July. The raids went on. Emails were sent in May.")
        draft = "Kelly led the department until the emails were sent in May."
        text, proof = settle(draft, "Until when did Kelly lead the department?", sheet, even)
        assert text in {quote.text for quote in sheet.quotes} and proof.verbatim

    def test_what_a_draft_adds_to_its_question_singles_out_the_source(self):
        sheet = sheet_of(
            "The sons of Ada Berg came to the town hall of Oslo with her. The boys got a medal.",
        )
        draft = "The sons of Ada Berg got a medal."
        question = "What did the sons of Ada Berg get in the town hall of Oslo?"
        proof = prove(draft, question, sheet, even)
        assert instead(draft, question, proof, sheet, even)[0] == "The boys got a medal."

    def test_a_number_that_the_question_has_itself_does_not(self):
        sheet = sheet_of("The raids led to 680 arrests. Mayor Ada Berg counted them.")
        draft, question = "Ada Berg counted the 680 arrests.", "Who counted the 680 arrests?"
        proof = prove(draft, question, sheet, even)
        assert proof.quotes == sheet.quotes
        assert instead(draft, question, proof, sheet, even)[0] == "Mayor Ada Berg counted them."

    def test_words_that_a_draft_quotes_single_out_the_source_before_the_names_it_adds(self):
        sheet = sheet_of('A father wept for his "Princess." "I miss her," said William Paul Campbell.')
        draft, question = 'William Paul Campbell called her "Princess."', "What did her father call her?"
        proof = prove(draft, question, sheet, even)
        assert proof.quotes == sheet.quotes
        assert instead(draft, question, proof, sheet, even)[0] == sheet.quotes[0].text

    def test_what_is_of_the_kind_that_was_asked_for_singles_out_the_source(self):
        sheet = sheet_of(
            "The jurors saw a picture of the man in a cell of the court. Dated July 10, 2013, it was."
        )
        draft = "The picture was of July 10, 2013, when the man was in a cell of the court."
        question = "When was the picture with the finger taken?"
        proof = prove(draft, question, sheet, even)
        assert proof.quotes == sheet.quotes
        assert instead(draft, question, proof, sheet, even)[0] == sheet.quotes[1].text

    def test_number_tied_to_a_place_it_was_not_told_of_gives_way(self):
        sheet = sheet_of("On May 2 and 3 Kelly was in Lima. On May 1 he came to Quito.")
        draft = "Kelly was in Lima on May 2 and 3, and in Quito on May 2 and 3."
        text, _ = settle(draft, "When was he where?", sheet, even)
        assert text in {quote.text for quote in sheet.quotes}
        completed = sheet_of("The merger will be completed in March 2021, the board decided on Tuesday.")
        draft = "The board decided on the merger in March 2021."
        assert settle(draft, "When did the board decide?", completed, even)[0] == completed.quotes[0].text
        told = "Kelly was in Lima on May 2 and 3."
        assert settle(told, "When was he where?", sheet, even)[0] == told

    def test_draft_that_mixes_what_several_sentences_have_gives_way_to_the_one_that_was_asked_about(self):
        sheet = sheet_of(
            "In 1986 Lima had 9 boats. In 1987 Oslo had 8 ducks. The bridge opened on 12 June 1990. "
            "Eleven workers were injured."
        )
        question = "How many workers were injured?"
        mixed = (
            "Eleven workers were injured when the bridge opened on 12 June 1990, when Lima had 9 boats in "
            "1986 and Oslo had 8 ducks in 1987."
        )
        assert prove(mixed, question, sheet, even).faults
        text, proof = settle(mixed, question, sheet, even)
        assert text == "Eleven workers were injured." and proof.verbatim and proof.faults == ()
        assert settle(mixed.replace("Oslo", "Cairo"), question, sheet, even)[1].faults

    def test_miscounted_draft_gives_way_to_the_sentence_that_counts_what_was_asked(self):
        sheet = sheet_of("Oslo had 8 ducks. Eleven workers were injured. One worker went home.")
        question = "How many workers were injured?"
        assert prove("Twelve workers were injured.", question, sheet, even).faults
        text, proof = settle("Twelve workers were injured.", question, sheet, even)
        assert text == "Eleven workers were injured." and proof.verbatim and proof.faults == ()
        assert settle("Twelve workers were injured in Cairo.", question, sheet, even)[1].faults
        uncounted = sheet_of("Workers were injured. One worker went home.")
        assert settle("Twelve workers were injured.", question, uncounted, even)[1].faults

    def test_right_day_with_a_year_of_its_own_gives_way_to_the_words_of_the_source(self):
        sheet = sheet_of("The office gave its account on Friday, Feb. 24. It was read by many.")
        question = "When did the office give its account?"
        text, proof = settle("The office gave its account on February 24, 2017.", question, sheet, even)
        assert text == sheet.quotes[0].text and proof.verbatim
        assert settle("The office gave its account on February 25, 2017.", question, sheet, even)[1].faults

    def test_what_the_source_asks_is_not_told_as_a_fact(self):
        sheet = sheet_of("Could the boiler be inspected on 24 November instead?")
        text, proof = settle("The boiler will be inspected on 24 November.", "When is it?", sheet, even)
        assert text == sheet.quotes[0].text and proof.verbatim

    def test_yes_or_no_is_told_in_the_words_of_the_source(self):
        draft = "Judicial review of her case was denied."
        text, proof = settle(draft, "Was she denied review?", SHEET, even)
        assert text.endswith("She was denied judicial review of her case.") and proof.verbatim
        assert settle(draft, "What was denied?", SHEET, even)[0] == draft

    def test_draft_that_repeats_a_description_is_held_to_what_it_adds(self):
        described = (
            "Which senator, who as Polygon and Engadget report was asked about the game that Nintendo sells "
            "in Kyoto to players of every age, is also known to have tweeted that something was urgent?"
        )
        draft = "Bob Casey, who as Polygon and Engadget report was asked about the game, tweeted it."
        assert prove(draft, described, SHEET, even).faults
        text, proof = settle(draft, described, SHEET, even)
        assert "Bob Casey tweeted" in text and proof.verbatim and proof.faults == ()
        assert settle(draft, "Who tweeted?", SHEET, even)[1].faults
        invented = draft.replace("Casey", "Toomey")
        assert settle(invented, described, SHEET, even)[1].faults

    def test_draft_that_only_repeats_the_question_gives_way_to_what_stands_behind_it(self):
        text, _ = settle("The raids resulted in arrests.", "Did the raids result in arrests?", SHEET, even)
        assert text == "The February raids resulted in 680 arrests nationwide."

    def test_draft_that_turns_its_quote_round_gives_way_to_it(self):
        sheet = sheet_of("Casey was in the Senate during the fight over the bill, and he voted for the bill.")
        text, proof = settle("Casey voted against the bill.", "Why did Casey vote against it?", sheet, even)
        assert text == sheet.quotes[0].text and proof.faults == () and proof.reversed

    def test_of_the_sentences_it_turns_round_the_one_that_was_asked_about_is_taken(self):
        bill = "Casey voted for the immigration bill in the Senate."
        sheet = sheet_of(f"Casey voted for tighter borders on every bill, he said. {bill}")
        question = "Why did he vote against the immigration bill in the Senate?"
        text, _ = settle("Casey voted against every bill on borders.", question, sheet, even)
        assert text == bill

    def test_draft_with_another_fault_is_not_mended(self):
        text, proof = settle("The raids in Cairo made 680 arrests.", "How many arrests?", SHEET, even)
        assert text == "The raids in Cairo made 680 arrests." and proof.faults
