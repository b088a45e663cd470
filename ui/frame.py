"""The frame around Gradio: which of its addresses are served, and the security policy of its page.

Gradio brings routes that this chat does not use (a proxy, file serving, code editing with a hosted model, a
store of runs): what is not listed here is not there. Knows HTML pages, nothing of what is on them.
"""

import base64
import hashlib
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SERVED = re.compile(
    r"/(?:assets/[\w.-]+|static/(?:js|fonts|img)/[\w./-]+|theme\.css|favicon\.ico|manifest\.json|config"
    r"|gradio_api/(?:queue/(?:join|data)|run/\w+|heartbeat/\w+|component_server|startup-events|info|reset))/?"
)
HEAD = """<link rel="stylesheet" href="/chat/static/chat.css">
<script type="module" src="/chat/static/chat.js"></script>
"""
# Gradio builds its templates and our `js_on_load` with Function(): it does not work without 'unsafe-eval'.
# Scripts in attributes and inline ones stay forbidden, but for those of the page itself, by their hashes.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
_SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)
_ADVERTISING = re.compile(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')


class Frame:
    """Serves `app` (Gradio) at the root of the parent application."""

    def __init__(self, app: ASGIApp, title: str) -> None:
        self._app = app
        self._title = title

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http":
            raise HTTPException(404)
        if path == "/":
            await self._page(scope, receive, send)
        elif SERVED.fullmatch(path) and ".." not in path:
            await self._app(scope, receive, _kept_by_browsers(send) if path.startswith("/assets/") else send)
        else:
            raise HTTPException(404)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gradio's page with our style and script, and a policy made for what stands on it."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        status, body = 500, bytearray()

        async def collect(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            body.extend(message.get("body", b""))

        await self._app({**scope, "headers": headers}, receive, collect)
        html = framed(body.decode(), self._title)
        policy = {"content-security-policy": security_policy(html)}
        await HTMLResponse(html, status, headers=policy)(scope, receive, send)


def framed(html: str, title: str) -> str:
    """`html` with our head, and without what tells other sites about it."""
    html = _ADVERTISING.sub("", html)
    return html.replace("<head>", f"<head>\n<title>{title}</title>\n{HEAD}", 1)


def security_policy(html: str) -> str:
    """The policy which lets the scripts of `html` run, by their hashes, and no other inline one."""
    inline = [text for attributes, text in _SCRIPT.findall(html) if "src=" not in attributes]
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline)
    return POLICY.format(scripts=" ".join(f"'sha256-{digest}'" for digest in digests))


def _kept_by_browsers(send: Send) -> Send:
    """Their names change with their content."""

    async def kept(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            headers = Headers(raw=message["headers"]).mutablecopy()
            assert isinstance(headers, MutableHeaders)
            headers["cache-control"] = "public, max-age=31536000, immutable"
            message = {**message, "headers": headers.raw}
        await send(message)

    return kept
