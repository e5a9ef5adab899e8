"""The public API changes only when somebody says so: names and signatures are compared with a snapshot."""

import difflib
import os
import warnings

import pytest

from plugins.sdk import __version__ as sdk_version
from plugins.sdk.deprecation import Deprecation, PublicApiDeprecation, _known, deprecated, deprecations
from portal.public import __version__ as public_version
from tests.architecture import public_api

pytestmark = pytest.mark.once

WHAT_TO_DO = """
The public API for plugins is not what the snapshot says (+ is new, - is gone or was different).

- Something came (a name, a parameter with a default, a field with a default): raise the minor version in
  plugins/sdk/version.py or portal/public/version.py, add it to its page in docs/plugins/ and a line to CHANGELOG.md.
- Something goes or changes its meaning: do not take it away. Mark it with plugins.sdk.deprecation.deprecated(since, instead=...);
  it warns for two minor versions. Events and contexts only gain fields; what must change comes as a second version beside it.
- Then write the snapshot anew:  UPDATE_PUBLIC_API=1 pytest tests/architecture/test_public_api.py
  and look at what it changed.
"""


def test_public_api_is_as_the_snapshot_says():
    now = public_api.lines()
    if os.environ.get("UPDATE_PUBLIC_API"):
        public_api.SNAPSHOT.write_text("\n".join(now) + "\n", encoding="utf-8")
    before = public_api.SNAPSHOT.read_text(encoding="utf-8").splitlines()

    changed = list(difflib.unified_diff(before, now, "snapshot", "code", lineterm="", n=0))

    assert changed == [], "\n".join([WHAT_TO_DO, *changed])


def test_snapshot_holds_every_part_and_both_versions():
    """Guards the comparison against comparing nothing."""
    text = public_api.SNAPSHOT.read_text(encoding="utf-8")

    assert f"plugins.sdk.__version__ = '{sdk_version}'" in text
    assert f"portal.public.__version__ = '{public_version}'" in text
    assert all(f"\n{name}." in text for name in public_api.MODULES)
    assert len(text.splitlines()) > 250


def test_a_changed_signature_is_seen(monkeypatch):
    from portal.public import facts

    before = public_api.lines()

    def member_of(user, more):
        """Changed."""

    member_of.__module__ = facts.__name__
    monkeypatch.setattr(facts, "member_of", member_of)

    assert set(public_api.lines()) ^ set(before) == {
        "portal.public.facts.member_of(user, more)",
        "portal.public.facts.member_of(user: Any) -> MemberFacts | None",
    }


# --- deprecations -------------------------------------------------------------------------------------------------------
@pytest.fixture
def marked():
    before = dict(_known)
    yield
    _known.clear()
    _known.update(before)


def test_deprecated_function_warns_where_it_is_called_and_still_works(marked):
    @deprecated("1.1", instead="facts.members_of")
    def old(number: int) -> int:
        """As ever."""
        return number + 1

    with pytest.warns(
        PublicApiDeprecation, match=r"old is deprecated since 1\.1 and goes in 1\.3: use facts\.members_of"
    ) as seen:
        assert old(1) == 2

    assert seen[0].filename == __file__
    assert old.__doc__ == "As ever."
    assert deprecations()[-1].name.endswith("old")


def test_deprecated_class_warns_when_it_is_made(marked):
    @deprecated("1.4", instead="Card")
    class Old:
        def __init__(self, label: str) -> None:
            self.label = label

    with pytest.warns(PublicApiDeprecation, match=r"goes in 1\.6"):
        assert Old("甲").label == "甲"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(Old, type)


@pytest.mark.parametrize(
    ("version", "over"), [("1.1.0", False), ("1.2.9", False), ("1.3.0", True), ("2.0.0", True), ("1.10.0", True)]
)
def test_deprecation_lasts_two_minor_versions(version, over):
    assert Deprecation("x", "1.1", "y").is_over(version) is over


def test_nothing_stays_that_should_have_gone():
    public_api.lines()

    assert [one.name for one in deprecations() if one.is_over(sdk_version)] == []


def test_bundled_plugins_are_kept_from_every_part_of_the_core_but_the_public_one():
    import tomllib

    root = public_api.SNAPSHOT.parents[2]
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    kept = next(one for one in contracts if one.get("source_modules") == ["plugins.bundled"])["forbidden_modules"]
    core = {f"portal.{folder.name}" for folder in (root / "portal").iterdir() if (folder / "__init__.py").exists()}

    assert core - {"portal.public"} - set(kept) == set()
    assert {"plugins.host", "search", "media_pipeline"} <= set(kept)


def _squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize("module", [name for name in public_api.MODULES if name.startswith("portal.public.")])
def test_every_name_of_the_public_part_is_documented_with_its_exact_signature(module):
    import importlib
    import inspect

    part = importlib.import_module(module)
    page = (public_api.SNAPSHOT.parents[2] / "docs/plugins/public-api.md").read_text(encoding="utf-8")

    missing = [name for name in public_api.public_names(part) if f"{name}" not in page]
    functions = [
        f"{name}{public_api.signature(getattr(part, name))}"
        for name in public_api.public_names(part)
        if inspect.isfunction(getattr(part, name)) and getattr(part, name).__module__ == module
    ]

    assert missing == []
    assert [text for text in functions if _squeezed(text) not in _squeezed(page)] == []
