"""An object store: the real S3 client talks to a small server that answers as S3 does."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core.files.storage import storages
from django.test import override_settings

from media_pipeline import operations, storage
from media_pipeline.intake import receive
from media_pipeline.models import Asset
from media_pipeline.playback import playback_for
from portal.config.settings.storage import storages_for
from portal.ground.jobs import run_due_jobs


class _Bucket(BaseHTTPRequestHandler):
    """PUT, GET with a range, HEAD, DELETE and a list, with path-style addresses."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    ranges: list[str]

    def log_message(self, *_arguments):
        pass

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/bucket").lstrip("/")

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.get("length", str(len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self):
        if self.headers.get("Transfer-Encoding") == "chunked" or "aws-chunked" in self.headers.get(
            "Content-Encoding", ""
        ):
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.objects[self._key()] = body
        self._answer(200, ETag='"1"')

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query or "prefix" in query:
            prefix = query.get("prefix", [""])[0]
            rows = "".join(
                f"<Contents><Key>{key}</Key><Size>1</Size></Contents>"
                for key in sorted(self.objects)
                if key.startswith(prefix)
            )
            body = (
                f"<ListBucketResult><IsTruncated>false</IsTruncated><Prefix>{prefix}</Prefix>{rows}</ListBucketResult>"
            )
            return self._answer(200, body.encode(), Content_Type="application/xml")
        if self._key() not in self.objects:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", Content_Type="application/xml")
        whole = self.objects[self._key()]
        asked = self.headers.get("Range", "")
        self.ranges.append(asked)
        if found := re.fullmatch(r"bytes=(\d+)-(\d+)", asked):
            first, last = int(found[1]), min(int(found[2]), len(whole) - 1)
            return self._answer(206, whole[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(whole)}")
        return self._answer(200, whole)

    def do_HEAD(self):
        if self._key() not in self.objects:
            return self._answer(404)
        return self._answer(200, length=str(len(self.objects[self._key()])), ETag='"1"')

    def do_DELETE(self):
        self.objects.pop(self._key(), None)
        self._answer(204)


@pytest.fixture
def bucket():
    handler = type("Bucket", (_Bucket,), {"objects": {}, "ranges": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"s3://KEY:SECRET@bucket?endpoint=http://127.0.0.1:{server.server_port}&region=cn"
    with override_settings(STORAGES=storages_for(address)):
        yield handler
        storages["default"].connection.meta.client.close()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.slow
@pytest.mark.django_db
def test_video_in_an_object_store_is_processed_played_by_ranges_and_removed(
    bucket, clips, client, private_root, django_capture_on_commit_callbacks
):
    with clips.plain().open("rb") as handle:
        asset = receive(handle, title="对象存储")
    assert list(bucket.objects) == [f"private/originals/{asset.uid}"]

    run_due_jobs()

    asset = Asset.objects.get(pk=asset.pk)
    assert (asset.state, asset.failure) == ("ready", "")
    folder = f"private/{asset.current_version.folder}"
    assert sorted(key.removeprefix(folder) for key in bucket.objects if key.startswith(folder)) == [
        "/a0.m3u8", "/a0.m4s", "/poster.jpg", "/v0.m3u8", "/v0.m4s", "/v1.m3u8", "/v1.m4s",
    ]  # fmt: skip
    assert [path for path in private_root.rglob("*") if path.is_file()] == [], "nothing stays on this machine"

    bucket.ranges.clear()
    base = playback_for(asset, "user:1").manifest_url.removesuffix("master.m3u8")
    answer = client.get(base + "v0.m4s", headers={"Range": "bytes=100-299"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (
        206,
        bucket.objects[f"{folder}/v0.m4s"][100:300],
    )
    assert bucket.ranges == ["bytes=100-299"], "only the part is fetched"

    with django_capture_on_commit_callbacks(execute=True):
        operations.delete(asset)
    assert bucket.objects == {}


@pytest.mark.django_db
def test_file_that_an_object_store_lacks_is_missing(bucket):
    remote = storage.store()

    with pytest.raises(storage.StoredFileMissing):
        remote.size("originals/nothing")
    with pytest.raises(storage.StoredFileMissing):
        remote.blocks("originals/nothing", 0, 10)
