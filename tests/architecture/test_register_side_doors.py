"""Members, organisations, posts and what belongs to them are written by the domain only: the rest is named here with why."""

import ast
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from wagtail.admin.viewsets import viewsets
from wagtail.snippets.models import get_snippet_models

from portal.config.environment import PROJECT_DIR

MODELS = {"Member", "Membership", "MemberFile", "Organisation", "Post", "Term", "OrganisationEvent"}
WRITING = {
    "create",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "update",
    "delete",
    "add_root",
    "add_child",
}
DOMAIN = ("portal/organisations/domain/", "portal/members/domain/")
ELSEWHERE = {
    "portal/exchange/domain/kinds/members.py": "a package of another site, compared and confirmed; moves and stages go through the domain",
    "portal/exchange/domain/kinds/posts.py": "the same for posts; the package is sealed as a whole",
    "portal/exchange/domain/kinds/histories.py": "states and terms of a package; the organisations themselves go through the tree's operations",
    "portal/exchange/domain/kinds/events.py": "the history of a package, as the other site wrote it",
    "portal/demo/loading/members.py": "the invented people of the demo",
    "portal/demo/loading/member_files.py": "the invented people of the demo",
}


def _name_at_the_root(node: ast.AST) -> tuple[str, bool]:
    """The name that a chain of calls begins with, and whether `.objects` stands in it."""
    through_objects = False
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            through_objects |= node.attr in ("objects", "_default_manager")
            node = node.value
        else:
            return (node.id if isinstance(node, ast.Name) else ""), through_objects


def _writes(source: str) -> set[str]:
    """The models of the register that a file writes by their managers."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITING:
            name, by_manager = _name_at_the_root(node.func.value)
            if name in MODELS and (by_manager or node.func.attr == "add_root"):
                found.add(name)
    return found


def _files() -> list[Path]:
    skipped = {"migrations", "tests"}
    return [
        path
        for folder in ("portal", "plugins")
        for path in sorted((PROJECT_DIR / folder).rglob("*.py"))
        if not skipped & set(path.parts)
    ]


def test_only_the_domain_writes_the_register():
    strangers = {}
    for path in _files():
        name = path.relative_to(PROJECT_DIR).as_posix()
        if (
            not name.startswith(DOMAIN)
            and name not in ELSEWHERE
            and (found := _writes(path.read_text(encoding="utf-8")))
        ):
            strangers[name] = sorted(found)

    assert strangers == {}, "write it as an operation of the domain, or name it in ELSEWHERE with the reason"


def test_every_exception_is_still_one():
    gone = [
        name
        for name in ELSEWHERE
        if not (PROJECT_DIR / name).is_file() or not _writes((PROJECT_DIR / name).read_text(encoding="utf-8"))
    ]

    assert gone == []


@pytest.mark.parametrize(
    "source",
    [
        "Member.objects.filter(pk=1).update(name='x')",
        "Post.objects.create()",
        "Organisation.add_root(name='x')",
        "Organisation.objects.current().filter(pk=1).delete()",
    ],
)
def test_the_search_finds_what_it_looks_for(source):
    assert _writes(source)
    assert not _writes("Member.objects.filter(pk=1).exists()")


def _register_models():
    return {model for model in apps.get_models() if model.__name__ in MODELS and model.__module__.startswith("portal.")}


def test_administration_has_no_form_that_writes_the_register():
    """Wagtail would write a row by itself, without history, seal or look: viewsets with `add` or `edit` forms, snippets."""
    models = _register_models()
    open_doors = []
    for viewset in viewsets.viewsets:
        if getattr(viewset, "model", None) in models:
            names = {pattern.name for pattern in viewset.get_urlpatterns()}
            generic = [
                pattern.name
                for pattern in viewset.get_urlpatterns()
                if hasattr(pattern.callback, "view_class")
                and pattern.callback.view_class.__module__.startswith("wagtail.")
            ]
            open_doors += [f"{viewset.url_namespace}:{name}" for name in generic]
            assert "add" not in names
            assert "delete" not in names

    assert len(models) == len(MODELS)
    assert open_doors == []
    assert not models & set(get_snippet_models())


def test_no_form_saves_a_row_of_the_register():
    """A ModelForm may read a row to fill itself; the view that owns it calls the domain. Each is named."""
    import portal.members.web.forms
    import portal.organisations.admin_operations  # noqa: F401 - loads all its forms

    def below(form):
        for child in form.__subclasses__():
            yield child
            yield from below(child)

    found = {
        f"{form.__module__}.{form.__name__}"
        for form in below(forms.ModelForm)
        if getattr(form._meta, "model", None) in _register_models() and not form.__module__.startswith("wagtail.")
    }

    assert found <= {"portal.organisations.admin_forms.DescribeForm"}
