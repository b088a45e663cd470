"""Who says a sentence, by the document's own words."""

import pytest

from qa.speakers import refers_back, speaker


def of(text, part):
    """The speaker of the sentence of `text` that holds `part`."""
    start = text.index(part)
    return speaker(text, start, start + len(part))


@pytest.mark.parametrize(
    "sentence, who",
    [
        ("Casey wrote that it was urgent.", "Casey"),
        ("The raids went on, according to the Department of Public Works.", "Department of Public Works"),
        ("“It is over,” said Mayor Anna Berg.", "Mayor Anna Berg"),
        ("At the town hall, spokesman Leo Marsh said nothing had changed.", "spokesman Leo Marsh"),
        (
            "As Ines Roy, a spokesperson for the mayor, said, it was late.",
            "Ines Roy, a spokesperson for the mayor",
        ),
        ("Berg, speaking in the capital, said all would be well.", "Berg"),
        ("Minister Tomas Varga, Berg's counterpart, said that too.", "Minister Tomas Varga"),
        ("Mayor Berg's office said she told the visitors so.", "Mayor Berg's office"),
        ("Mayor Berg: “Go home.”", "Mayor Berg"),
        # Whom somebody else reports is not who speaks here.
        ("The town was angry that the Ministry announced a new tax.", None),
        ("It had rained all day.", None),
        ("On Monday the bridge was closed.", None),
    ],
)
def test_speaker_in_the_sentence_itself(sentence, who):
    assert speaker(sentence, 0, len(sentence)) == who


def test_he_is_the_speaker_of_the_sentence_before():
    assert of("President Marsh suggested the opposite. He told them so.", "He told") == "President Marsh"


def test_he_is_the_subject_of_the_sentence_before_when_nobody_spoke_there():
    assert of("Mayor Berg came late. She said the road was wet.", "She said") == "Mayor Berg"


def test_nobody_is_guessed_for_a_pronoun_without_a_name_before_it():
    assert of("The family came in winter. She said it was cold.", "She said") is None


def test_quotation_that_runs_on_belongs_to_who_began_it():
    assert of("“No use,” Kelly said. “There will be no — repeat, no — tax.”", "“There") == "Kelly"


def test_quotation_belongs_to_who_is_named_at_its_end():
    assert of("“He was here. I saw him. And he left,” Marsh said.", "“He was here.") == "Marsh"


def test_block_after_a_colon_belongs_to_who_announced_it():
    text = "Ines Roy responded by email:\n\nThe bridge was closed. It is open now.\n\nThe town is small."
    assert of(text, "It is open now.") == "Ines Roy"
    assert of(text, "The town is small.") is None


def test_everything_after_a_statement_that_is_announced_whole_belongs_to_who_gave_it():
    text = (
        "The Bridge Office on Friday, Feb. 24, gave the following account:\n\nREADOUT\n\n"
        "The bridge was closed.\n\nIt was opened later."
    )
    assert of(text, "It was opened later.") == "Bridge Office"


@pytest.mark.parametrize(
    "sentence, back",
    [
        ("It had doubled since, he said.", True),
        ("Berg said he would come.", False),
        ("It had doubled.", False),
    ],
)
def test_who_he_is_that_said_it_stands_before(sentence, back):
    assert refers_back(sentence) is back
