"""How a person with a browser shows the token."""

import pytest

from tests.serving import QUESTION, assert_problem, client_of

TOKEN = "a long s3cret"
PAGE = {"accept": "text/html,*/*"}


@pytest.fixture(name="browser")
def client_that_follows_nothing():
    client = client_of(token=TOKEN)
    client.follow_redirects = False
    return client


def log_in(browser, token=TOKEN, goal="/"):
    return browser.post("/login", data={"token": token, "goal": goal})


class TestLogin:
    def test_browser_without_the_token_is_sent_to_the_page_that_takes_it(self, browser):
        response = browser.get("/documents/x?start=1&end=2", headers=PAGE)
        assert response.status_code == 303
        assert response.headers["location"] == "/login?goal=%2Fdocuments%2Fx%3Fstart%3D1%26end%3D2"

    def test_program_without_the_token_gets_a_problem(self, browser):
        assert_problem(browser.get("/documents/x"), 401)

    def test_page_asks_for_the_token(self, browser):
        response = browser.get("/login?goal=/documents/x")
        assert response.status_code == 200
        assert 'name="token"' in response.text and 'value="/documents/x"' in response.text

    def test_right_token_opens_everything_and_leads_to_what_was_wanted(self, browser):
        response = log_in(browser, goal="/documents/x")
        assert response.status_code == 303 and response.headers["location"] == "/documents/x"
        assert browser.post("/v1/answers", json=QUESTION).status_code == 200

    def test_wrong_token_is_told_and_opens_nothing(self, browser):
        response = log_in(browser, "guess")
        assert response.status_code == 401 and "not the token" in response.text
        assert_problem(browser.post("/v1/answers", json=QUESTION), 401)

    def test_cookie_does_not_tell_the_token_and_no_script_reads_it(self, browser):
        cookie = log_in(browser).headers["set-cookie"]
        assert TOKEN not in cookie
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie

    @pytest.mark.parametrize("cookie", ["cited_session=x", "cited_session=", "cited_session", "=;=", "é"])
    def test_made_up_cookie_opens_nothing(self, browser, cookie):
        headers = {"cookie": cookie.encode("latin-1")}
        assert_problem(browser.post("/v1/answers", json=QUESTION, headers=headers), 401)

    @pytest.mark.parametrize(
        "goal", ["//evil.example", "https://evil.example", "/\\evil.example", "/\r\nx: y"]
    )
    def test_login_never_leads_to_another_site(self, browser, goal):
        assert log_in(browser, goal=goal).headers["location"] == "/"

    def test_goal_is_inert_on_the_page(self, browser):
        response = browser.get("/login", params={"goal": '"><script>alert(1)</script>'})
        assert "<script" not in response.text

    def test_page_of_another_site_cannot_use_the_cookie(self, browser):
        log_in(browser)
        response = browser.post("/v1/answers", json=QUESTION, headers={"origin": "http://evil.example"})
        assert_problem(response, 403)

    def test_server_without_a_token_asks_nobody(self):
        client = client_of()
        client.follow_redirects = False
        assert client.get("/login").headers["location"] == "/"
