"""Who cites what, and what a viewer may see of it."""

import uuid

import pytest

from portal.ground.suppliers import ANONYMOUS, viewer_of
from portal.organisations.domain.audiences import organisation_audience
from portal.references.domain.citing import UnknownKind, citations_of, cited_by, record, resolve
from portal.references.models import Reference
from portal.regulations.domain.importing import Placement, import_regulation
from tests.factories import make_branch, make_member
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db


def test_record_again_replaces_what_the_source_cites() -> None:
    source, one, two = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    record("lesson", source, {("article", one): "a", ("article", two): "b"})

    record("lesson", source, {("article", two): "c"})

    assert list(Reference.objects.values_list("target_uid", "seen")) == [(two, "c")]


def test_citation_of_an_article_tells_when_its_wording_changed() -> None:
    source = uuid.uuid4()
    article = import_regulation(law_text(*LONG), file_name="甲(2020-01-01).md").version.provisions.get(path="art2")
    record("lesson", source, {("article", article.lineage.uid): article.text_hash})
    before = [citation.changed for citation in citations_of("lesson", source, ANONYMOUS)]

    import_regulation(law_text(*LONG[:1], LONG[1].replace("不得", "一律不得"), LONG[2]), file_name="甲(2024-01-01).md")

    [citation] = citations_of("lesson", source, ANONYMOUS)
    assert (before, citation.changed, citation.cited.label) == ([False], True, "第二条")


def test_cited_by_and_resolve_leave_out_what_the_viewer_may_not_see() -> None:
    branch = make_branch()
    rule = import_regulation(
        law_text(*LONG), placement=Placement(owner=branch, audience=organisation_audience(branch))
    ).regulation
    page = uuid.uuid4()
    record("regulation", rule.uid, {("page", page): ""})
    member = viewer_of(make_member(branch).user)

    seen = [[citation.cited.title for citation in cited_by("page", page, viewer)] for viewer in (ANONYMOUS, member)]

    assert seen == [[], [rule.title]]
    assert (list(resolve("regulation", [rule.uid], ANONYMOUS)), list(resolve("regulation", [rule.uid], member))) == (
        [], [rule.uid],
    )  # fmt: skip


def test_resolve_a_kind_that_nobody_declares_is_an_error() -> None:
    with pytest.raises(UnknownKind, match="nothing"):
        resolve("nothing", [uuid.uuid4()], ANONYMOUS)
