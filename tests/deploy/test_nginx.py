"""`deploy/nginx.conf` in a real nginx: private files come from nginx, whole or in part, and only after Linghang said yes."""

from __future__ import annotations

import datetime as dt
import http.client
import io
import json
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.files.images import ImageFile
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from PIL import Image as Picture
from wagtail.models import Collection

from media_pipeline import ffbin
from portal.files.domain.videos import upload_video
from portal.files.models import PortalImage
from portal.ground.clock import now
from portal.ground.jobs import run_due_jobs
from portal.organisations.domain.audiences import organisation_audience
from tests.factories import make_branch, make_committee, make_member
from tests.media_pipeline.conftest import Clips
from tests.services.servers import answers, free_port, wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PROJECT_DIR = Path(__file__).resolve().parents[2]
NAME = "portal.example.cn"
MAIN = """
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {folder}/site.conf;
}}
"""


def make_certificate(folder: Path) -> None:
    """A certificate that nobody signed, under the names that the configuration wants."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    day = dt.timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = builder.not_valid_before(now() - day).not_valid_after(now() + day).sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


class Front:
    """nginx before the site."""

    def __init__(self, folder: Path, site: str, data: Path) -> None:
        self.folder, self.plain, self.port = folder, free_port(), free_port()
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        make_certificate(folder)
        text = (PROJECT_DIR / "deploy" / "nginx.conf").read_text()
        for theirs, ours, times in (
            ("server 127.0.0.1:8000", f"server {site}", 1),
            ("listen 80;", f"listen 127.0.0.1:{self.plain};", 1),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;", 1),
            ("/etc/ssl/linghang/", f"{folder}/", 2),
            ("alias /var/lib/linghang/", f"alias {data}/", 3),
        ):
            assert text.count(theirs) == times, theirs
            text = text.replace(theirs, ours)
        (folder / "site.conf").write_text(text)
        user = "user root;\n" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(user=user, folder=folder))
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        self.checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30, check=False)
        assert self.checked.returncode == 0, self.checked.stderr
        self.process = subprocess.Popen(command, process_group=0)
        wait_until(lambda: answers(self.port), "nginx")

    def get(self, path: str, client: Client | None = None, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        """What nginx answers to the person signed in on `client`."""
        trusting = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        trusting.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=trusting)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()) if client else ""
        try:
            connection.request("GET", path, headers={"Host": NAME, "Cookie": cookies, **headers})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def site() -> Iterator[str]:
    """Linghang on a port of its own. Not pytest's `live_server`: that one answers for /media/ by itself and asks nobody."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def front(tmp_path, settings, site) -> Iterator[Front]:
    data, folder = tmp_path / "data", tmp_path / "nginx"
    folder.mkdir()
    settings.MEDIA_ROOT, settings.MEDIA_PRIVATE_ROOT = data / "media", data / "private"
    settings.X_ACCEL_PREFIX = "/internal/"
    if not Collection.objects.exists():  # a test before this one has emptied the database
        Collection.add_root(name="Root")
    made = Front(folder, site, data)
    yield made
    made.stop()


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user, backend="portal.accounts.backends.LoginHandleBackend")
    return client


def test_private_picture_comes_from_nginx_in_parts_and_only_to_its_audience(front, settings):
    committee = make_committee()
    mine, theirs = make_branch(committee), make_branch(committee)
    data = io.BytesIO()
    Picture.effect_noise((400, 300), 90).save(data, "PNG")
    image = PortalImage.objects.create(
        title="合影",
        file=ImageFile(data, name="合影 2026.png"),
        audience=organisation_audience(mine),
        owner_organisation=mine,
    )
    rendition = image.get_rendition("width-300")
    whole = Path(rendition.file.path).read_bytes()
    insider, outsider = signed_in(make_member(mine).user), signed_in(make_member(theirs).user)

    answer, body = front.get(rendition.url, insider)
    part, some = front.get(rendition.url, insider, Range="bytes=100-299")
    refused = [front.get(rendition.url, who)[0].status for who in (outsider, None)]
    direct = [front.get(f"/internal/media/{rendition.file.name}", who)[0].status for who in (insider, None)]

    assert (answer.status, answer.headers["Content-Type"], body == whole) == (200, "image/png", True)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert (part.status, some == whole[100:300]) == (206, True)
    assert part.headers["Content-Range"] == f"bytes 100-299/{len(whole)}"
    assert (refused, direct) == ([404, 404], [404, 404])


def test_private_video_comes_from_nginx_in_parts_and_its_address_only_to_its_audience(front, tmp_path):
    committee = make_committee()
    mine, theirs = make_branch(committee), make_branch(committee)
    clip = Clips(ffbin.find_tools().ffmpeg, tmp_path).plain(1)
    with clip.open("rb") as handle:
        video = upload_video(
            handle, title="党课", owner_organisation=mine, audience=organisation_audience(mine), secrecy=0
        )
    run_due_jobs()
    insider, outsider = signed_in(make_member(mine).user), signed_in(make_member(theirs).user)
    asked = f"/files/videos/{video.uid}/playback"

    playback = json.loads(front.get(asked, insider)[1])
    address = playback["manifest"].replace("master.m3u8", "v0.m4s")
    whole, body = front.get(address, insider)
    part, some = front.get(address, insider, Range="bytes=10-19")
    beyond, _ = front.get(address, insider, Range=f"bytes={len(body)}-")
    known, _ = front.get(address, insider, **{"If-None-Match": whole.headers["ETag"]})

    assert (playback["state"], whole.status, len(body) > 1000) == ("ready", 200, True)
    assert (part.status, some == body[10:20]) == (206, True)
    assert (beyond.status, known.status) == (416, 304)
    assert [front.get(asked, who)[0].status for who in (outsider, None)] == [404, 404]
    assert front.get("/play/forged/v0.m4s", outsider)[0].status == 404
