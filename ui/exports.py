"""A conversation as a file to keep: Markdown, JSON, or one HTML page that needs nothing else.

All three carry every quote with its place and the hash of the text it was taken from, so that it can be
checked again. Knows no library of the interface.
"""

import json
import re

from qa import Account
from ui.conversation import Conversation
from ui.rendering import Rendering, day, line

# What Markdown would take as its own marks.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def export(conversation: Conversation, form: str, rendering: Rendering) -> str:
    """The text of the file; `form` is one of those of `ui.conversation.Wanted`."""
    if form == "json":
        return json.dumps(conversation.model_dump(exclude={"broken"}), ensure_ascii=False, indent=2)
    if form == "html":
        data = json.dumps(conversation.model_dump(mode="json", exclude={"broken"}), ensure_ascii=True)
        # Inside a script element only this could end it.
        return rendering.exported(conversation, data.replace("<", "\\u003c"))
    return _markdown(conversation)


def _markdown(conversation: Conversation) -> str:
    parts = [f"# {_plain(conversation.title or 'Conversation')}"]
    for exchange in conversation.exchanges:
        answer = exchange.answer
        parts += [f"## {_plain(answer.question)}", _marked(answer.answer)]
        if answer.reason:
            parts.append(_plain(answer.reason))
        parts += [_told(account) for account in answer.accounts]
        for citation in answer.citations:
            when = f", {day(citation.date)}" if citation.date else ""
            parts.append(
                f"[{citation.number}] {_plain(citation.title)} ({_plain(citation.source)}{when}), "
                f"characters {citation.start} to {citation.end}, sha256 {_plain(citation.sha256)}\n\n"
                f"> {_plain(citation.quote)}"
            )
    return "\n\n".join(parts) + "\n"


def _told(account: Account) -> str:
    marks = "".join(f" [{number}]" for number in account.citations)
    return f"- **{_plain(account.holder)}**: {_plain(account.text)}{marks}"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", line(text))


def _marked(text: str) -> str:
    """As `_plain`; the numbers of the citations stay as they are."""
    return re.sub(r"\\\[(\d+)\\\]", r"[\1]", _plain(text))
