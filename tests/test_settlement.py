"""What several sources say beside each other: the same, more, or the opposite."""

from dataclasses import replace

import pytest

from qa import outline, quoting
from qa.composition import Composition
from qa.questions import Part
from qa.settlement import Docket, holder, relation
from tests.scripted import ScriptedLedger, make_document, make_passage
from tests.sources import finding_of, sheet_of

REVIEW = "Was the mother given judicial review?"
ARRESTS = "How many arrests were there in the raids?"
WHO = "Who tweeted about the mother?"
OPENED = "When was the bridge opened?"
LEADER = "Who is the leader?"
CABLE = "How long is the cable?"
FIRST = "Was Hall the first woman to get the medal?"
DENIED = "She was denied judicial review of her case."
AFFORDED = "The mother was afforded judicial review of her claims."


def kept(question, *findings):
    """The texts a reader gets, in order, and the docket."""
    docket = Docket(Part(question))
    texts = [one.text for finding in findings for one in docket.take(finding)]
    texts += [one.text for one in docket.close(findings[0].sheet, findings[0].sheet)]
    return texts, docket


def accounts_of(docket):
    composition = Composition()
    for finding in docket.kept:
        text = " ".join(quote.text for quote in finding.sheet.quotes)
        document = make_document(
            text, id=next(iter(finding.sheet.titles)), title=next(iter(finding.sheet.titles.values()))
        )
        composition.add(finding, "", ScriptedLedger((document,)))
    return composition.accounts(docket)


class TestRelation:
    @pytest.mark.parametrize(
        "question, first, other, expected",
        [
            (ARRESTS, "The raids led to 680 arrests.", "There were 600 arrests.", "opposed"),
            (ARRESTS, "The raids led to 680 arrests.", "Nationwide the raids led to 680 arrests.", "same"),
            (REVIEW, DENIED, AFFORDED, "opposed"),
            (REVIEW, DENIED, "She was never given judicial review of her case.", "same"),
            (WHO, "Senator Bob Casey tweeted.", "Bob Casey, a senator, tweeted about the mother.", "same"),
            (WHO, "Senator Bob Casey tweeted.", "Reporters in Baltimore tweeted about the mother.", "more"),
            (OPENED, "The bridge opened on 3 May 1990.", "The bridge opened on 12 June 1990.", "opposed"),
            (OPENED, "The bridge opened on 3 May 1990.", "The bridge opened in 1990.", "same"),
            (OPENED, "The bridge opened on 3 May 1990.", "A ferry had run since 12 June 1950.", "more"),
            (WHO, "Casey sent 40 tweets to Kelly.", "Casey sent 60 tweets to Kelly.", "more"),
            (
                CABLE,
                "It is 90 centimetres long, not 1.2 metres.",
                "The cable length is 1.2 metres.",
                "opposed",
            ),
            (
                FIRST,
                "Hall was the first woman to get the medal.",
                "She was the second woman to get it.",
                "opposed",
            ),
            (LEADER, "Dana Whitfield is the leader.", "Victor Osei, of Larkspur, is the leader.", "opposed"),
            (LEADER, "Dana Whitfield is the leader.", "The leader, Whitfield, has a deputy.", "more"),
            # Numbers oppose each other only when a number was asked for, denials only where yes or no was.
            (WHO, "Casey sent 40 tweets about it.", "Casey sent tweets about it for 9 hours.", "more"),
            (WHO, "Casey tweeted about the mother.", "Kelly did not tweet about the mother.", "more"),
        ],
    )
    def test_how_one_answer_stands_to_another(self, question, first, other, expected):
        sources = (sheet_of(text, document_id=id * 16) for text, id in ((first, "a"), (other, "b")))
        one, two = (finding_of(sheet.quotes[0].text, sheet) for sheet in sources)
        assert relation(one, two, question) == expected

    def test_number_of_what_was_not_asked_disputes_nothing(self):
        bombs, strikes = "The second bomb went off 12 seconds later.", "The strikes lasted for 40 minutes."
        one, two = (
            finding_of(text, sheet_of(text, document_id=id * 16))
            for text, id in ((bombs, "a"), (strikes, "b"))
        )
        assert relation(one, two, "How long after the first bomb did the second one go off?") == "more"

    def test_one_source_does_not_dispute_its_own_dates(self):
        first, other = "The bridge opened on 3 May 1990.", "The bridge opened on 12 June 1990."
        sheet = sheet_of(f"{first} {other}")
        assert relation(finding_of(first, sheet), finding_of(other, sheet), OPENED) == "more"

    def test_number_of_something_else_is_no_other_duration(self):
        how_long = "How long did the senator tweet?"
        hours = finding_of(
            "He went on tweeting for nine hours.", sheet_of("He went on tweeting for nine hours.")
        )
        for text, stands in (
            ("The senator wrote a thread of over 40 tweets.", "more"),
            ("Twenty minutes later the senator tweeted.", "more"),
            ("The senator tweeted for three hours.", "opposed"),
        ):
            other = finding_of(text, sheet_of(text, "Minutes", "b" * 16))
            assert relation(hours, other, how_long) == stands


