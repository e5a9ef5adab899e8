"""Files that somebody made to harm, or that were harmed on the way."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest

from portal.exchange.domain import receiving
from portal.exchange.domain.kinds.organisations import Organisations
from portal.exchange.domain.package import format as package_format
from portal.exchange.domain.package.envelope import sign
from portal.exchange.domain.package.format import RefusedPackage
from portal.exchange.models import Partner, ReceivedPackage
from portal.ground import exchange as declared
from portal.ground.exchange import ExchangeKind, Matches
from portal.organisations.models import Organisation
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.portal.exchange import makers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """The sub-unit's site trusts the superior and is empty; with a package for it."""
    with makers.made_once(django_db_blocker) as settings:
        upper, lower = makers.two_sites(settings)
        content = makers.package_for(makers.trust(lower), makers.make_register())
        makers.wipe()
        lower.be()
        makers.trust(upper)
        yield upper, lower, content


@pytest.fixture
def sites(made, settings):
    """The same, and the sub-unit's site is on."""
    upper, lower, content = made
    here = makers.at_hand(lower, settings)
    here.be()
    return makers.at_hand(upper, settings), here, content


def entries(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files, **kwargs):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kwargs.get("method", zipfile.ZIP_DEFLATED)) as archive:
        for name, body in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, body)
    return target.getvalue()


def signed_anew(sites, content, change):
    """The package as the superior itself would sign it after `change` on its entries and manifest."""
    upper, lower, _content = sites
    files = entries(content)
    manifest = json.loads(files["manifest.json"])
    change(files, manifest)
    raw = json.dumps(manifest, ensure_ascii=False).encode()
    upper.be()
    files["manifest.json"], files["manifest.sig"] = raw, sign(raw).encode()
    lower.be()
    return zipped(files)


def refusal(content):
    with pytest.raises(RefusedPackage) as caught:
        receiving.receive(make_user(is_superuser=True), "x.zip", content)
    assert not ReceivedPackage.objects.exists()
    return str(caught.value)


