"""The evidence page: the right words marked, whatever the link or the document says."""

import base64
import hashlib
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from tests.scripted import ScriptedAssistant, ScriptedCorpus, make_answer, make_document
from tests.serving import client_of


class Page(HTMLParser):
    """Elements and attributes of a page; fails on none."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.marked, self.text, self._open = [], "", "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if "article" in self._open:
            self.text += data
        if "mark" in self._open:
            self.marked += data


def page_of(document, query=""):
    client = client_of(ScriptedAssistant(corpus=ScriptedCorpus(document)))
    return client.get(f"/documents/{document.id}{query}")


class TestEvidencePage:
    def test_link_of_a_citation_marks_exactly_its_quote(self):
        (citation,) = make_answer().citations
        page = Page(client_of().get(citation.url).text)
        assert page.marked == citation.quote
        assert page.text == make_document().text

    def test_page_scrolls_to_the_mark_without_a_script(self):
        page = Page(page_of(make_document(), "?start=4&end=10").text)
        (mark,) = [attributes for tag, attributes in page.tags if tag == "mark"]
        assert mark["id"] == "cite" and "autofocus" in mark
        assert not [tag for tag, _ in page.tags if tag == "script"]

    def test_page_shows_title_date_and_source(self):
        html = page_of(make_document()).text
        assert "<h1>A mother is deported</h1>" in html
        assert "2017-02-24" in html and "one.txt" in html

    def test_mark_over_page_furniture_is_whole(self):
        document = make_document(skipped=((4, 8), (20, 30)))
        page = Page(page_of(document, "?start=2&end=25").text)
        assert page.marked == document.text[2:25]
        assert page.text == document.text
        assert len([1 for tag, attributes in page.tags if attributes.get("id") == "cite"]) == 1

    @pytest.mark.parametrize(
        "query",
        [
            "?start=5&end=5",
            "?start=9&end=2",
            "?start=-3&end=4",
            "?start=0&end=100000",
            "?start=a&end=b",
            "?start=3",
            "?start=%D9%A1&end=4",
            "?start=1&end=" + "9" * 5000,
            "?start=%3Cscript%3E&end=%22%3E",
        ],
    )
    def test_span_that_does_not_exist_is_said_and_the_document_still_opens(self, query):
        response = page_of(make_document(), query)
        page = Page(response.text)
        assert response.status_code == 200
        assert "does not exist" in response.text
        assert page.text == make_document().text and page.marked == ""
        assert not [tag for tag, _ in page.tags if tag == "script"]

    def test_document_that_changed_since_is_said_so(self):
        document = make_document()
        same = page_of(document, f"?start=0&end=3&version={document.sha256[:16]}")
        other = page_of(document, "?start=0&end=3&version=0000000000000000")
        assert "has changed since" not in same.text
        assert "has changed since" in other.text

    @pytest.mark.parametrize(
        "document_id", ["ffffffffffffffff", "..%2f..%2fetc%2fpasswd", "<script>", "x" * 3000]
    )
    def test_unknown_document_is_a_page_that_says_so(self, document_id):
        response = client_of().get(f"/documents/{document_id}")
        assert response.status_code == 404
        assert "<script>" not in response.text

    def test_style_is_the_only_thing_the_page_may_load_and_its_hash_fits(self):
        response = page_of(make_document())
        style = response.text.split("<style>")[1].split("</style>")[0]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = response.headers["content-security-policy"]
        assert f"style-src 'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy and "script" not in policy and "unsafe" not in policy
        assert "color-scheme: light dark" in style and "width=device-width" in response.text

    @pytest.mark.parametrize(
        ("theme", "told"), [("dark", ' class="dark"'), ("light", ' class="light"'), ('"><script>', "")]
    )
    def test_chosen_theme_is_kept_and_nothing_else(self, theme, told):
        html = page_of(make_document(), f"?theme={quote(theme)}").text
        assert f'<html lang="en"{told}>' in html

    @pytest.mark.parametrize("place", ["title", "source", "text", "date"])
    @pytest.mark.parametrize(
        "payload",
        [
            "<script>alert(1)</script>",
            "</title><script>alert(1)</script>",
            "</mark></article><img src=x onerror=alert(1)>",
            '"><svg onload=alert(1)>',
            "' onmouseover='alert(1)",
            '<a href="javascript:alert(1)">x</a>',
            "</style><style>@import url(//evil.example)</style>",
            "{{ 7 * 7 }}{% raw %}${7*7}",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "<!--<script>--><iframe srcdoc='<script>alert(1)</script>'>",
            "<base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        ],
    )
    def test_hostile_document_is_inert_text(self, place, payload):
        clean = Page(page_of(make_document("plain words"), "?start=0&end=4").text)
        changes = {"text": payload + " words"} if place == "text" else {place: payload}
        document = make_document(**{"text": "plain words", **changes})
        page = Page(page_of(document, "?start=0&end=4").text)
        inert = [
            (tag, {k: v for k, v in attributes.items() if k != "datetime"}) for tag, attributes in page.tags
        ]
        expected = [
            (tag, {k: v for k, v in attributes.items() if k != "datetime"}) for tag, attributes in clean.tags
        ]
        assert inert == expected
        assert page.text == document.text