class TestDocket:
    def test_sure_finding_is_told_at_once(self):
        docket, finding = Docket(Part(WHO)), finding_of("Senator Bob Casey tweeted.", answers=0.9)
        assert docket.take(finding) == [finding]

    def test_less_sure_finding_waits_for_the_others_and_is_told_when_nothing_better_comes(self):
        docket, finding = Docket(Part(WHO)), finding_of("Senator Bob Casey tweeted.", answers=0.4)
        assert docket.take(finding) == []
        assert docket.close(finding.sheet, finding.sheet) == [finding]

    def test_finding_that_is_not_sure_enough_is_never_told(self):
        assert kept(WHO, finding_of("Senator Bob Casey tweeted.", answers=0.1))[0] == []

    def test_finding_that_its_quotes_do_not_carry_is_never_told(self):
        sheet = sheet_of("Senator Bob Casey tweeted all day about the mother.")
        doubtful = finding_of("About the mother a senator called Casey tweeted.", sheet, support=0.1)
        assert not doubtful.proof.verbatim and not doubtful.proof.faults
        assert kept(WHO, doubtful)[0] == []

    def test_same_answer_of_another_source_is_told_once(self):
        texts, _ = kept(
            WHO, finding_of("Senator Bob Casey tweeted."), finding_of("Senator Casey tweeted about it.")
        )
        assert texts == ["Senator Bob Casey tweeted."]

    def test_further_answer_is_told_when_it_is_about_as_sure(self):
        first = finding_of("Senator Bob Casey tweeted.", answers=0.9)
        text = "Reporters in Baltimore tweeted about the mother."
        assert len(kept(WHO, first, finding_of(text, answers=0.8))[0]) == 2
        assert len(kept(WHO, first, finding_of(text, answers=0.3))[0]) == 1

    def test_answer_that_came_too_early_is_told_after_the_sure_one(self):
        early = finding_of("Reporters in Baltimore tweeted about the mother.", answers=0.45)
        sure = finding_of("Senator Bob Casey tweeted.", answers=0.55)
        assert kept(WHO, early, sure)[0] == [sure.text, early.text]

    def test_only_what_is_new_is_wanted(self):
        docket = Docket(Part(WHO))
        assert docket.wants(finding_of("Senator Bob Casey tweeted."))
        docket.take(finding_of("Senator Bob Casey tweeted."))
        assert not docket.wants(finding_of("Senator Casey tweeted about it."))
        assert docket.wants(finding_of("Reporters in Baltimore tweeted about the mother."))


