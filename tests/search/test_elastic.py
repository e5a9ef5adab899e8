"""What is Elasticsearch's alone: encryption, API keys, several addresses, and nodes that answer slowly, read only or not at all."""

from __future__ import annotations

import contextlib
import http.server
import shutil
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured

from search import outage
from search.contracts import SearchUnavailable
from search.engines import current_engine
from search.engines.elastic import engine as elastic
from search.engines.elastic.engine import ElasticEngine
from search.indexing.sweep import sweep
from search.outage import search_always
from search.service import search
from tests.search.shelf import VISITOR, make, uids

cluster = pytest.mark.cluster
on_elastic = pytest.mark.parametrize("engine", [pytest.param("elastic", marks=cluster)], indirect=True)
KEY = "aWQ6a2V5"


class _Gate(http.server.BaseHTTPRequestHandler):
    """Hands requests on to the real server; asks for the API key first, and may be slow."""

    protocol_version = "HTTP/1.1"
    to = ""
    wants_key = ""
    pause = 0.0
    seen: list[str]

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append(self.headers.get("Authorization", ""))
        time.sleep(self.pause)
        if self.wants_key and self.headers.get("Authorization") != f"ApiKey {self.wants_key}":
            return self._say(401, b"{}", {"Content-Type": "application/json"})
        headers = {name: value for name, value in self.headers.items() if name.lower() in ("content-type", "accept")}
        asked = urllib.request.Request(self.to + self.path, body or None, headers, method=self.command)
        try:
            with urllib.request.urlopen(asked) as answer:
                return self._say(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return self._say(error.code, error.read(), dict(error.headers))

    def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name in ("Content-Type", "X-Elastic-Product"):
                if name in headers:
                    self.send_header(name, headers[name])
            if "X-Elastic-Product" not in headers:
                self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def gate(to: str, *, key: str = "", pause: float = 0.0, certificate: tuple[str, str] | None = None) -> Iterator[type]:
    """A server before the real one; gives its class, whose attributes may be changed, with its `port`."""
    kind = type("Gate", (_Gate,), {"to": to.rstrip("/"), "wants_key": key, "pause": pause, "seen": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    kind.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kind
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def certificate(tmp_path) -> tuple[str, str]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing")
    made = (str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", made[0], "-keyout", made[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


def test_api_key_never_crosses_the_network_unencrypted():
    for address in ("http://search.example.org:9200", "https://a:9200,http://10.0.0.7:9200"):
        with pytest.raises(ImproperlyConfigured):
            ElasticEngine(address, "x", KEY)
    ElasticEngine("https://a:9200,https://b:9200", "x", KEY)
    ElasticEngine("http://127.0.0.1:9200", "x", KEY)


@on_elastic
def test_encrypted_with_a_certificate_of_its_own_and_an_api_key(shelf, settings, certificate):
    plain = settings.ELASTICSEARCH_URL
    with gate(plain, key=KEY, certificate=certificate) as front:
        settings.ELASTICSEARCH_URL = f"https://127.0.0.1:{front.port}"
        settings.ELASTICSEARCH_CA_FILE, settings.ELASTICSEARCH_API_KEY = certificate[0], KEY
        shelf.put(make("a", "党费", "党费"))
        assert uids(search("党费", VISITOR)) == ["a"]
        assert set(front.seen) == {f"ApiKey {KEY}"}

        settings.ELASTICSEARCH_API_KEY = "d3Jvbmc6a2V5"
        with pytest.raises(SearchUnavailable):
            search("党费", VISITOR)
        settings.ELASTICSEARCH_API_KEY, settings.ELASTICSEARCH_CA_FILE = KEY, ""
        with pytest.raises(SearchUnavailable):  # a certificate that nobody vouches for
            search("党费", VISITOR)
    settings.ELASTICSEARCH_URL = plain


@on_elastic
def test_one_of_several_addresses_is_enough(shelf, settings):
    shelf.put(make("a", "党费", "党费"))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{closed.getsockname()[1]},{settings.ELASTICSEARCH_URL}"

        for _ in range(4):
            assert uids(search("党费", VISITOR)) == ["a"]
        shelf.put(make("b", "党费", "党费"))

    assert sorted(uids(search("党费", VISITOR))) == ["a", "b"]


@on_elastic
def test_read_only_index_still_answers_and_catches_up(shelf):
    shelf.put(make("a", "党费", "党费"))
    engine = current_engine()
    (index,) = engine._indexes_with(engine.alias)
    engine.client.indices.put_settings(index=index, settings={"index.blocks.write": True})

    shelf.put(make("b", "党费", "党费"), make("a", "党费新题", "党费"))
    assert [hit.title for hit in search("党费", VISITOR).hits] == ["党费"]
    with pytest.raises(SearchUnavailable, match="block"):
        sweep()

    engine.client.indices.put_settings(index=index, settings={"index.blocks.write": False})
    assert sweep().repaired == 2
    assert sorted(hit.title for hit in search("党费", VISITOR).hits) == ["党费", "党费新题"]


@on_elastic
def test_slow_node_costs_one_reader_its_limit_and_the_others_nothing(shelf, settings, monkeypatch):
    shelf.put(make("a", "党费收缴", "党费"))
    monkeypatch.setattr(elastic, "READ_SECONDS", 0.4)
    plain = settings.ELASTICSEARCH_URL
    with gate(plain, pause=3.0) as front:
        settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{front.port}"
        started = time.monotonic()
        for _ in range(5):
            found = search_always("党费", VISITOR)
            assert (uids(found), found.is_reduced) == (["a"], True)
        assert time.monotonic() - started < 2.5
    settings.ELASTICSEARCH_URL = plain
    outage.forget_outage()
    assert not search_always("党费", VISITOR).is_reduced


@on_elastic
def test_index_deleted_by_somebody_is_built_again(shelf):
    shelf.put(*(make(f"d{number}", "党费", "党费") for number in range(5)))
    engine = current_engine()
    for index in engine._indexes_with(engine.alias):
        engine.client.indices.delete(index=index)
    assert search_always("党费", VISITOR).is_reduced

    assert sweep().rebuilt

    assert len(search("党费", VISITOR).hits) == 5


@on_elastic
def test_inventory_reads_page_behind_page(shelf, monkeypatch):
    shelf.put(*(make(f"d{number}", "党费", "党费") for number in range(7)))
    monkeypatch.setattr(elastic, "_SCAN_ROWS", 3)

    assert len(current_engine().inventory()) == 7
