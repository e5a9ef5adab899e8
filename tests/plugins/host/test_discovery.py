"""What discovery leaves out, and why: manifests and syntax without running code, imports by a child process."""

import pytest

from plugins.host.discovery import PluginsRefused, discover
from tests.plugins.host.broken import write_plugin

SETTINGS = "portal.config.settings.test"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder on the import path for plugins, and a data folder."""
    (tmp_path / "code").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "none").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    return tmp_path


def _discover(place, *slugs, **options):
    options = {"try_imports": False, "bundled_dir": place / "none", "settings_module": SETTINGS, **options}
    return discover(
        data_dir=place / "data", external=slugs, external_points=lambda: [(slug, slug) for slug in slugs], **options
    )


def _reasons(found):
    return {plugin.slug: plugin.reason for plugin in found.left_out}


def test_discover_finds_bundled_plugins_by_their_manifests_in_order_of_need(place):
    top = place / "bundle"
    write_plugin(top, "aaa", extra='requires = { zzz = ">=1.0" }', prefix="bundle")
    write_plugin(top, "zzz", prefix="bundle")

    found = _discover(place, bundled_dir=top, bundled_package="bundle")

    assert found.installed_apps == ["bundle.zzz", "bundle.aaa"]


def test_discover_external_plugin_is_loaded_only_when_named(place):
    write_plugin(place / "code", "extern")
    points = {
        "external_points": lambda: [("extern", "extern")],
        "data_dir": place / "data",
        "bundled_dir": place / "none",
    }

    assert discover(try_imports=False, **points).found == ()
    assert discover(external=["extern"], try_imports=False, **points).installed_apps == ["extern"]


def test_discover_in_safe_mode_leaves_external_plugins_out(place):
    write_plugin(place / "code", "extern")

    found = _discover(place, "extern", safe_mode=True)

    assert _reasons(found) == {"extern": "安全模式下不载入外部插件 (PLUGINS_SAFE_MODE)"}


def test_discover_named_but_not_installed_is_said(place):
    found = discover(
        data_dir=place / "data", external=["ghost"], external_points=list, bundled_dir=place / "none", try_imports=False
    )

    assert [(plugin.slug, plugin.reason[:7]) for plugin in found.left_out] == [("ghost", "已由操作员列出")]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"extra": "colour = 1"}, "unknown key"),
        ({"files": {"plugin.py": "def broken(:\n"}}, "plugin.py 第 1 行有语法错误"),
        ({"files": {"models.py": "x = (\n"}}, "models.py 第 1 行有语法错误"),
        ({"sdk": ">=9.0"}, "需要 SDK >=9.0"),
        ({"extra": 'requires = { ghost = ">=1.0" }'}, "缺少它需要的插件 ghost"),
    ],
)
def test_discover_leaves_out_what_cannot_work_without_running_it(place, options, reason):
    write_plugin(place / "code", "broken", **options)
    write_plugin(place / "code", "sound")

    found = _discover(place, "broken", "sound")

    assert found.installed_apps == ["sound"]
    assert list(_reasons(found)) == ["broken"]
    assert reason in _reasons(found)["broken"]


def test_discover_slug_unlike_the_package_is_left_out(place):
    folder = write_plugin(place / "code", "named")
    folder.rename(place / "code" / "other")

    found = discover(
        data_dir=place / "data",
        external=["x"],
        external_points=lambda: [("x", "other")],
        bundled_dir=place / "none",
        try_imports=False,
    )

    assert _reasons(found) == {"named": "slug“named”与包名“other”不同 (slug differs from the package's name)"}


def test_discover_plugin_whose_need_is_left_out_is_left_out_too(place):
    write_plugin(place / "code", "base", extra="colour = 1")
    write_plugin(place / "code", "upper", extra='requires = { base = ">=1.0" }')

    found = _discover(place, "base", "upper")

    assert found.installed_apps == []
    assert "缺少它需要的插件 base" in _reasons(found)["upper"]


def test_discover_strict_turns_every_skip_into_an_error(place):
    write_plugin(place / "code", "broken", extra="colour = 1")

    with pytest.raises(PluginsRefused, match=r"broken: .*unknown key.*: colour"):
        _discover(place, "broken", strict=True)
