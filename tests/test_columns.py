"""Columns of plain text: rows of a table, and things that stand side by side."""

import pytest

from qa import columns

BILL = [
    "Item                     Quantity   Unit price     Amount",
    "Oak fence post, 2.1 m          24        18.50     444.00",
    "Labour, hours                  14        45.00     630.00",
    "                                    Subtotal     1,074.00",
]


def test_rows_of_a_table_come_between_bars():
    assert columns.apart(BILL) == [
        "| Item | Quantity | Unit price | Amount |",
        "| Oak fence post, 2.1 m | 24 | 18.50 | 444.00 |",
        "| Labour, hours | 14 | 45.00 | 630.00 |",
        BILL[3],
    ]


def test_cell_that_is_empty_stays_empty():
    assert columns.apart(
        [
            "Date        Text                Out        In     Balance",
            "02/07       Rent           1,150.00                168.44",
            "10/07       Salary                   2,940.00    3,108.44",
        ]
    )[1:] == ["| 02/07 | Rent | 1,150.00 |  | 168.44 |", "| 10/07 | Salary |  | 2,940.00 | 3,108.44 |"]


def test_tabs_part_cells_too():
    assert columns.apart(["a\tb\tc\td", "1\t\t3\t4"]) == ["| a | b | c | d |", "| 1 |  | 3 | 4 |"]


def test_what_stands_far_beside_a_line_under_a_label_gets_a_line_of_its_own():
    assert columns.apart(["  Halvorsen Joinery            Date: 17 March 2026"]) == [
        "  Halvorsen Joinery",
        "  Date: 17 March 2026",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["One  row   alone"],
        ["Justified  text has  gaps of", "two  spaces here  and there"],
        ["It ends.  It begins.", "It ends.  It begins."],
        ["| a   | b   | c   |", "| 1   | 2   | 3   |"],
        ["07:40  Flight   TP 841    Dublin"],
        ["", "   indented", ""],
    ],
)
def test_other_lines_stay_as_they_are(lines):
    assert columns.apart(lines) == lines
