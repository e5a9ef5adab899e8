"""Plugins that are broken in every way there is: each is left out with its reason, and the sound one beside it is loaded."""

import sys

import pytest

from plugins.host import discovery
from plugins.host.discovery import discover
from plugins.host.operator_list import OperatorList, read_list, write_list
from tests.plugins.host.broken import BROKEN, write_plugin

SETTINGS = "portal.config.settings.test"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder on the import path for plugins, and a data folder."""
    for name in ("code", "data", "none"):
        (tmp_path / name).mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    return tmp_path


def _discover(place, *slugs, **options):
    options = {"try_imports": False, "bundled_dir": place / "none", "settings_module": SETTINGS, **options}
    return discover(
        data_dir=place / "data", external=slugs, external_points=lambda: [(slug, slug) for slug in slugs], **options
    )


def _reasons(found):
    return {plugin.slug: plugin.reason for plugin in found.left_out}


@pytest.mark.once
@pytest.mark.slow
def test_every_broken_plugin_is_left_out_with_its_reason_and_the_sound_one_is_loaded(place, monkeypatch):
    monkeypatch.setattr(discovery, "TRIAL_CPU_SECONDS", 15)
    monkeypatch.setattr(discovery, "TRIAL_SECONDS", 45)
    for slug, broken in BROKEN.items():
        write_plugin(place / "code", slug, sdk=broken.sdk, extra=broken.extra, files=broken.files)
    write_plugin(place / "code", "sound")
    write_plugin(place / "code", "needsraising", extra='requires = { raising = ">=1.0" }')
    every = (*BROKEN, "needsraising", "sound")

    found = _discover(place, *every, try_imports=True)

    reasons = _reasons(found)
    assert found.installed_apps == ["sound"]
    assert {slug: reasons[slug] for slug, broken in BROKEN.items() if broken.reason not in reasons[slug]} == {}
    assert "缺少它需要的插件 raising" in reasons["needsraising"]
    assert [name for name in sys.modules if name.split(".")[0] in BROKEN] == []
    monkeypatch.setattr(discovery, "_trial", lambda *_: pytest.fail("tried again"))
    assert _discover(place, *every, try_imports=True) == found


def test_sound_plugins_that_do_not_get_on_are_found_by_adding_them_one_by_one(place, monkeypatch):
    tried = []

    def trial(plugins, _settings):
        tried.append({plugin.slug for plugin in plugins})
        return "clash" if {"aaa", "ccc"} <= tried[-1] else "broken" if "bbb" in tried[-1] else ""

    monkeypatch.setattr(discovery, "_trial", trial)
    for slug in ("aaa", "bbb", "ccc"):
        write_plugin(place / "code", slug)

    found = _discover(place, "aaa", "bbb", "ccc", try_imports=True)

    assert found.installed_apps == ["aaa"]
    assert _reasons(found) == {
        slug: f"试载入失败 (cannot be imported): {why}" for slug, why in (("bbb", "broken"), ("ccc", "clash"))
    }


def test_portal_that_does_not_start_without_plugins_either_leaves_none_of_them_out(place, monkeypatch):
    monkeypatch.setattr(discovery, "_trial", lambda *_: "the portal's own fault")
    for slug in ("aaa", "bbb"):
        write_plugin(place / "code", slug)

    assert _discover(place, "aaa", "bbb", try_imports=True).installed_apps == ["aaa", "bbb"]


def test_slug_of_the_core_is_taken(place):
    write_plugin(place / "code", "news")

    found = _discover(place, "news", taken=["news", "school"])

    assert "slug taken by the portal itself" in _reasons(found)["news"]


def test_bundled_plugin_wins_over_an_external_one_of_the_same_slug_which_says_why(place):
    write_plugin(place / "bundle", "quiz", prefix="bundle")
    write_plugin(place / "code", "quiz")

    found = _discover(place, "quiz", bundled_dir=place / "bundle", bundled_package="bundle")

    assert found.installed_apps == ["bundle.quiz"]
    assert "slug taken by another plugin" in _reasons(found)["quiz-2"]


def test_plugins_that_require_each_other_are_left_out_with_those_that_need_them(place):
    for slug, other in (("aaa", "bbb"), ("bbb", "ccc"), ("ccc", "aaa"), ("ddd", "aaa"), ("xxx", "yyy"), ("yyy", "xxx")):
        write_plugin(place / "code", slug, extra=f'requires = {{ {other} = ">=1.0" }}')
    write_plugin(place / "code", "sound")

    found = _discover(place, "aaa", "bbb", "ccc", "ddd", "xxx", "yyy", "sound")

    assert found.installed_apps == ["sound"]
    assert "aaa → bbb → ccc → aaa" in _reasons(found)["bbb"]
    assert "xxx → yyy → xxx" in _reasons(found)["yyy"]
    assert "缺少它需要的插件 aaa" in _reasons(found)["ddd"]


def test_requirement_that_is_too_old_is_named_with_both_versions(place):
    write_plugin(place / "code", "base")
    write_plugin(place / "code", "upper", extra='requires = { base = ">=1.5" }')

    assert "需要 base >=1.5，现有 1.0.0" in _reasons(_discover(place, "base", "upper"))["upper"]


def test_plugin_is_named_by_its_folder_and_a_taken_module_name_is_refused(tmp_path):
    for name in ("data", "none"):
        (tmp_path / name).mkdir()
    folder = write_plugin(tmp_path / "mine", "freshplugin")
    thief = write_plugin(tmp_path / "mine", "json")
    options = {"data_dir": tmp_path / "data", "bundled_dir": tmp_path / "none", "try_imports": False}
    before = list(sys.path)
    try:
        found = discover(decided=OperatorList((str(folder), str(thief), str(tmp_path / "gone"))), **options)
    finally:
        sys.path[:] = before

    assert found.installed_apps == ["freshplugin"]
    assert "another module has this name" in _reasons(found)["json"]
    assert "no such folder" in _reasons(found)["gone"]


def test_removed_bundled_plugin_stays_out_until_it_is_added_again(place):
    write_plugin(place / "bundle", "quiz", prefix="bundle")
    options = {"bundled_dir": place / "bundle", "bundled_package": "bundle"}

    out = _discover(place, decided=OperatorList(removed=("quiz",)), **options)

    assert "plugins add quiz" in _reasons(out)["quiz"]
    assert _discover(place, decided=OperatorList(), **options).installed_apps == ["bundle.quiz"]


def test_operators_list_survives_and_a_damaged_one_is_said_and_never_overwritten(tmp_path):
    decided = OperatorList().with_external("a").with_external("a").with_removed("b")

    write_list(tmp_path, decided)

    assert read_list(tmp_path) == OperatorList(("a",), ("b",))
    assert read_list(tmp_path).without_external("a").without_removed("b") == OperatorList()
    (tmp_path / "plugins.json").write_text('{"external": 3}')
    damaged = read_list(tmp_path)
    assert damaged.external == ()
    assert "plugins.json" in damaged.problem
    with pytest.raises(ValueError, match=r"plugins\.json"):
        write_list(tmp_path, damaged)
