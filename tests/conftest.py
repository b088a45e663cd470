"""What holds for every test: no setting of the machine, no socket to the outside."""

import os
import socket

import pytest

_connect = socket.socket.connect
_LOOPBACK = ("127.", "::1", "localhost")


def _connect_to_loopback(self: socket.socket, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOOPBACK):
        raise AssertionError(f"a test tried to reach {address}")
    return _connect(self, address)


@pytest.fixture(autouse=True)
def no_outside_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _connect_to_loopback)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where the model files are is kept: `make test` has put them there.
    for name in [name for name in os.environ if name.startswith("QA_") and name != "QA_MODELS"]:
        monkeypatch.delenv(name)
