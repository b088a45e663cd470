"""What a question asks for, and what has that kind of thing."""

import pytest

from qa import answer_type


class TestNeedingAHeading:
    @pytest.mark.parametrize(
        ("question", "text", "heading", "expected"),
        [
            ("When do we see the whales?", "08:30 Whale watching.", "Wed 13 May", True),
            ("When do we see the whales?", "Whale watching on 13 May.", "Wed 13 May", False),
            ("When do we see the whales?", "08:30 Whale watching.", "Programme 2", False),
            ("How many eggs?", "Eggs, from the market.", "For 12 slices", True),
            ("How many eggs?", "2 eggs.", "For 12 slices", False),
            ("What do we see?", "Whales.", "Wed 13 May", False),
        ],
    )
    def test_it_has_what_is_asked_for_and_the_line_has_not(self, question, text, heading, expected):
        assert answer_type.needs(question, text, heading) == expected


class TestFitting:
    @pytest.mark.parametrize(
        "question, text, expected",
        [
            ("How many came?", "There were 300 of them.", True),
            ("How many came?", "Dozens came.", True),
            ("How many came?", "Many came.", False),
            ("How many came?", "They came in 2013.", False),
            ("How many came?", "They came on 25 May 2025.", False),
            ("How many days did it take?", "They came a day later.", True),
            ("How long did it take?", "They came the following day.", True),
            ("How long did it take?", "It took at least a decade.", True),
            ("How long did it take?", "Two-and-a-half years went by.", True),
            ("How long did it take?", "Ann Berg, 37, told them.", False),
            ("How long is the ship?", "It is a 1,000-foot ship.", True),
            ("How long is the bridge?", "It is a 62 m timber arch.", True),
            ("How long does it take?", "time: 45 min", True),
            ("How long does it take?", "A team of 45 mincing machines.", False),
            ("How old is she?", "Ann Berg, 37, told them.", True),
            ("How old is she?", "Her six-year-old son came.", True),
            ("How old is she?", "She won 12 prizes.", False),
            ("How tall is she?", "Ann Berg, 37, told them.", False),
            ("How tall is she?", "The 6-foot-2-inch player came.", True),
            ("How tall is she?", "The 5’11” player came.", True),
            ("How many came?", "They came a day later.", False),
            ("How many came?", "They came on Channel 4.", False),
            ("How many came?", "They came to Rome 4 people strong.", True),
            ("How much did it cost?", "It took 12 men.", False),
            ("How much did it cost?", "They paid £12.", True),
            ("How much did it cost?", "EUR 12 a month.", True),
            ("How much sleep does it cost?", "It takes 2 hours.", True),
            ("How much more did it cost?", "It was 60% dearer.", True),
            ("How much is it worth?", "It is worth two million.", True),
            ("How much time did they spend there?", "They stayed for 12 days.", True),
            ("How much time did they spend there?", "They stayed for an hour.", True),
            ("How much time did they spend there?", "They met 12 people there.", False),
            ("How many came?", "Some fourteen of them came.", True),
            ("How many children did they have?", "They had no children.", True),
            ("How many children did they have?", "They had no money.", False),
            ("How many came?", "They paid $2013 for 1,999 beds.", True),
            ("When did they come?", "They came on Monday.", True),
            ("On what date did they come?", "They came in spring.", False),
            ("Who came with Casey?", "Casey came with Kelly.", True),
            ("Who came with Casey?", "Casey came on Monday.", False),
            ("Why did they come?", "They were hungry.", False),
            ("Why did they come?", "They came because of Casey.", True),
            ("Why did they come?", "They came to help Casey.", True),
            ("Why did they come?", "They came to live in the house.", False),
            ("What was the reason they came?", "They came for fear of Casey.", True),
            ("What did they do when Casey came?", "They were hungry.", None),
            ("When will they come?", "They will once Casey has left.", True),
            ("When will they come?", "They will at the right time.", True),
            ("Until when must they leave?", "They leave for home.", False),
            ("They came, but when did they leave?", "They left for home.", False),
        ],
    )
    def test_text_has_the_kind_of_thing_that_is_asked_for(self, question, text, expected):
        assert answer_type.fits(question, text) is expected


