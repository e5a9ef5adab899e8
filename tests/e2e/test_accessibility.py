"""axe-core finds nothing on the pages that everybody uses."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


@pytest.mark.parametrize(
    ("username", "path"),
    [
        ("", "/"),
        ("", "/account/login/"),
        ("member2", "/account/"),
        ("member2", "/account/password/"),
        ("member2", "/account/factor/new/"),
        ("", "/branches/"),
        ("", "/r/"),
        ("", "/search/?q=学时"),
        ("", "/school/"),
        ("member1", "/workbench/"),
        ("admin", "/styleguide/"),
    ],
)
def test_page_has_no_violation(visitor, username, path):
    person = visitor()
    if username:
        person.sign_in(username)
    page = person.open(path)
    # The content security policy forbids foreign script elements, so the checker is evaluated instead.
    page.evaluate(AXE.read_text(encoding="utf-8"))

    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")

    found = [
        f"{violation['id']}: {node['target']}" for violation in result["violations"] for node in violation["nodes"]
    ]
    assert found == []
