"""How answers, passages and progress look in a terminal.

Text of documents and models is data here: control characters are taken out and markup stays text. Nothing
is told by colour alone. Knows values and rich; knows no command.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from qa.errors import ModelError
from qa.opening import Note
from qa.plain_text import visible
from qa.types import EXTRACTIVE, Account, Answer, Citation, Event, Evidence, Passage, Proved, Sentence
from qa.types import Progress as Stage

if TYPE_CHECKING:
    from qa.catalogue import SyncReport
    from qa.corpus import Step
    from qa.model_files import ModelFile

VERDICTS = {
    "verbatim": "word for word",
    "supported": "supported",
    "partly": "partly supported",
    "unsupported": "not supported",
}
PASSAGE_CHARACTERS = 400


def follow(events: Iterable[Event], console: Console, note: Note) -> Answer:
    """Print each sentence as it is proved; the answer in the end."""
    for event in events:
        match event:
            case Stage():
                note(event.message)
            case Evidence():
                note(f"{len(event.passages)} passage{'s' * (len(event.passages) != 1)} found")
            case Proved():
                if event.sentence.corrects:
                    _say(console, Text("The documents say otherwise than the question:", style="bold"))
                _say(console, _sentence(event.sentence))
            case Answer():
                return event
    raise ModelError("The answer broke off before it was whole. Ask again.")


def last(events: Iterable[Event], note: Note) -> Answer:
    """As `follow`, printing nothing but notes."""
    return follow((event for event in events if not isinstance(event, Proved)), Console(quiet=True), note)


def show_outcome(answer: Answer, console: Console) -> None:
    """What the sentences alone do not say: a dispute, a refusal, how the answer was made."""
    if answer.status == "disputed":
        _say(console, Text("\nThe documents disagree:", style="bold"))
        _show_accounts(answer.accounts, console)
    if answer.status == "unanswerable":
        _say(console, Text(f"No answer: {_line(answer.reason or 'the documents do not say.')}", style="bold"))
        if answer.passages:
            _say(console, Text("\nNearest passages:"))
            show_passages(answer.passages[:3], console)
    if answer.model == EXTRACTIVE and answer.sentences:
        _say(console, Text("\nNo language model was used: these are the best quotes. See: qa doctor"))


def show_sources(citations: Sequence[Citation], address: str, console: Console) -> None:
    """The quotes behind the marks, each with its file, date and evidence link."""
    if citations:
        _say(console, Text("\nSources", style="bold"))
    for citation in citations:
        head = Text(f"[{citation.number}] ", style="bold").append(_line(citation.title))
        _say(console, head.append(f" — {_origin(citation)}"))
        _say(console, Text(f"“{_line(citation.quote)}”"), indent=4)
        _say(console, Text(address + citation.url, style="dim"), indent=4)


def show_passages(passages: Sequence[Passage], console: Console) -> None:
    """Passages as a numbered list, long ones cut."""
    for number, passage in enumerate(passages, 1):
        head = Text(f"{number}. ", style="bold").append(_line(passage.title)).append(f" — {_origin(passage)}")
        _say(console, head)
        text = _line(passage.text)
        short = text if len(text) <= PASSAGE_CHARACTERS else text[:PASSAGE_CHARACTERS] + " …"
        _say(console, Text(short), indent=4)


def show_report(report: "SyncReport", console: Console) -> None:
    """What indexing did, each file by name."""
    parts = (("added", report.added), ("changed", report.changed), ("removed", report.removed))
    counts = [f"{len(sources)} {name}" for name, sources in parts]
    counts += [f"{len(report.unchanged)} unchanged", f"{len(report.skipped)} skipped"]
    _say(console, Text(", ".join(counts), style="bold"))
    if report.settings_changed:
        _say(console, Text("The chunk size or the embedding model is another, so all were indexed again."))
    for name, sources in parts:
        for source in sources:
            _say(console, Text(f"  {name:<8} {_line(source)}"))
    for source, reason in report.skipped:
        _say(console, Text(f"  skipped  {_line(source)}: {_line(reason)}"))
    for source, earlier in report.duplicates:
        _say(console, Text(f"  same as  {_line(earlier)}: {_line(source)}"))


@contextmanager
def sync_progress(console: Console) -> "Iterator[Callable[[Step], None]]":
    """A bar over the files of the folder."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def on_step(step: "Step") -> None:
            progress.update(task, completed=step.done, total=step.total, description=_line(step.source)[:40])

        yield on_step


@contextmanager
def fetch_progress(console: Console) -> "Iterator[Callable[[ModelFile, int, int, str], None]]":
    """One bar for each model file."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    progress, tasks = Progress(*columns, console=console), {}

    def on_progress(file: "ModelFile", done: int, total: int, doing: str) -> None:
        # Not before there is something to show: a display of nothing leaves an empty line.
        progress.start()
        if file.name not in tasks:
            tasks[file.name] = progress.add_task("", total=total)
        progress.update(tasks[file.name], completed=done, total=total, description=f"{file.name} {doing}")

    try:
        yield on_progress
    finally:
        if tasks:
            progress.stop()


def _show_accounts(accounts: Sequence[Account], console: Console) -> None:
    if not console.is_terminal:
        for account in accounts:
            _say(console, Text(f"{_line(account.holder)}: ").append(_with_marks(account)))
        return
    width = max(24, console.width // len(accounts) - 1)
    panels = [Panel(_with_marks(a), title=Text(_line(a.holder)), width=width) for a in accounts]
    console.print(Columns(panels))


def _with_marks(said: Account | Sentence) -> Text:
    marks = "".join(f"[{number}]" for number in said.citations)
    return Text(visible(said.text)).append(f" {marks}" if marks else "", style="bold")


def _sentence(sentence: Sentence) -> Text:
    return _with_marks(sentence).append(f" ({VERDICTS[sentence.verdict]})", style="dim")


def _origin(found: Citation | Passage) -> str:
    return _line(f"{found.source}, {found.date}" if found.date else found.source)


def _line(text: str) -> str:
    """`text` as one harmless line."""
    return " ".join(visible(text).split())


def _say(console: Console, text: Text, indent: int = 0) -> None:
    # A pipe gets whole lines, a terminal lines broken between words.
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        console.print(Text(" " * indent).append_text(text), soft_wrap=True)
