"""Manifests are data; a bad one says what to change."""

import pytest

from plugins.host.manifest import BadManifest, read_manifest, satisfies, sdk_version
from plugins.sdk import __version__
from tests.plugins.host.broken import MANIFEST


def _read(tmp_path, text):
    path = tmp_path / "plugin.toml"
    path.write_text(text, encoding="utf-8")
    return read_manifest(path)


def test_manifest_in_order_is_read_whole(tmp_path):
    manifest = _read(tmp_path, MANIFEST.format(slug="trial", sdk=">=1.0,<2", extra='requires = { points = ">=1.0" }'))

    assert (manifest.slug, manifest.name_zh, manifest.name_en) == ("trial", "试验", "Trial")
    assert (manifest.version, manifest.sdk, manifest.requires, manifest.scope) == (
        "1.0.0",
        ">=1.0,<2",
        {"points": ">=1.0"},
        "site",
    )


@pytest.mark.parametrize(
    ("slug", "sdk", "extra", "message"),
    [
        ("trial", ">=1.0", "colour = 1", r"不认识的键 \(unknown key\): colour"),
        ("trial", "one", "", "版本要求“one”看不懂"),
        ("Trial", ">=1.0", "", "slug“Trial”不可用"),
        ("admin", ">=1.0", "", "slug“admin”不可用"),
        ("a-b", ">=1.0", "", "slug“a-b”不可用"),
        ("trial", ">=1.0", 'scope = "world"', "scope“world”不可用"),
        ("trial", ">=1.0", 'scope = "system"', "switched for each site: scope is site, or left out"),
        ("trial", ">=1.0", "requires = 3", "requires 应如"),
        ("trial", ">=1.0", 'requires = { points = "new" }', "版本要求“new”看不懂"),
        ("trial", ">=1.0", "= 3", "不是有效的 TOML"),
    ],
)
def test_manifest_with_a_mistake_is_refused_with_what_is_wrong(tmp_path, slug, sdk, extra, message):
    with pytest.raises(BadManifest, match=message):
        _read(tmp_path, MANIFEST.format(slug=slug, sdk=sdk, extra=extra))


def test_manifest_without_a_needed_key_is_refused(tmp_path):
    with pytest.raises(BadManifest, match=r"缺少 .*: name, sdk, version"):
        _read(tmp_path, 'slug = "trial"')


def test_manifest_with_one_language_is_refused(tmp_path):
    with pytest.raises(BadManifest, match=r"name needs zh and en"):
        _read(tmp_path, MANIFEST.format(slug="trial", sdk=">=1.0", extra="").replace(', en = "Trial"', ""))


@pytest.mark.parametrize(
    ("version", "clauses", "answer"),
    [
        ("1.0.0", ">=1.0,<2", True),
        ("1.9.9", ">=1.0,<2", True),
        ("2.0.0", ">=1.0,<2", False),
        ("0.9", ">=1.0", False),
        ("1.2.3", "==1.2.3", True),
        ("1.2.3", "!=1.2.3", False),
        ("1.10", ">1.9", True),
        ("1.2", "<=1.2", True),
    ],
)
def test_satisfies_compares_numbers_not_letters(version, clauses, answer):
    assert satisfies(version, clauses) is answer


def test_sdk_version_read_as_text_is_the_real_one():
    assert sdk_version() == __version__
