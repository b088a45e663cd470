"""When the owners of private uploads were last here, and which uploads nobody came back for.

Days alone are kept, and of nobody who has no uploads. Knows nothing of files or of the index.
"""

import json
from datetime import date, timedelta
from threading import Lock

from qa.ledger import Ledger
from qa.records import Record

DAYS_KEPT = 90
"""How long a private upload stays when its owner does not come back."""


class Visits:
    """The days on which owners were last here. Methods may be called from any thread."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        # Two owners who come at once must not overwrite each other's day.
        self._lock = Lock()

    def note(self, owner: str, today: date) -> None:
        """That `owner` is here; nothing is kept when there are no uploads of that owner."""
        with self._lock:
            last = self._last()
            if last.get(owner) == today.isoformat() or not self._ledger.has_private():
                return
            if any(record.owner == owner for record in self._private()):
                self._keep({**last, owner: today.isoformat()})

    def missed(self, today: date) -> tuple[Record, ...]:
        """Private uploads whose owners were not here for `DAYS_KEPT` days.

        An owner of whom no visit is known counts as here `today`: earlier versions kept none.
        """
        with self._lock:
            last, private = self._last(), self._private()
            known = {r.owner: last.get(r.owner, today.isoformat()) for r in private if r.owner}
            if known != last:
                self._keep(known)
        since = (today - timedelta(days=DAYS_KEPT)).isoformat()
        return tuple(record for record in private if record.owner and known[record.owner] < since)

    def _private(self) -> list[Record]:
        return [record for record in self._ledger.records() if record.owner]

    def _last(self) -> dict[str, str]:
        last: dict[str, str] = json.loads(self._ledger.meta("visits") or "{}")
        return last

    def _keep(self, last: dict[str, str]) -> None:
        self._ledger.set_meta(visits=json.dumps(last))