class TestNaming:
    @pytest.mark.parametrize(
        "question",
        ["What is the name of the boat?", "What's her name?", "What was the sailor called?",
         "What is the sailor's name?"],
    )  # fmt: skip
    def test_what_something_is_called_only_a_new_name_says(self, question):
        assert answer_type.names_nobody(question, "The sailor is called the sailor.")
        assert not answer_type.names_nobody(question, "The sailor is called Jonah.")

    @pytest.mark.parametrize(
        "question",
        ["Who is the sailor?", "What was the meeting called for?", "After what was the boat named?"],
    )
    def test_other_questions_do_not_ask_for_a_name(self, question):
        assert not answer_type.asks_naming(question)


class TestWords:
    @pytest.mark.parametrize(
        "question, wanted",
        [
            ("What did Ann Lund say about the boat?", {"ann", "lund"}),
            ("How does Lund explain it?", {"lund"}),
            ("What did the White House say?", set()),
            ("What did she say?", set()),
            ("What did Lund do?", set()),
        ],
    )
    def test_a_person_whose_words_are_asked_for_is_seen(self, question, wanted):
        assert answer_type.asks_words(question) == wanted


class TestSeveral:
    @pytest.mark.parametrize(
        "question",
        ["Which slang words has he used?", "In which three places did he speak?", "Who were the guests?",
         "What reasons did they give?", "Name all the guests."],
    )  # fmt: skip
    def test_questions_for_more_than_one_thing_are_seen(self, question):
        assert answer_type.asks_several(question)

    @pytest.mark.parametrize(
        "question",
        ["Which court has decided?", "What status did she have?", "Who was the guest?", "What is his name?",
         "Whose words are these?", "What class was it?"],
    )  # fmt: skip
    def test_others_are_not(self, question):
        assert not answer_type.asks_several(question)


class TestCounted:
    @pytest.mark.parametrize(
        "question, counted",
        [
            ("How many votes were there?", "vote"),
            ("For how many more hours was he at it?", "hour"),
            ("How much is it?", None),
        ],
    )
    def test_what_is_to_be_counted_is_seen(self, question, counted):
        assert answer_type.counted(question) == counted

    @pytest.mark.parametrize(
        "question, text, expected",
        [
            ("How many votes were there?", "There were 9 votes.", True),
            ("How many votes were there?", "There were 9 voters.", False),
            ("How many people came?", "Its 9 workers came.", True),
            ("How many people came?", "They came in 9 days.", False),
            ("How many people came?", "Ann, 9, somehow came.", False),
            ("How many people died?", "They counted 9 dead.", True),
            ("Who came?", "The workers came.", True),
        ],
    )
    def test_text_speaks_of_it_whoever_the_people_are(self, question, text, expected):
        assert answer_type.counts(question, text) is expected


class TestRebutting:
    @pytest.mark.parametrize(
        "question, text, expected",
        [
            ("Why was the mother given asylum?", "The mother was denied asylum.", True),
            ("What did Trump tell Casey?", "Casey was unable to hear what Trump would tell.", True),
            ("What did Kelly say about soldiers?", "There will be no soldiers, Kelly said.", False),
            ("Why was the mother denied asylum?", "The mother was denied asylum.", False),
            ("Was the mother given asylum?", "The mother was denied asylum.", False),
            ("Why was the mother given asylum, yes or no?", "The mother was denied asylum.", False),
            ("Why was the mother given asylum?", "The boy was not deported.", False),
            ("Why was the mother given asylum?", "The mother was given asylum in May.", False),
        ],
    )
    def test_sentence_that_denies_what_a_question_takes_for_granted_is_seen(self, question, text, expected):
        assert answer_type.rebuts(question, text) is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who is the chief of staff?", True),
        ("who was chief of staff", True),
        ("Who is Reince Priebus?", False),
    ],
)
def test_other_names_are_another_answer_where_no_person_is_named(question, expected):
    one, other = "Priebus is the chief of staff.", "Kelly became chief of staff in July."
    assert answer_type.differ(question, one, other) is expected
