"""The routes of the documents as a caller uses them, on a real corpus."""

import json
import socket
import threading

import pytest

from qa.config import Config
from qa.corpus import Corpus
from qa.errors import DataError
from qa.rest_documents import MOST_FILES
from tests.fakes import HashEmbedding
from tests.scripted import ScriptedAssistant
from tests.serving import QUESTION, assert_problem, client_of, running_server, sse, wait_until

WIRE = "The border police made 680 arrests in one week.\n\nThe minister spoke on Monday."
NOTES = "The dentist charged nine hundred crowns.\n\nThe bill was paid in March."
ANNA, BERT = "anna-5f0c9e1b7a3d42", "bert-90ab12cd34ef56"
LISTED = "id title source date characters sha256 state chunks uploaded private url"


@pytest.fixture(name="folder")
def documents_folder(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "wire.txt").write_text(WIRE)
    return folder


@pytest.fixture(name="assistant")
def assistant_on_a_real_corpus(tmp_path, folder):
    with Corpus.open(Config(data_dir=tmp_path / "data"), HashEmbedding()) as corpus:
        corpus.sync(folder)
        yield ScriptedAssistant(corpus=corpus)


@pytest.fixture(name="client")
def client_on_a_real_corpus(assistant, folder):
    return client_of(assistant, config=Config(documents_dir=folder))


def upload(client, *files, owner=None):
    """The reply to an upload of (name, content) pairs."""
    sent = [("files", (name, content, "text/plain")) for name, content in files]
    return client.post("/v1/documents", files=sent, params={"owner": owner} if owner else None)


def listed(client, owner=None):
    return client.get("/v1/documents", params={"owner": owner} if owner else None).json()["documents"]


class TestListing:
    def test_documents_are_listed_without_their_texts(self, client):
        (wire,) = listed(client)
        assert set(wire) == set(LISTED.split())
        assert (wire["source"], wire["characters"], wire["state"]) == ("wire.txt", len(WIRE), "ready")
        assert wire["chunks"] >= 1 and not wire["uploaded"] and wire["url"] == f"/documents/{wire['id']}"

    def test_one_is_read_whole(self, client):
        (wire,) = listed(client)
        read = client.get(f"/v1/documents/{wire['id']}").json()
        assert read["text"] == WIRE and read["url"] == wire["url"]

    @pytest.mark.parametrize("document_id", ["nobody", "0" * 16, "%2e%2e%2fetc", "<script>"])
    def test_an_unknown_id_is_a_problem(self, client, document_id):
        problem = assert_problem(client.get(f"/v1/documents/{document_id}"), 404)
        assert "/v1/documents" in problem["next_step"] or "openapi" in problem["next_step"]


