"""All prompt text. A prompt begins with what it shares with others, so that the model reads that once."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.types import Turn

DRAFT_TOKENS = 72
STANDALONE_TOKENS = 48
HISTORY_TURNS = 4
"""The last ones, beside the first: that names what a conversation is about, these what "it" is now. Of 120
follow-ups (CANARD) the words of a person's form are hit with an F1 of 0.71 so, with these alone of 0.65."""
TURN_CHARACTERS = 300

_READER = "You answer from the passages alone, in one short sentence."
_TRANSLATOR = "You translate questions into English."
_EDITOR = "You rewrite questions."
# Without examples a small model rewrites what was said before: the words of a person's form of 127 follow-ups
# (CANARD) it hit with an F1 of 0.42, and with them of 0.68; what was accepted of it with 0.55 and 0.68.
_EXAMPLES = """Conversation:
User: Who wrote the play The Lamp?
Assistant: It was written by Ada Berg.
Question: Where was she born?
Rewritten: Where was Ada Berg born?

Conversation:
User: When was the bridge over the Tarn opened?
Assistant: It was opened in 1931.
Question: And did anybody object to it?
Rewritten: Did anybody object to the bridge over the Tarn?"""
_FOREIGN_EXAMPLE = """

Conversation:
User: ¿Quién escribió La lámpara?
Assistant: It was written by Ada Berg.
Question: ¿Y quién la entrevistó?
Rewritten: Who interviewed Ada Berg?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One request to a chat model."""

    system: str
    user: str


def passage(title: str, text: str) -> str:
    """What is read of one document; every prompt about documents begins with such passages."""
    return f'Passage from "{title}":\n{text}'


def draft(sheet: str, question: str, context: str = "") -> Prompt:
    """Ask for the answer. Refusal is not offered: this model would take it too often, the check decides.

    Args:
        context: an earlier question that `question` leans on.
    """
    before = f"Earlier question: {context}\n" if context else ""
    return Prompt(
        system=_READER,
        user=f"{sheet}\n\n{before}Question: {question}\n"
        "Answer with the words of the passages. If someone is quoted, name the speaker.",
    )


def says(sheet: str, claim: str) -> Prompt:
    """Ask whether the passages say what was drafted; read by the probability of Yes."""
    return Prompt(
        system=_READER,
        user=f"{sheet}\n\nClaim: {claim}\nDo the passages say that the claim is true? Answer Yes or No.",
    )


def holds(sheet: str, question: str) -> Prompt:
    """Ask whether the passages answer the question at all; read by the probability of Yes."""
    return Prompt(
        system=_READER,
        user=f"{sheet}\n\nQuestion: {question}\n"
        "Do the passages contain the answer to this question? Answer Yes or No.",
    )


def standalone(question: str, history: Sequence[Turn], language: str | None = None) -> Prompt:
    """Ask for a follow-up question in a form that makes sense without the conversation.

    Args:
        language: the one that it is asked in, when that is not English; the rewriting is English.
    """
    into = " in English" if language else ""
    conversation = "\n".join(
        f"{'User' if turn.role == 'user' else 'Assistant'}: {turn.content[:TURN_CHARACTERS]}"
        for turn in (*history[:-HISTORY_TURNS][:1], *history[-HISTORY_TURNS:])
    )
    return Prompt(
        system=_EDITOR,
        user=f"Rewrite the question{into} so that it is understood without the conversation. Keep its words; "
        "put names in the place of he, she, it, they, this and there. Do not answer it.\n\n"
        f"{_EXAMPLES}{_FOREIGN_EXAMPLE if language else ''}\n\n"
        f"Conversation:\n{conversation}\nQuestion: {question}\nRewritten:",
    )


def translation(question: str, language: str, titles: Sequence[str]) -> Prompt:
    """Ask for the question in English, the language of the search.

    Args:
        titles: of the documents it may be about. Without them a small model guesses what a word means: of 22
            questions about the articles of `seeds/` in five languages 11 came out right, and 18 with them.
    """
    about = "\n".join(["Documents:", *(f"- {title}" for title in titles), "", ""]) if titles else ""
    them = " about them" if titles else ""
    return Prompt(
        system=_TRANSLATOR,
        user=f"{about}Translate this {language} question{them} into English. Words may be misspelt. Keep "
        f"names and numbers as they are. Do not answer it.\n\n{question}",
    )
