"""The form behind documents: a secrecy level is chosen by its name."""

import pytest
from wagtail.documents.forms import get_document_form

from portal.files.models import PortalDocument
from tests.factories import make_committee, make_staff

pytestmark = pytest.mark.django_db


def test_level_is_one_of_the_named_ones():
    editor = make_staff("editor", make_committee())
    form = get_document_form(PortalDocument)({"title": "甲", "secrecy": "9"}, user=editor)

    assert [str(name) for _, name in form.fields["secrecy"].choices][:2] == ["公开", "内部"]
    assert "secrecy" in form.errors
    assert "secrecy" not in get_document_form(PortalDocument)({"title": "甲", "secrecy": "1"}, user=editor).errors