class TestAccounts:
    def test_sources_that_contradict_each_other_each_have_an_account(self):
        blog = sheet_of(DENIED, title="A blog", document_id="b" * 16)
        wire = sheet_of(AFFORDED, title="A wire story", document_id="c" * 16)
        texts, docket = kept(REVIEW, finding_of(DENIED, blog), finding_of(AFFORDED, wire))
        assert texts == [DENIED, AFFORDED]
        first, second = accounts_of(docket)
        assert (first.holder, first.text, first.citations) == ("A blog", DENIED, (1,))
        assert (second.holder, second.text, second.citations) == ("A wire story", AFFORDED, (2,))

    def test_who_says_both_does_not_dispute_it(self):
        sheet = sheet_of(f"{DENIED} {AFFORDED}", title="A blog")
        _, docket = kept(REVIEW, finding_of(DENIED, sheet), finding_of(AFFORDED, sheet))
        assert docket.sides and accounts_of(docket) == ()

    def test_contradiction_that_is_not_well_supported_is_no_dispute(self):
        sheet = sheet_of("To the mother judicial review of her claims was afforded, officials hold.")
        doubtful = finding_of(AFFORDED, sheet, support=0.5)
        texts, _ = kept(REVIEW, finding_of(DENIED), doubtful)
        assert texts[0] == DENIED and AFFORDED not in texts

    def test_answers_that_add_to_each_other_make_no_accounts(self):
        texts, docket = kept(
            WHO,
            finding_of("Senator Bob Casey tweeted."),
            finding_of("Reporters in Baltimore tweeted about the mother."),
        )
        assert len(texts) == 2 and docket.sides == ()

    def test_other_side_is_found_in_a_source_whose_draft_took_one_side(self):
        sheet = sheet_of(f"{AFFORDED} Her lawyers say that she was denied judicial review.")
        texts, docket = kept(REVIEW, finding_of(AFFORDED, sheet))
        assert texts[0] == AFFORDED and "she was denied judicial review" in texts[1]
        assert [finding.text for finding in docket.opposed] == texts[1:]

    def test_other_number_for_the_same_thing_is_found_in_another_source(self):
        lowered = "By how many points did it lower the level?"
        sponsor = sheet_of("It lowered the level by 14 points.", "A sponsor", "a" * 16)
        journal = sheet_of(
            "It lowered the level by 6 points. Some 21 patients fell ill.", "A journal", "b" * 16
        )
        quotes = sponsor.quotes + journal.quotes
        both = replace(sponsor, titles={**sponsor.titles, **journal.titles}, quotes=quotes, chosen=quotes[:1])
        texts, docket = kept(lowered, finding_of("It lowered the level by 14 points.", both))
        assert [finding.text for finding in docket.opposed] == ["It lowered the level by 6 points."] and len(
            texts
        ) > 1

    def test_who_only_mentions_a_thing_does_not_affirm_it(self):
        stand, no = "Will the mayor stand again in 2026?", "The mayor said that she would not stand in 2026."
        sheet = sheet_of(f"{no} The mayor hopes that the pool will open in 2026.")
        assert kept(stand, finding_of(no, sheet))[1].opposed == []
        sheet = sheet_of(f"{no} Friends of the mayor say that she will stand again in 2026.")
        assert len(kept(stand, finding_of(no, sheet))[1].opposed) == 1

    def test_who_affirms_the_very_thing_that_is_asked_about_is_the_other_side(self):
        asked = "Did a judge ever see her papers, or was she refused judicial review of them?"
        denied = "Her lawyers say that she was refused judicial review."
        for other, sides in ((AFFORDED, 1), ("She was afforded a review of her pay by a judicial clerk.", 0)):
            sheet = sheet_of(f"{denied} {other}")
            assert len(kept(asked, finding_of(denied, sheet))[1].opposed) == sides

    def test_what_hardly_answers_is_no_other_side(self):
        for relevance, sides in ((0.14, 0), (0.16, 1)):
            sheet = sheet_of(f"{DENIED} {AFFORDED}")
            first, other = sheet.quotes
            quotes = (first, replace(other, score=first.score / 2, relevance=relevance))
            found = finding_of(DENIED, replace(sheet, quotes=quotes))
            assert len(kept(REVIEW, found)[1].opposed) == sides

    def test_other_side_is_found_where_the_model_did_not_read(self):
        used = "The pool was used by eleven schools."
        read = sheet_of(used, "Minutes", "a" * 16)
        other = sheet_of("Nine schools teach swimming there.", "The pool will close", "b" * 16)
        found = replace(read, titles={**read.titles, **other.titles}, quotes=read.quotes + other.quotes)
        docket = Docket(Part("How many schools use the pool?"))
        docket.take(finding_of(used, read))
        docket.close(read, found)
        assert [finding.text for finding in docket.opposed] == ["Nine schools teach swimming there."]

    def test_documents_name_different_days_of_what_their_titles_tell(self):
        first = finding_of(
            "The last day is 25 May 2025.", sheet_of("The last day is 25 May 2025.", "The pool will close")
        )
        june = "The pool will close on 1 June."
        other = finding_of(june, sheet_of(june, "Minutes", "b" * 16))
        assert relation(first, other, "When will the pool close?") == "opposed"

    def test_other_side_is_not_looked_for_when_no_yes_or_no_was_asked(self):
        sheet = sheet_of("Senator Bob Casey tweeted. He did not tweet about the mother.")
        _, docket = kept(WHO, finding_of("Senator Bob Casey tweeted.", sheet))
        assert docket.opposed == []