def test_truncated_file_is_refused(sites):
    assert "不完整" in refusal(sites[2][:-100])
    assert "不完整" in refusal(sites[2][: len(sites[2]) // 2])
    assert "不完整" in refusal(b"")


def test_forged_signature_is_refused(sites):
    files = entries(sites[2])
    files["manifest.sig"] = sign(files["manifest.json"]).encode()  # by us, not by them

    assert "签名不符" in refusal(zipped(files))


def test_changed_manifest_is_refused(sites):
    files = entries(sites[2])
    files["manifest.json"] = files["manifest.json"].replace(b'"serial":1', b'"serial":7')

    assert "签名不符" in refusal(zipped(files))


def test_one_changed_byte_in_a_part_is_refused(sites):
    files = entries(sites[2])
    files["parts/organisations.jsonl"] = files["parts/organisations.jsonl"].replace(b'"B', b'"C', 1)

    assert "与签名的目录不符" in refusal(zipped(files))


@pytest.mark.parametrize("name", ["../../etc/passwd", "parts/../x.jsonl", "/parts/a.jsonl", "parts/a.txt", "notes.txt"])
def test_entry_that_leads_elsewhere_is_refused(sites, name):
    assert "不该有的文件" in refusal(zipped({**entries(sites[2]), name: b"x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_doubled_entry_is_refused(sites):
    files = entries(sites[2])

    assert "不该有的文件" in refusal(zipped([*files.items(), ("manifest.json", files["manifest.json"])]))


def test_bomb_is_refused_before_it_goes_off(sites, monkeypatch):
    monkeypatch.setattr("portal.exchange.domain.package.unpacking.MAX_UNPACKED_BYTES", 3_000_000)
    files = {**entries(sites[2]), "parts/bomb.jsonl": bytes(10_000_000)}

    assert "解开后太大" in refusal(zipped(files))


def test_bomb_that_lies_about_its_size_is_refused(sites):
    """The central directory says 10 bytes; what is inside does not stop there."""
    files = entries(sites[2])
    files["parts/organisations.jsonl"] += bytes(10_000_000)
    content = zipped(files)

    assert "与签名的目录不符" in refusal(content)


def test_package_for_somebody_else_is_refused(settings):
    upper, lower = makers.two_sites(settings)
    content = makers.package_for(makers.trust(lower), makers.make_register())
    makers.wipe()
    _x, third = makers.two_sites(settings)
    third.be()
    makers.trust(upper)

    assert "不是发给本站的" in refusal(content)


def test_package_of_an_unconfirmed_or_ended_site_is_refused(sites):
    for state in (Partner.State.WAITING, Partner.State.ENDED):
        Partner.objects.update(state=state)
        assert "不在本站已确认的站点之列" in refusal(sites[2])


def test_newer_format_is_refused_with_a_clear_sentence(sites):
    newer = signed_anew(sites, sites[2], lambda _files, manifest: manifest.update(version=2))

    assert refusal(newer) == "数据包是第 2 版格式，本站只认识到第 1 版；请先升级本站，再导入。"


def test_older_format_is_read_through_its_upgrade(sites, monkeypatch):
    """As it will be with form 2: the manifest of form 1 is brought forward before it is read."""
    monkeypatch.setattr(package_format, "VERSION", 2)
    monkeypatch.setitem(
        package_format.UPGRADES, 1, lambda manifest: {**manifest, "purpose": "升级：" + manifest["purpose"]}
    )

    row = makers.take_in(sites[2])

    assert (row.state, row.purpose) == (ReceivedPackage.State.DONE, "升级：年度数据上报")


def test_older_rows_are_read_through_their_upgrade_and_newer_ones_refused(sites, monkeypatch):
    monkeypatch.setattr(Organisations, "version", 2)
    monkeypatch.setattr(Organisations, "upgrades", {1: lambda row: {**row, "name": row["name"] + "（新）"}})
    makers.take_in(sites[2])
    assert Organisation.objects.get(depth=1).name == "江川公司党委（新）"

    monkeypatch.setattr(Organisations, "version", 1)
    newer = signed_anew(sites, sites[2], lambda _f, manifest: manifest["parts"][0].update(version=2))
    with pytest.raises(RefusedPackage, match="由更新的版本生成"):
        receiving.receive(make_user(is_superuser=True), "x.zip", newer)


def test_unknown_kind_is_kept_out_with_a_notice(sites):
    def change(files, manifest):
        body = b'{"uid":"019000aa-0000-7000-8000-000000000001"}\n'
        files["parts/dues.jsonl"] = body
        part = {"kind": "dues", "version": 1, "file": "parts/dues.jsonl", "rows": 1, "size_bytes": len(body)}
        manifest["parts"].append({**part, "sha256": hashlib.sha256(body).hexdigest()})

    row = makers.take_in(signed_anew(sites, sites[2], change))

    assert row.state == ReceivedPackage.State.DONE
    assert row.notices == ["包里有本站没有的内容（dues），未导入；装上相应的插件后可再导入一次。"]


def test_kind_of_a_plugin_goes_along(sites, settings, monkeypatch):
    """A kind is registered and nothing else is done: it is packed, compared and written like the others."""
    written = []

    class Notes(ExchangeKind):
        name, version, order, label = "notes", 1, 100, "便条"
        fields = {"text": "内容"}

        def export(self, scope, only=None):
            if only is None and scope.path:
                yield {"uid": "019000aa-0000-7000-8000-000000000001", "text": "你好"}

        def read(self, row, book):
            return row

        def match(self, rows, scope, known):
            return Matches({})

        def write(self, items, writing):
            written.extend(item.row["text"] for item in items)

        def title(self, row):
            return row["text"]

    upper, lower, _content = sites
    upper.be()
    monkeypatch.setitem(declared._kinds, "notes", Notes())
    content = makers.package_for(makers.trust(lower), make_committee())
    lower.be()

    row = makers.take_in(content, rest="theirs")

    assert row.counts["notes"]["new"] == 1
    assert written == ["你好"]


def test_superiors_package_changes_no_organisation_where_the_person_who_takes_it_in_has_no_say(sites):
    """Somebody who keeps one unit's data cannot reach a neighbour's by a package, whoever signed it."""
    makers.take_in(sites[2])
    top, workshop = Organisation.objects.get(depth=1), Organisation.objects.get(name="检修党总支")
    neighbour = make_branch(top, "邻近党支部")

    def change(files, manifest):
        rows = [json.loads(line) for line in files["parts/organisations.jsonl"].splitlines()]
        inside = [row for row in rows if row["name"] in ("检修党总支", "检修第一党支部", "运行党支部")]
        inside[0]["parent"] = None
        inside[-1] |= {"uid": str(neighbour.uid), "code": neighbour.code, "name": "改名", "parent": inside[0]["uid"]}
        body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in inside).encode()
        files["parts/organisations.jsonl"] = body
        manifest["scope"] = {"uid": inside[0]["uid"], "code": inside[0]["code"], "name": inside[0]["name"]}
        manifest["serial"] = 2
        part = manifest["parts"][0]
        part |= {"rows": len(inside), "size_bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        for other in manifest["parts"][1:]:
            files[other["file"]] = b""
            other |= {"rows": 0, "size_bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}

    row = makers.looked_at(signed_anew(sites, sites[2], change), make_staff("admin", workshop))

    assert row.state == ReceivedPackage.State.REFUSED
    assert "邻近党支部" in row.note
