"""How the parts of the web chat look: values in, escaped HTML out.

Everything that a document, a model or a reader wrote is data here; the templates escape all of it. Knows no
library of the interface and asks nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from qa import Account, Answer, Citation, Entry, Passage, Sentence
from ui.conversation import Conversation
from ui.suggestions import Example
from ui.views import Broken, Settled, View, Working

VERDICTS: Mapping[str, str] = {
    "verbatim": "word for word",
    "supported": "supported",
    "partly": "partly supported",
    "unsupported": "not supported",
}
SNIPPET_CHARACTERS = 280
NEAREST = 3


class Rendering:
    """Holds the parsed templates; every method is a function of its arguments."""

    def __init__(self) -> None:
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {"day": day, "line": line, "snippet": snippet, "seconds": seconds}
        environment.globals |= {"evidence": evidence, "verdicts": VERDICTS}
        self._environment = environment

    def _render(self, template: str, **values: object) -> str:
        return self._environment.get_template(template).render(**values)

    def view(self, view: View) -> str:
        """The newest question with all that is known of its answer."""
        match view:
            case Working():
                return self._render("working.html", view=view, documents=_titles(view.passages))
            case Broken():
                return self._render("broken.html", view=view)
            case Settled():
                return self.settled(view, newest=True)

    def settled(self, view: Settled, *, newest: bool) -> str:
        """An answered question; only the newest can be edited or asked again."""
        answer = view.answer
        nearest = answer.passages[:NEAREST] if answer.status == "unanswerable" else ()
        return self._render(
            "settled.html",
            view=view,
            answer=answer,
            newest=newest,
            undisputed=undisputed(answer),
            accounts=[(a, _cited(a, answer.citations), _verdict(a, answer)) for a in answer.accounts],
            read=[passage for passage in answer.passages if not passage.cited and passage not in nearest],
            nearest=nearest,
            documents=_titles(answer.passages),
        )

    def past(self, views: Sequence[Settled]) -> str:
        """Earlier questions with their answers, oldest first."""
        return "".join(self.settled(view, newest=False) for view in views)

    def welcome(self, documents: Sequence[Entry], examples: Sequence[Example], model: str) -> str:
        """What is seen before the first question; `model` is the state of the language model, or `none`."""
        days = sorted(document.date for document in documents if document.date)
        return self._render("welcome.html", documents=documents, examples=examples, model=model, days=days)

    def documents(self, entries: Sequence[Entry], problem: str | None = None) -> str:
        """The list of documents."""
        return self._render("documents.html", entries=entries, problem=problem)

    def exported(self, conversation: Conversation, data: str) -> str:
        """A page of its own; `data` is the conversation as JSON that is safe inside a script element."""
        return self._render("export.html", conversation=conversation, data=Markup(data))

    def problem(self, title: str, detail: str) -> str:
        """A failure which belongs to no question."""
        return self._render("problem.html", title=title, detail=detail)


def evidence(document_id: str, start: int | None = None, end: int | None = None, sha256: str = "") -> str:
    """The link to a span of a document; made anew, because what the browser kept may have been changed."""
    address = f"/documents/{quote(document_id, safe='')}"
    if start is None or end is None:
        return address
    version = f"&version={quote(sha256[:16], safe='')}" if sha256 else ""
    return f"{address}?start={int(start)}&end={int(end)}{version}"


def undisputed(answer: Answer) -> tuple[Sentence, ...]:
    """The sentences which no account of a dispute repeats, those first that correct the question."""
    told = {account.text for account in answer.accounts}
    left = (sentence for sentence in answer.sentences if sentence.text not in told)
    return tuple(sorted(left, key=lambda sentence: not sentence.corrects))


def day(iso: str) -> str:
    """`2017-02-24` as people write it; anything else as it is."""
    try:
        return f"{date.fromisoformat(iso):%-d %B %Y}"
    except ValueError:
        return iso


def line(text: str) -> str:
    """`text` without the line breaks of its file."""
    return " ".join(text.split())


def snippet(text: str) -> str:
    """The beginning of `text`, cut between words."""
    text = line(text)
    if len(text) <= SNIPPET_CHARACTERS:
        return text
    return text[:SNIPPET_CHARACTERS].rsplit(" ", 1)[0] + " …"


def seconds(milliseconds: int) -> str:
    """A duration as people read it."""
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _cited(account: Account, citations: Sequence[Citation]) -> list[Citation]:
    return [citation for citation in citations if citation.number in account.citations]


def _verdict(account: Account, answer: Answer) -> str:
    """That of the sentence which the account repeats."""
    return next((s.verdict for s in answer.sentences if s.text == account.text), "supported")


def _titles(passages: Sequence[Passage]) -> list[str]:
    return list(dict.fromkeys(passage.title for passage in passages))