class TestNearest:
    CASEY, POLICY = "Senator Bob Casey tweeted.", "The policy of the department is older."

    def scored(self, text, *scores):
        sheet = sheet_of(text)
        quotes = tuple(replace(q, score=score) for q, score in zip(sheet.quotes, scores, strict=True))
        return replace(sheet, quotes=quotes, chosen=quotes)

    def told(self, *scores, question=WHO, **changes):
        sheet = self.scored(f"{self.CASEY} He wrote about the mother. {self.POLICY}", *scores)
        return kept(question, finding_of(self.CASEY, sheet, **changes))[0]

    def test_sentence_about_as_near_as_the_nearest_is_told_after_the_answer(self):
        assert self.told(0.8, 0.8, 0.2) == [self.CASEY, "He wrote about the mother."]

    def test_the_same_words_elsewhere_are_not_told_again(self):
        sheet = self.scored(f"{self.CASEY} {self.CASEY} {self.POLICY}", 0.8, 0.8, 0.2)
        assert kept(WHO, finding_of(self.CASEY, sheet))[0] == [self.CASEY]

    @pytest.mark.parametrize("heading", ["The mother on Twitter", "The mother: “Don’t tweet”"])
    def test_heading_or_signature_is_not_told(self, heading):
        sheet = sheet_of(f"Senator Bob Casey tweeted.\n\n{heading}\n\nA senator")
        quotes = tuple(replace(quote, score=0.8) for quote in sheet.quotes)
        assert len(quotes) == 3
        assert kept(WHO, finding_of(self.CASEY, replace(sheet, quotes=quotes)))[0] == [self.CASEY]

    def test_what_the_source_asks_is_not_told(self):
        sheet = sheet_of(f"{self.CASEY} Who tweeted about the mother?")
        quotes = tuple(replace(quote, score=0.8) for quote in sheet.quotes)
        assert kept(WHO, finding_of(self.CASEY, replace(sheet, quotes=quotes)))[0] == [self.CASEY]

    def test_sentence_with_nothing_but_a_name_of_the_question_is_not_told(self):
        died, was = "Hall died of pneumonia.", "Ada Hall was a botanist."
        sheet = sheet_of(f"{died} {was}")
        sheet = replace(sheet, quotes=tuple(replace(quote, score=0.8) for quote in sheet.quotes))
        assert kept("Of what did Hall die?", finding_of(died, sheet))[0] == [died]
        assert kept("Who is Hall?", finding_of(died, sheet))[0] == [died, was]

    def test_sentence_further_away_is_not_told(self):
        assert self.told(0.8, 0.6, 0.5) == [self.CASEY]

    @pytest.mark.parametrize(
        "question", ["Did Casey tweet about the mother?", "Which senators have tweeted?"]
    )
    def test_it_is_where_a_yes_or_a_no_or_several_things_are_wanted(self, question):
        assert self.told(0.8, 0.6, 0.3, question=question) == [self.CASEY, "He wrote about the mother."]

    @pytest.mark.parametrize(
        ("question", "answers"),
        [("Did Casey tweet about the mother?", 0.29), ("Which senators tweeted?", 0.49)],
    )
    def test_it_is_not_where_the_first_sentence_is_unsure(self, question, answers):
        assert self.told(0.8, 0.6, 0.3, question=question, answers=answers) == [self.CASEY]

    def test_it_is_not_where_the_first_sentence_takes_up_nothing_of_a_yes_or_no_question(self):
        assert self.told(0.8, 0.6, 0.3, question="Will Casey publish a book?") == [self.CASEY]

    def test_beside_both_sides_of_a_dispute_it_is_not(self):
        sheet = self.scored(f"{DENIED} {AFFORDED} The review of a case is slow.", 0.8, 0.7, 0.6)
        assert kept(REVIEW, finding_of(DENIED, sheet))[0] == [DENIED, AFFORDED]

    def test_nothing_is_told_when_nothing_answers(self):
        sheet = sheet_of(self.POLICY)
        assert kept(WHO, finding_of(self.POLICY, sheet, answers=0.01))[0] == []


class TestHolder:
    @staticmethod
    def of(text, title="A report"):
        sheet = sheet_of(text, title=title)
        document = make_document(text, title=title)
        return holder(finding_of(text, sheet), {document.id: document})

    def test_speaker_whom_the_quote_names_holds_what_is_said(self):
        assert self.of("Kelly pledged that there will be no mass deportations.") == "Kelly"

    def test_who_wrote_a_letter_holds_what_it_says(self):
        letter = "From: Ann Lund\n\nTo: Bo\n\nThe raids were unsuccessful."
        document = make_document(letter, title="The raids")
        quotes = tuple(quoting.quotes_of(make_passage(document), 0, outline.read(document)))
        sheet = sheet_of("", title="The raids", quotes=quotes, chosen=quotes)
        assert (
            holder(finding_of("The raids were unsuccessful.", sheet), {document.id: document}) == "Ann Lund"
        )

    def test_document_holds_what_it_says_itself(self):
        assert (
            self.of("The raids were unsuccessful.", "A report on leaked emails")
            == "A report on leaked emails"
        )
