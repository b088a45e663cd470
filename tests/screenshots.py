"""The pictures of the README: the real server over the seeds, looked at in a real browser.

python -m tests.screenshots [FOLDER]
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium

ROOT = Path(__file__).parent.parent
WIDE = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
FACT = "What did Kelly say about the use of military forces?"
DISPUTE = "Was the Honduran mother given judicial review?"
NOT_THERE = "Where was John Kelly born?"
LONGEST_ANSWER_MS = 900_000


@contextmanager
def served() -> Iterator[str]:
    """The address of a server with the real model over the seeds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environ = os.environ | {"QA_DOCUMENTS": str(ROOT / "seeds"), "QA_DATA": data}
        command = [str(Path(sys.executable).parent / "qa"), "serve", "--port", str(port)]
        server = subprocess.Popen(command, env=environ, cwd=ROOT)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"{address}/v1/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit("The server did not start.")


def _open(browser: Browser, address: str, **settings: object) -> Page:
    page = browser.new_context(reduced_motion="reduce", **settings).new_page()
    page.goto(address)
    page.wait_for_selector(".welcome")
    return page


def _begin_anew(page: Page) -> None:
    page.click("#history .new")
    page.wait_for_selector(".welcome")


def _ask(page: Page, question: str) -> None:
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "question => document.querySelector('#newest h2')?.textContent === question", arg=question
    )
    page.wait_for_selector("#newest [data-state=settled]", timeout=LONGEST_ANSWER_MS)
    page.wait_for_timeout(1500)


def _open_source(page: Page) -> None:
    page.locator("#newest .mark").first.click()
    page.frame_locator("#source iframe").locator("mark").wait_for()
    page.mouse.move(640, 780)
    page.wait_for_timeout(400)


def take(browser: Browser, address: str, folder: Path) -> None:
    """Make all pictures in `folder`."""
    page = _open(browser, address, **WIDE)
    page.screenshot(path=folder / "first-page.png")
    _ask(page, FACT)
    _open_source(page)
    page.screenshot(path=folder / "answer.png")
    _begin_anew(page)
    _ask(page, DISPUTE)
    page.screenshot(path=folder / "disputed.png")
    _begin_anew(page)
    _ask(page, NOT_THERE)
    page.screenshot(path=folder / "refused.png")
    page.click("[data-act=view][data-view=documents]")
    page.wait_for_selector(".shelf tbody tr")
    page.screenshot(path=folder / "documents.png")
    page.context.close()

    page = _open(browser, address, color_scheme="dark", **WIDE)
    _ask(page, FACT)
    _open_source(page)
    page.screenshot(path=folder / "dark.png")
    page.context.close()

    page = _open(browser, address, **PHONE)
    _ask(page, DISPUTE)
    page.screenshot(path=folder / "phone.png")
    page.context.close()


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    path = chromium.find() or sys.exit(chromium.ADVICE)
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        take(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main()
