"""Pages: titles, datelines and furniture, and the sentences that only look like them."""

import pytest

from qa import page

STORY = "Kelly said on Thursday that there would be no use of military forces in immigration."


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("24/02/2017 21:16 by admin", "2017-02-24"),
        ("February 24, 2017", "2017-02-24"),
        ("Friday, Feb. 24, 2017", "2017-02-24"),
        ("24th of February, 2017", "2017-02-24"),
        ("2017-02-24T10:11:12Z", "2017-02-24"),
        ("[24.02.2017]", "2017-02-24"),
        ("02/24/2017", "2017-02-24"),
        ("Published: Feb. 24, 2017 10:20 am ET", "2017-02-24"),
        ("Date: Fri, 24 Feb 2017 21:16:00 +0100", "2017-02-24"),
        ("By John Smith, Reuters - February 24, 2017", "2017-02-24"),
        ("*Posted on May 4, 2017 by Jane Doe in Politics*", "2017-05-04"),
        ("Last updated: 24-Feb-2017", "2017-02-24"),
    ],
)
def test_a_dateline_gives_its_day_and_is_furniture(line, day):
    assert page.written_on(["A headline", line, STORY]) == day
    assert page.furniture(["A headline", line, STORY]) == {1}


@pytest.mark.parametrize(
    "line",
    [
        "On February 24, 2017 Kelly spoke",
        "February 24, 2017 - Kelly said no deportations",
        "By the end of talks on May 5, 2017",
        "MEXICO CITY, Feb. 24, 2017 (AP) — Kelly said so",
        "31/02/2017",
        "2017",
        "Version 2017.02",
    ],
)
def test_a_date_in_other_words_is_neither_dateline_nor_furniture(line):
    assert page.written_on(["A headline", line, STORY]) is None
    assert page.furniture(["A headline", line, STORY]) == frozenset()


def test_an_ambiguous_day_comes_first_unless_the_clock_is_american():
    assert page.written_on(["3/4/2017", STORY]) == "2017-04-03"
    assert page.written_on(["3/4/2017 at 10:15 a.m. ET", STORY]) == "2017-03-04"


def test_the_day_of_publication_counts_before_that_of_an_update():
    assert page.written_on(["Updated: May 5, 2017", "Published: May 4, 2017", STORY]) == "2017-05-04"


def test_a_date_far_down_is_no_dateline():
    blocks = [STORY] * page.DATELINE_BLOCKS + ["February 24, 2017"]
    assert page.written_on(blocks) is None
    assert page.furniture(blocks) == frozenset()


@pytest.mark.parametrize(
    "line",
    [
        "tags: , , , , Blog",
        "Filed under: Immigration, Politics",
        "**Share this:**",
        "Share on Facebook",
        "Facebook 12 | Twitter 3 | WhatsApp",
        "Follow us on Twitter",
        "1,204 shares",
        "12 thoughts on “A headline”",
        "Comments are closed.",
        "Leave a Reply",
        "Be the first to comment",
        "MORE: 30 Employees Walk Out of Restaurant",
        "Read more: Kelly and the wall",
        "You may also like",
        "Continue reading",
        "John Moore/Getty Images News/Getty Images",
        "(AP Photo/Evan Vucci)",
        "Photo by John Moore",
        "- AP",
        "We use cookies to give you the best experience.",
        "Subscribe to our newsletter",
        "Home > News > World",
        "© 2017 The Times. All rights reserved.",
        "Privacy Policy | Terms of Use",
        "Page 3 of 10",
        "* * *",
    ],
)
def test_furniture_is_recognised(line):
    assert page.furniture([line, STORY]) == {0}


@pytest.mark.parametrize(
    "line",
    [
        "Comments by Kelly angered Mexico",
        "No response to the emails",
        "Copyright law was changed",
        "Like many others, he fled",
        "PLUS: he lied.",
        "Photo: John Kelly",
        "File pic of US Homeland Security Secretary John Kelly",
        "Scott Pruitt, EPA",
        "680",
        "Sharing intelligence with Mexico",
        "Kelly told Reuters so",
        "The Associated Press reported 680 arrests",
        "Sec. Kelly: “Don’t call me”",
        STORY,
    ],
)
def test_a_line_with_a_fact_is_no_furniture(line):
    assert page.furniture([line, STORY]) == frozenset()


def test_a_long_block_is_never_furniture():
    assert page.furniture(["tags: " + "immigration, " * 20 + "raids", STORY]) == frozenset()


def test_a_page_of_nothing_but_furniture_is_searched_all_the_same():
    assert page.furniture(["Share this:", "Comments are closed."]) == frozenset()


@pytest.mark.parametrize(
    ("blocks", "title"),
    [
        (["tags: raids", "Raids in Texas", STORY], "Raids in Texas"),
        (["# **Raids** in *Texas* #", STORY], "Raids in Texas"),
        (["Intro line", "# Raids in Texas", STORY], "Raids in Texas"),
        (["Title: Raids in Texas", STORY], "Raids in Texas"),
        (["---", "title: 'Raids: Texas'", "---", "Other", STORY], "Raids: Texas"),
        (["Who ordered the raids?", STORY], "Who ordered the raids?"),
        (["Raids all over the U.S.", STORY], "Raids all over the U.S."),
        ([STORY, "Raids in Texas"], None),
        (["- Raids in Texas", STORY], None),
        (["x" * 500], None),
        (["12345"], None),
        ([], None),
    ],
)
def test_the_title_is_the_headline_on_top(blocks, title):
    assert page.title(blocks, page.furniture(blocks)) == title


def test_front_matter_ends_where_it_stops_looking_like_it():
    assert page.front_matter(["---", "title: x", "tags:", "  - a", "---", "Text"]) == 5
    assert page.front_matter(["---", "A rule above a text.", "---"]) == 0
    assert page.front_matter(["---", "title: x", "no end"]) == 0
    assert page.front_matter(["Text", "---"]) == 0
    assert page.front_matter([]) == 0
