"""What counts as a question; every way in (command line, REST, Python) asks here first.

Special-token text such as `<|im_end|>` is ordinary text here: the prompt module keeps it harmless.
"""

from qa.errors import InputError
from qa.plain_text import visible


def clean(question: str, longest: int) -> str:
    """`question` without control and invisible characters and outer space.

    Raises:
        InputError: nothing with a letter or digit is left, or more than `longest` characters are.
    """
    # Before any work on the text: a megabyte is refused as fast as an empty line.
    question = question.strip()
    if len(question) > longest:
        raise InputError(
            f"The question has {len(question):,} characters; the longest accepted is {longest:,}. "
            "Ask in fewer words, and put long material into a document: `qa index`."
        )
    cleaned = visible(question).strip()
    if not any(character.isalnum() for character in cleaned):
        raise InputError(f'The question {cleaned[:40]!r} has no words. Type one: qa ask "Who won?"')
    return cleaned