class TestUploading:
    def test_an_upload_can_be_listed_read_searched_and_deleted(self, client):
        (told,) = upload(client, ("notes.txt", NOTES)).json()["files"]
        assert (told["state"], told["source"], told["reason"]) == ("added", "uploads/notes.txt", None)
        entry = next(entry for entry in listed(client) if entry["id"] == told["document_id"])
        assert entry["uploaded"] and not entry["private"]
        assert client.get(f"/v1/documents/{entry['id']}").json()["text"] == NOTES
        assert "uploads/notes.txt" in client.get(entry["url"]).text
        assert client.delete(f"/v1/documents/{entry['id']}").status_code == 204
        assert_problem(client.get(f"/v1/documents/{entry['id']}"), 404)
        assert_problem(client.delete(f"/v1/documents/{entry['id']}"), 404)

    def test_each_file_is_told_apart(self, client):
        reply = upload(
            client,
            ("notes.txt", NOTES),
            ("empty.txt", b""),
            ("photo.png", b"\x89PNG\r\n\x1a\n"),
            ("liar.txt", b"%PDF-1.7 \x00\x01"),
            ("copy.txt", WIRE),
            ("huge.txt", b"a b " * 2_600_000),
        )
        files = {file["name"]: file for file in reply.json()["files"]}
        assert {name: file["state"] for name, file in files.items()} == {
            "notes.txt": "added",
            "empty.txt": "refused",
            "photo.png": "refused",
            "liar.txt": "refused",
            "copy.txt": "duplicate",
            "huge.txt": "refused",
        }
        for name in ("empty.txt", "photo.png", "liar.txt", "huge.txt"):
            assert name in files[name]["reason"]
        assert files["copy.txt"]["source"] == "wire.txt"
        assert len(listed(client)) == 2

    @pytest.mark.parametrize(
        "name",
        ["../../etc/evil.txt", "<img src=x onerror=alert(1)>.txt", "a\u202eb.txt", "q" * 3000 + ".txt"],
    )
    def test_a_hostile_name_is_a_label_and_shown_escaped(self, client, name, tmp_path):
        (told,) = upload(client, (name, f"Words of {len(name)}.")).json()["files"]
        assert told["state"] == "added" and ".." not in told["source"] and len(told["source"]) < 200
        assert "<img src" not in client.get(f"/documents/{told['document_id']}").text
        assert not list(tmp_path.rglob("*evil*"))

    @pytest.mark.parametrize("title", ["<script>alert(1)</script>", "</title><img src=x onerror=alert(1)>"])
    def test_markup_in_a_text_is_inert(self, client, title):
        (told,) = upload(client, ("page.txt", f"{title}\n\nThe bridge is closed since Monday.")).json()[
            "files"
        ]
        page = client.get(f"/documents/{told['document_id']}").text
        assert "<script>alert" not in page and "<img src=x" not in page

    def test_too_much_at_once_is_refused_before_it_is_parsed(self, client):
        assert_problem(upload(client, *((f"{n}.txt", b"a b " * 2_400_000) for n in range(3))), 413)
        many = [(f"{n}.txt", f"Words of {n}.") for n in range(MOST_FILES + 1)]
        assert "51 files" in assert_problem(upload(client, *many), 422)["detail"]
        assert len(listed(client)) == 1

    @pytest.mark.parametrize(
        "sent",
        [
            {"json": {"files": ["notes.txt"]}},
            {"content": b"words"},
            {"data": {"files": "notes.txt"}},
            {"content": b"--x\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            {"content": b"--x", "headers": {"content-type": "multipart/form-data"}},
        ],
    )
    def test_what_is_no_upload_is_a_problem(self, client, sent):
        response = client.post("/v1/documents", **sent)
        assert response.status_code in (400, 422)
        assert_problem(response, response.status_code)
        assert len(listed(client)) == 1

    def test_a_full_disk_is_a_problem_and_a_later_try_goes_through(self, client, assistant, monkeypatch):
        def full(*_):
            raise DataError("The disk is full: free some space.")

        monkeypatch.setattr(assistant.corpus.ledger, "put", full)
        assert "disk is full" in assert_problem(upload(client, ("notes.txt", NOTES)), 503)["detail"]
        monkeypatch.undo()
        assert len(listed(client)) == 1
        assert upload(client, ("notes.txt", NOTES)).json()["files"][0]["state"] == "added"

    def test_an_upload_that_breaks_off_leaves_nothing(self, assistant):
        with running_server(assistant) as (host, port):
            head = (
                f"POST /v1/documents HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 5000\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
                'Content-Disposition: form-data; name="files"; filename="half.txt"\r\n\r\nHalf of the'
            )
            with socket.create_connection((host, port)) as connection:
                connection.sendall(head.encode())
            client = client_of(assistant)
            assert client.get("/v1/health").status_code == 200
        assert len(listed(client)) == 1

    def test_an_upload_does_not_wait_for_an_answer_nor_disturb_it(self, client, assistant):
        assistant.released.clear()
        replies = []
        asking = threading.Thread(
            target=lambda: replies.append(client.post("/v1/answers", json=QUESTION | {"stream": True}))
        )
        asking.start()
        wait_until(lambda: assistant.running)
        assert upload(client, ("notes.txt", NOTES)).json()["files"][0]["state"] == "added"
        assert assistant.running
        assistant.released.set()
        asking.join(10)
        assert sse(replies[0].text)[-1][0] == "answer"


class TestOwners:
    def test_each_session_sees_its_own_uploads_and_those_of_everyone(self, client):
        upload(client, ("hers.txt", NOTES), owner=ANNA)
        upload(client, ("his.txt", NOTES), owner=BERT)
        upload(client, ("shared.txt", "The bridge is closed."))
        assert [d["source"] for d in listed(client)] == ["wire.txt", "uploads/shared.txt"]
        assert [d["source"] for d in listed(client, ANNA) if d["private"]] == ["uploads/hers.txt"]
        assert [d["source"] for d in listed(client, BERT) if d["private"]] == ["uploads/his.txt"]
        assert client.get("/v1/health").json()["documents"] == 2

    def test_no_other_session_can_delete_it(self, client):
        (told,) = upload(client, ("hers.txt", NOTES), owner=ANNA).json()["files"]
        address = f"/v1/documents/{told['document_id']}"
        assert_problem(client.delete(address), 404)
        assert_problem(client.delete(address, params={"owner": BERT}), 404)
        assert client.delete(address, params={"owner": ANNA}).status_code == 204

    @pytest.mark.parametrize("owner", ["short", "x" * 101, "a b" * 8, "é" * 20])
    def test_a_label_that_could_be_guessed_is_refused(self, client, owner):
        assert "owner" in assert_problem(upload(client, ("a.txt", NOTES), owner=owner), 422)["detail"]


class TestFolder:
    def test_a_file_of_the_folder_is_not_ours_to_delete(self, client, folder):
        (wire,) = listed(client)
        problem = assert_problem(client.delete(f"/v1/documents/{wire['id']}"), 409)
        assert "wire.txt" in problem["detail"] and (folder / "wire.txt").exists()

    def test_new_files_are_indexed_on_demand(self, client, folder):
        (folder / "blog.txt").write_text("The mother was denied judicial review.")
        report = client.post("/v1/documents/sync", json={"folder": str(folder)}).json()
        assert (report["added"], report["unchanged"], report["removed"]) == (["blog.txt"], ["wire.txt"], [])
        assert len(listed(client)) == 2

    def test_only_the_servers_own_folder_is_indexed(self, client, tmp_path):
        problem = assert_problem(client.post("/v1/documents/sync", json={"folder": str(tmp_path)}), 422)
        assert "another folder" in problem["detail"]
        assert len(listed(client)) == 1


def test_every_route_of_the_documents_is_in_the_openapi_document(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths["/v1/documents"]) == {"get", "post"}
    assert set(paths["/v1/documents/{document_id}"]) == {"get", "delete"}
    assert set(paths["/v1/documents/sync"]) == {"post"}
    posted = paths["/v1/documents"]["post"]
    assert "multipart/form-data" in posted["requestBody"]["content"]
    for path, status in (("/v1/documents", "422"), ("/v1/documents/{document_id}", "404")):
        assert "application/problem+json" in paths[path]["get"]["responses"][status]["content"]
    assert "409" in paths["/v1/documents/{document_id}"]["delete"]["responses"]
    assert "UploadReport" in json.dumps(posted["responses"]["200"])
