"""Regulations in the administration."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.ground.clock import today
from portal.organisations.domain.audiences import organisation_audience
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.models import Regulation, RegulationVersion
from tests.factories import make_branch, make_committee, make_staff
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"


def _sign_in(client: Client, role: str, organisation) -> None:
    client.force_login(make_staff(role, organisation), backend=BACKEND)


def _form(organisation, **more: object) -> dict[str, object]:
    owner = organisation.pk if organisation else ""
    return {
        "owner_organisation": owner,
        "reach": "organisation" if owner else "public",
        "secrecy": "0",
        "level": "",
        **more,
    }


def _file(text: str | bytes, name: str = "检修作业管理规定(2020-01-01).md") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def test_upload_shows_a_preview_and_stores_nothing_until_confirmed(client: Client) -> None:
    branch = make_branch()
    _sign_in(client, "editor", branch)

    first = client.post("/admin/regulation/new/", _form(branch, file=_file(law_text(*LONG, "第五条 戊。"))))
    preview = first.context["preview"]
    stored_by_preview = Regulation.objects.count()
    hidden = first.context["form"]
    client.post(
        "/admin/regulation/new/",
        _form(branch, text=hidden["text"].value(), file_name=hidden["file_name"].value(), confirm="1"),
    )

    version = RegulationVersion.objects.select_related("regulation").get()
    assert (preview.law.articles, [doubt.code for doubt in preview.law.doubts]) == (4, ["missing_number"])
    assert "请核对下列疑点" in first.content.decode()
    assert stored_by_preview == 0
    assert (version.key, version.state, version.regulation.owner_organisation_id, version.regulation.audience_id) == (
        "2020-01-01", "draft", branch.pk, organisation_audience(branch).pk,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的"),
        (b"\x89PNG\x00\x00", "这不是文本文件"),
        ("# 只有标题\n\n<!-- INFO END -->\n".encode(), "没有正文"),
    ],
)
def test_upload_of_a_bad_file_says_why_beside_the_field(client: Client, content: bytes, sentence: str) -> None:
    branch = make_branch()
    _sign_in(client, "editor", branch)

    response = client.post("/admin/regulation/new/", _form(branch, file=_file(content), issuer="综合部"))

    form = response.context["form"]
    assert sentence in str(form.errors["file"])
    assert (form["issuer"].value(), Regulation.objects.count()) == ("综合部", 0)


def test_branch_editor_must_name_the_own_branch_and_cannot_publish(client: Client) -> None:
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    _sign_in(client, "editor", own)

    foreign = client.post("/admin/regulation/new/", _form(other, file=_file(law_text(*LONG))))
    nobody = client.post("/admin/regulation/new/", _form(None, file=_file(law_text(*LONG))))
    form = nobody.context["form"]

    assert list(foreign.context["form"].errors) == ["owner_organisation"]
    assert list(form.errors) == ["owner_organisation"]
    assert "publish_now" not in form.fields


def test_list_holds_the_own_subtree_and_common_laws_only_at_the_top(client: Client) -> None:
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    for owner, title in ((own, "甲支部制度"), (other, "乙支部制度"), (None, "国家法律")):
        import_regulation(law_text(*LONG, title=title), placement=Placement(owner=owner))

    def listed(organisation) -> set[str]:
        _sign_in(client, "editor", organisation)
        page = client.get("/admin/regulation/").content.decode()
        return {title for title in ("甲支部制度", "乙支部制度", "国家法律") if title in page}

    assert listed(own) == {"甲支部制度"}
    assert listed(committee) == {"甲支部制度", "乙支部制度", "国家法律"}


def test_reviewer_publishes_and_withdraws_with_a_reason(client: Client) -> None:
    branch = make_branch()
    version = import_regulation(law_text(*LONG), placement=Placement(owner=branch), publish=False).version
    _sign_in(client, "reviewer", branch)
    steps = []

    source = {"source": "公司公报 2020 年第 1 期"}
    steps_wanted = (
        ("publish", {}),
        ("publish", source),
        ("withdraw", {"reason": ""}),
        ("withdraw", {"reason": "误发布"}),
    )
    for action, data in steps_wanted:
        client.post(f"/admin/regulation/versions/{version.pk}/{action}/", data)
        version.refresh_from_db()
        steps.append((version.state, version.withdrawn_reason))

    assert steps == [("draft", ""), ("published", ""), ("published", ""), ("withdrawn", "误发布")]
    assert (version.verified_source, version.verified_on) == ("公司公报 2020 年第 1 期", today())


@pytest.mark.parametrize("role", ["editor", "member", "secretary"])
def test_publishing_is_refused_to_other_roles(client: Client, role: str) -> None:
    branch = make_branch()
    version = import_regulation(law_text(*LONG), placement=Placement(owner=branch), publish=False).version
    _sign_in(client, role, branch)

    response = client.post(f"/admin/regulation/versions/{version.pk}/publish/")

    version.refresh_from_db()
    assert (response.status_code in (302, 403), version.state) == (True, "draft")


def test_reviewer_of_another_branch_does_not_find_the_version(client: Client) -> None:
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    version = import_regulation(law_text(*LONG), placement=Placement(owner=own), publish=False).version
    _sign_in(client, "reviewer", other)

    response = client.post(f"/admin/regulation/versions/{version.pk}/publish/")

    version.refresh_from_db()
    assert (response.status_code, version.state) == (404, "draft")


def test_edit_changes_the_work_and_shows_its_versions(client: Client) -> None:
    branch = make_branch()
    work = import_regulation(law_text(*LONG), placement=Placement(owner=branch)).regulation
    _sign_in(client, "editor", branch)

    page = client.get(f"/admin/regulation/edit/{work.pk}/")
    client.post(
        f"/admin/regulation/edit/{work.pk}/",
        {
            "title": "检修作业规定", "level": "internal", "issuer": "综合部", "owner_organisation": branch.pk,
            "reach": "members", "secrecy": "1", "repealed_on": "2025-01-01", "repeal_note": "由新制度代替。",
        },
    )  # fmt: skip

    work.refresh_from_db()
    assert [version.key for version in page.context["versions"]] == ["2020-01-01"]
    assert (work.title, work.issuer, work.secrecy, work.repealed_on.isoformat(), work.audience.label) == (
        "检修作业规定", "综合部", 1, "2025-01-01", "全体登录人员",
    )  # fmt: skip
