"""How a browser shows the token: a page asks for it once, a cookie carries what proves it afterwards.

The cookie holds a digest of the token and dies with it. Knows no other route.
"""

import asyncio
import base64
import hashlib
import hmac
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

COOKIE = "cited_session"
PATH = "/login"
MONTH_SECONDS = 30 * 24 * 3600
WRONG_SECONDS = 0.5
"""How long a wrong token waits for its answer."""

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
body { background: light-dark(#fbfaf7, #16171a); color: light-dark(#1c1b19, #e8e6e1); }
main { max-width: 22rem; margin: 18vh auto 0; padding: 0 1rem; }
h1 { font: 500 1.75rem/1.2 Charter, Georgia, serif; margin: 0 0 .25rem; }
label { display: block; margin: 1.5rem 0 .3rem; font-weight: 600; }
input, button { font: inherit; padding: .6rem .8rem; border-radius: .6rem; }
input { width: 100%; box-sizing: border-box; border: 1px solid light-dark(#8d8980, #74777f); }
input { background: light-dark(#fff, #1d1f23); color: inherit; }
button { margin-top: 1rem; border: 0; cursor: pointer; font-weight: 600; }
button { background: light-dark(#1d5c8f, #8cc2f0); color: light-dark(#fff, #10151a); }
.notice { border-inline-start: .2rem solid light-dark(#8a4b00, #f0b866); padding-inline-start: .75rem; }
"""


def session_of(token: str) -> str:
    """What the cookie of a browser that knows `token` holds; the token cannot be told from it."""
    return hmac.new(token.encode(), b"cited-qa session", hashlib.sha256).hexdigest()


def login_router(token: str | None) -> APIRouter:
    """The page that asks for the token, and what takes it."""
    loader = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("login.html")
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; frame-ancestors 'none'"
    router = APIRouter(include_in_schema=False)

    def asks(goal: str, *, wrong: bool) -> Response:
        html = page.render(style=Markup(_STYLE), goal=goal, wrong=wrong)
        # Without a referrer the browser would not say that the form is ours.
        headers = {"content-security-policy": policy, "referrer-policy": "same-origin"}
        return HTMLResponse(html, 401 if wrong else 200, headers=headers)

    @router.get(PATH)
    async def show(goal: str = "/") -> Response:
        return asks(goal, wrong=False) if token else RedirectResponse("/", 303)

    @router.post(PATH)
    async def enter(
        request: Request, given: Annotated[str, Form(alias="token")], goal: Annotated[str, Form()] = "/"
    ) -> Response:
        if token and not hmac.compare_digest(given.strip().encode(), token.encode()):
            await asyncio.sleep(WRONG_SECONDS)
            return asks(goal, wrong=True)
        response = RedirectResponse(goal if _is_ours(goal) else "/", 303)
        if token:
            secure = request.url.scheme == "https"
            response.set_cookie(
                COOKIE, session_of(token), MONTH_SECONDS, httponly=True, samesite="lax", secure=secure
            )
        return response

    return router


def _is_ours(goal: str) -> bool:
    """Whether `goal` is a path of this server and of no other."""
    return goal.startswith("/") and not goal.startswith(("//", "/\\")) and goal.isprintable()
