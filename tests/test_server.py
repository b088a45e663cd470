"""How the server listens and tells where."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
import uvicorn

from qa.config import Config
from qa.errors import InputError
from qa.server import listen, serve
from tests.scripted import ScriptedAssistant


class TestListening:
    def test_port_in_use_is_named_with_the_way_out(self):
        with listen("127.0.0.1", 0, None) as listener:
            port = listener.getsockname()[1]
            with (
                pytest.raises(InputError, match=f"Port {port} .*--port {port + 1}"),
                listen("127.0.0.1", port, None),
            ):
                pass

    @pytest.mark.parametrize("host", ["0.0.0.0", "::"])
    def test_open_host_without_a_token_is_refused(self, host):
        with pytest.raises(InputError, match=rf"{host} .*QA_TOKEN"), listen(host, 0, None):
            pass

    def test_open_host_with_a_token_is_taken(self):
        with listen("0.0.0.0", 0, "s3cret") as listener:
            assert listener.getsockname()[1] > 0

    def test_unknown_host_is_named(self):
        with pytest.raises(InputError, match="no such host"), listen("no such host", 0, None):
            pass

    def test_port_is_checked_before_anything_is_opened(self):
        def never(address):
            raise AssertionError("opened")

        with listen("127.0.0.1", 0, None) as listener, pytest.raises(InputError):
            serve(Config(), "127.0.0.1", listener.getsockname()[1], never)

    def test_assistant_is_told_the_address_others_reach_it_at(self, monkeypatch):
        told = []
        monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: None)

        def opened(address):
            told.append(address)
            return nullcontext(ScriptedAssistant())

        serve(replace(Config(), token="s3cret"), "0.0.0.0", 0, opened)
        serve(Config(), "localhost", 0, opened)
        assert told[0].startswith("http://127.0.0.1:") and told[1].startswith("http://localhost:")
