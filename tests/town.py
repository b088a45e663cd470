"""A document that cases are drafted from, and what a model has to write to draft them."""

TOWN = (
    "A market returns\n\nThe council of Oakham voted for the new market on Monday evening. "
    "In the end there were 340 votes for the plan of mayor Ruth Tansley. "
    "She thanked everybody. "
    "The money for the stalls came from the county bank of Rutland last year."
)
VOTES = "How many people backed the proposal of Ruth Tansley?"
BANK = "Which institution paid for the stalls that Ruth Tansley wanted?"
KNOWS = {
    "there were ____ votes": VOTES,
    f"{VOTES}\nAnswer": "There were 340 votes.",
    "of ____ last year": BANK,
    f"{BANK}\nAnswer": "The county bank of Rutland.",
}
