"""The documentation is the API: every public name has its page there, with its exact signature."""

import inspect
import re
from pathlib import Path

import pytest

from plugins import sdk
from plugins.host import registry
from plugins.sdk import api as sdk_api
from plugins.sdk import declarations
from plugins.sdk.demo import DemoContext, loaders
from plugins.testing import PluginContract
from portal.public import notices

DOCS = Path(__file__).resolve().parents[2] / "docs" / "plugins"
NO_SIGNATURE = {"__version__", "BUSINESS_ZONE"}


def signature_of(name, thing):
    """`Name(field: type = default, ...)` as the pages write it."""
    if isinstance(thing, type) and issubclass(thing, BaseException):
        return f"class {name}({thing.__base__.__name__})"
    parts, starred = [], False
    for parameter in inspect.signature(thing).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        mark = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        text = f"{mark}{parameter.name}"
        if parameter.annotation is not parameter.empty:
            annotation = parameter.annotation
            text += f": {annotation if isinstance(annotation, str) else annotation.__name__}"
        if parameter.default is not parameter.empty:
            default = parameter.default
            text += " = ..." if "factory" in repr(default) or callable(default) else f" = {default!r}"
        parts.append(text)
    return f"{name}({', '.join(parts)})"


def _squeezed(text):
    return re.sub(r"\s+", "", text.replace('"', "'")).replace(",)", ")")


def _all_code():
    code = "\n".join(
        fence for page in DOCS.glob("*.md") for fence in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    )
    return _squeezed(code)


@pytest.mark.parametrize("name", sorted(set(sdk.__all__) - NO_SIGNATURE))
def test_every_public_name_is_documented_with_its_exact_signature(name):
    assert _squeezed(signature_of(name, getattr(sdk, name))) in _all_code(), signature_of(name, getattr(sdk, name))


def test_demo_api_is_documented_with_its_exact_signature():
    for name, thing in (("DemoContext", DemoContext), ("loaders", loaders)):
        assert _squeezed(signature_of(name, thing)) in _all_code()


@pytest.mark.parametrize("name", ["HoldersOf", "MembersNamed", "MembersWithin", "close_task", "notify", "open_task"])
def test_telling_people_is_documented_with_its_exact_signature(name):
    assert _squeezed(signature_of(name, getattr(notices, name))) in _all_code()


def test_every_rule_of_the_contract_kit_is_documented():
    page = (DOCS / "testing.md").read_text()
    rules = [name for name in dir(PluginContract) if name.startswith("test_")]

    assert [rule for rule in rules if rule.removeprefix("test_").replace("_", " ") not in page] == []


def test_every_page_is_linked_from_the_start():
    start = (DOCS / "README.md").read_text()

    assert [page.name for page in DOCS.glob("*.md") if page.name != "README.md" and f"({page.name})" not in start] == []


def test_every_attribute_of_a_plugin_is_documented():
    page = (DOCS / "plugin.md").read_text()
    attributes = [
        name for name in vars(sdk.Plugin) if not name.startswith("_") and not callable(getattr(sdk.Plugin, name))
    ]

    assert [name for name in attributes if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", ["ApiRefusal", "allows", "listing"])
def test_api_helpers_are_documented_with_their_exact_signature(name):
    assert _squeezed(signature_of(name, getattr(sdk_api, name))) in _all_code(), signature_of(
        name, getattr(sdk_api, name)
    )


DECLARATIONS = sorted(
    name for name in declarations.__all__ if name not in {"Labelled", "Place", "Refusal", "Figure", "Argument"}
)
ATTRIBUTES = {name for name in vars(sdk.Plugin) if not name.startswith("_") and not callable(getattr(sdk.Plugin, name))}


def _snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _declared():
    """Everything that the bundled plugins declare, by attribute."""
    return {name: [getattr(plugin, name) for plugin in registry.plugins()] for name in ATTRIBUTES}


@pytest.mark.parametrize("name", DECLARATIONS)
def test_every_declaration_is_used_by_a_bundled_plugin(name):
    kind = getattr(declarations, name)
    values = [value for found in _declared().values() for value in found]
    items = [item for value in values for item in (value if isinstance(value, list | tuple) else [value])]

    assert any(isinstance(item, kind) for item in items)


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_every_attribute_is_used_by_a_bundled_plugin(name):
    assert any(_declared()[name])


@pytest.mark.parametrize("name", DECLARATIONS)
def test_every_declaration_has_a_test_named_after_it(name):
    tests = "\n".join(path.read_text() for path in DOCS.parents[1].glob("tests/**/test_*.py"))

    assert re.search(rf"def test_\w*{_snake(name)}", tests), f"no test is named after {name}"
