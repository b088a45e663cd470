"""The browser that the tests of the web chat look with: found, or installed from the distribution.

python -m tests.chromium
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "Install Chromium or Google Chrome so that it is on the PATH, then type: make test"


def find() -> str | None:
    """The path of a Chromium, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Get Debian's package; nothing when there is one already."""
    if find():
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        sys.exit(f"The tests of the web chat need a browser. {ADVICE}")
    sys.stderr.write("Installing Chromium for the tests of the web chat: a minute or two\n")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-qq", "-y", "chromium"]):
        done = subprocess.run(
            [*sudo, "apt-get", *step], env=os.environ | quiet, capture_output=True, text=True
        )
    if not find():
        sys.exit(f"Chromium could not be installed: {done.stderr.strip()[-300:]}\n{ADVICE}")


if __name__ == "__main__":
    install()
