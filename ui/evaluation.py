"""The last evaluation report, shown as it was written, where it can do nothing to the chat.

Knows where `make eval` leaves it; knows nothing of what is in it.
"""

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from qa import Service

REPORT = Path("evals") / "report.html"
MADE_BY_MAKE = Path("build") / "eval"
# It may run scripts of its own, but as a page of no site: it reads no cookie, no store, and asks nobody.
POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)


def evaluation_router(service: Service, missing: Path) -> APIRouter:
    """The route of the report; the page `missing` while there is none."""
    router = APIRouter(include_in_schema=False)

    @router.get("/chat/evaluation")
    def report() -> Response:
        places = (service.config.data_dir / REPORT, MADE_BY_MAKE / REPORT)
        found = sorted((path.stat().st_mtime, path) for path in places if path.is_file())
        path = found[-1][1] if found else missing
        return FileResponse(path, headers={"content-security-policy": POLICY, "cache-control": "no-store"})

    return router
