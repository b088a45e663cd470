"""Sentences: where they begin and end, on the seeds, on hard cases and on hostile text."""

import random
import time
from pathlib import Path

import pytest

from qa import sentences

SEEDS = Path(__file__).parent.parent / "seeds"

# Sentences apart by "|"; the splitter sees them with single spaces between.
HARD_CASES = """
Sec. Kelly, you have prosecutorial discretion
Sen. Casey was in the Senate.|He voted for the bill.
Sec. Kelly: “Don’t call me”
Yet U.S. Secretary of State Rex Tillerson tried.|Trump did not.
Secretary Kelly met with U.S. Ambassador Todd Robinson.|He left.
He lives in the U.S.|She does not.
The rift between the U.S. and Mexico grew.|It was over.
He moved to Washington, D.C.|His wife stayed.
The Department on Friday, Feb. 24, gave an account.|It was long.
She entered on Dec. 17, 2015 and was removed May 3, 2017, after that.|He waited.
On Feb. 22 and 23, they met.|It went well.
“It’s urgent,” he tweeted at noon on Wednesday.|“I just found out that a child will be sent back.”|He waited.
"It's a military operation," Trump said Thursday.|"Because what has been allowed to come in."
He called it a "tough trip."|Others did not.
There will be "no mass deportations."|File pic.
Was it "military?"|No.
"Why?" he asked.|"Because."
“I don't know...” she said.|Then she left.
more than a little full of it …|Our office gave Kelly a line.
Kelly said … nothing of the kind.|It rang.
He said [...] that it was fine.|They left.
He said . . . that it was fine.|They left.
[The asylum-seeker] was removed.|[The asylum-seeker] sought judicial review.
The price was $3.50 on Jan. 5.|It rose 2.5% to No. 1.
They met at 5 p.m. on Monday.|Then they ate.
They met at 5 p.m.|Then they ate.
John F. Kennedy spoke.|J. R. R. Tolkien wrote.
Lt. Col. Brown and Gov. Tom Wolf of Pa. met Rep. Lee (R-Tex.) there.|All agreed.
Kelly vs. Casey et al. was settled by Acme Inc. and Foo Corp. in court.|It ended.
ICE detained over 600 people (see Fig. 3, p. 12).|That is many.
(He never did.)|Over the next hours, Casey called.
I said so.[1]|They denied it. [2]|Done.
Visit example.com or write to a.b@example.com today.|Or call.
What did he do?|Nothing!|He slept.
1. The Department gave the following account:
今天天气很好。|我们出去玩。
""".strip().splitlines()

# Weighted towards everything that a boundary could hang on.
SCRAPS = (
    "Sen. Casey said U.S. No. 1 p.m. Inc. ... … . . . ? ! ?! . , ; “ ” \" ' ( ) [1] [...] - • 1. a) # > | "
    "日本。 हाँ। x\u0301 👩\u200d👧 \u00a0 \u2028 \t \n \n\n \r\n \x1f \u3000"
).split(" ")


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences.split(text)]


@pytest.mark.parametrize("case", HARD_CASES)
def test_hard_case_is_cut_where_a_reader_would_cut_it(case):
    expected = case.split("|")
    assert split(" ".join(expected)) == expected


def test_a_space_that_was_lost_between_sentences_is_no_reason_to_read_them_as_one():
    assert split("It is all over the world.An official said so.") == [
        "It is all over the world.", "An official said so.",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["System.In holds it.", "the file.Name of it", "U.S.The end"])
def test_a_name_with_a_point_in_it_is_none(name):
    assert split(name) == [name]


def test_nothing_has_no_sentences():
    assert sentences.split("") == ()
    assert sentences.split(" \n\t\n ") == ()


def test_a_blank_line_always_ends_a_sentence():
    assert split("A heading without a stop\n\nand a text in lower case\n  \nAnother") == [
        "A heading without a stop",
        "and a text in lower case",
        "Another",
    ]


def test_a_wrapped_line_does_not_end_a_sentence():
    text = (
        "Kelly, speaking in Mexico's capital, said all deportations will comply with human\n"
        "rights requirements. He said the\n"
        "approach will involve close coordination with U.S. and Mexican officials and the\n"
        "United Nations."
    )
    first, second = split(text)
    assert first.endswith("comply with human\nrights requirements.")
    assert second.startswith("He said the\napproach") and second.endswith("and the\nUnited Nations.")


def test_items_of_a_list_are_sentences_of_their_own():
    text = (
        "The raids led to these outcomes in that week:\n- 680 arrests\n- no charges\n1. one\n2) two\n• three"
    )
    assert split(text) == [
        "The raids led to these outcomes in that week:",
        "- 680 arrests",
        "- no charges",
        "1. one",
        "2) two",
        "• three",
    ]


def test_a_numbered_heading_is_not_cut_behind_its_number():
    assert split("## 12. Ending the lease\n\nEither side may end it.") == [
        "## 12. Ending the lease",
        "Either side may end it.",
    ]


def test_a_short_line_above_a_text_is_a_heading():
    text = "Background\nThe raids began in February and went on for a week in all parts of the country."
    assert split(text)[0] == "Background"


def test_a_sentence_without_end_is_cut_at_white_space():
    pieces = split("word " * 1000)
    assert max(map(len, pieces)) <= sentences.LONGEST
    assert all(set(piece.split()) == {"word"} for piece in pieces)


def test_a_word_without_end_is_cut_anywhere():
    assert "".join(split("x" * 5000)) == "x" * 5000


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name[:3])
def test_spans_of_a_seed_are_exact(seed):
    assert_invariants(seed.read_text(encoding="utf-8"))


def test_the_next_word_may_be_far_away():
    assert split("He left." + " " * 500 + "She stayed." + "\t" * 500) == ["He left.", "She stayed."]


def test_spans_of_any_text_are_exact():
    rng = random.Random(20170224)
    for _ in range(600):
        scraps = rng.choices(SCRAPS, k=rng.randint(1, 60))
        assert_invariants(rng.choice(["", " ", "\n"]).join(scraps))


def assert_invariants(text: str) -> None:
    spans = sentences.split(text)
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(text), text
        assert not text[last:start].strip(), text
        assert text[start:end] == text[start:end].strip(), text
        assert end - start <= sentences.LONGEST, text
        last = end
    assert not text[last:].strip(), text


@pytest.mark.parametrize(
    "scrap",
    ["a", "word ", ".", ". ", '"', '."', "1. ", "Sen. ", ". . ", "[a ", ".[1]", "\n", "a\n", " ", "。", "(“"],
)
def test_time_grows_with_the_length_and_no_faster(scrap):
    began = time.perf_counter()
    sentences.split(scrap * (100_000 // len(scrap)))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("1. Fill the tank.", "Fill the tank."),
        ("- **When does it open?**", "When does it open?"),
        ("### The tank", "The tank"),
        ("> - 12) Fill it.", "Fill it."),
        ("**Fill** the *tank*.", "**Fill** the *tank*."),
        ("**Fill** it **now**", "**Fill** it **now**"),
        ("-5 degrees", "-5 degrees"),
        ("2024. A year.", "2024. A year."),
        ("1.", "1."),
    ],
)
def test_marks_of_lists_headings_and_emphasis_are_no_part_of_what_is_said(text, bare):
    start, end = sentences.bare(f"x {text}", (2, len(text) + 2))
    assert f"x {text}"[start:end] == bare
