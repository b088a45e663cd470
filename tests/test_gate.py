"""Who is let in and what every reply carries."""

import pytest
from starlette.testclient import TestClient

from qa.config import Config
from qa.server import create_app
from tests.scripted import ScriptedAssistant
from tests.serving import QUESTION, assert_problem, client_of


class TestGate:
    def test_every_route_but_health_needs_the_token(self):
        app = create_app(ScriptedAssistant(), Config(), token="s3cret")
        client = TestClient(app, base_url="http://localhost")
        paths = [path for path in app.openapi()["paths"]] + ["/openapi.json", "/nowhere"]
        assert len(paths) >= 7
        for path in paths:
            response = client.get(path.replace("{document_id}", "0123456789abcdef"))
            if path == "/v1/health":
                assert response.status_code == 200
            else:
                assert_problem(response, 401)
                assert response.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        "header", ["Bearer wrong", "Bearer ", "s3cret", "Basic s3cret", "Bearer s3cret x", "é"]
    )
    def test_wrong_token_is_refused(self, header):
        headers = {"authorization": header.encode("latin-1")}
        assert_problem(client_of(token="s3cret").post("/v1/answers", json=QUESTION, headers=headers), 401)

    def test_right_token_is_let_in(self):
        headers = {"authorization": "Bearer s3cret"}
        response = client_of(token="s3cret").post("/v1/answers", json=QUESTION, headers=headers)
        assert response.status_code == 200

    @pytest.mark.parametrize("chunked", [False, True])
    def test_body_over_the_limit_is_refused_before_it_is_parsed(self, chunked):
        megabytes = [b"x" * 500_000] * 3
        content = iter(megabytes) if chunked else b"".join(megabytes)
        assert_problem(client_of().post("/v1/answers", content=content), 413)

    def test_foreign_host_name_is_refused(self):
        response = client_of().get("/v1/health", headers={"host": "evil.example"})
        assert "evil.example" in assert_problem(response, 421)["detail"]

    @pytest.mark.parametrize(
        "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "qa.lan:80"]
    )
    def test_own_names_are_served(self, host):
        client = client_of(hosts=("localhost", "127.0.0.1", "[::1]", "qa.lan"))
        assert client.get("/v1/health", headers={"host": host}).status_code == 200

    @pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9", "null"])
    def test_page_of_another_site_cannot_ask(self, origin):
        response = client_of().post("/v1/answers", json=QUESTION, headers={"origin": origin})
        assert origin in assert_problem(response, 403)["detail"]

    def test_own_page_can_ask(self):
        headers = {"origin": "http://127.0.0.1:8000"}
        assert client_of().post("/v1/answers", json=QUESTION, headers=headers).status_code == 200

    def test_who_shows_the_token_may_ask_from_anywhere(self):
        headers = {"origin": "http://app.example", "authorization": "Bearer s3cret"}
        response = client_of(token="s3cret").post("/v1/answers", json=QUESTION, headers=headers)
        assert response.status_code == 200

    def test_foreign_origin_is_given_no_leave_to_read(self):
        origin = {"origin": "http://evil.example"}
        response = client_of().get("/v1/health", headers=origin)
        assert not [name for name in response.headers if name.startswith("access-control-")]
        preflight = {**origin, "access-control-request-method": "POST"}
        assert client_of().options("/v1/answers", headers=preflight).status_code == 400

    @pytest.mark.parametrize("path", ["/v1/health", "/nowhere", "/documents/x", "/openapi.json"])
    def test_every_reply_carries_the_safe_headers(self, path):
        headers = client_of().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
