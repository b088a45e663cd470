"""Which characters of outside text may reach a terminal, a prompt or a page.

Knows nothing of questions or documents.
"""

import re
import unicodedata

# Zero-width joiners stay: Persian, Hindi and emoji are written with them.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNPRINTABLE = ("Cc", "Cs")


def visible(text: str) -> str:
    """`text` without control, escape, bidirectional and other invisible characters; lines end in `\\n`."""
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNPRINTABLE)
