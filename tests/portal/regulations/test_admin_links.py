"""References and edges by hand in the administration: what persons made stays, what they took away stays away."""

import pytest
from django.test import Client

from portal.regulations.domain.citations.linking import read_unread
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.models import Citation, LineageEdge, RegulationVersion
from tests.factories import make_branch, make_staff
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"
TEXT = "第四条 违反本规定第二条、第三条的，按安全条例处理，情节严重的按安全条例从重处理。"


@pytest.fixture
def version(client: Client) -> RegulationVersion:
    branch = make_branch()
    made = import_regulation(law_text(*LONG, TEXT), placement=Placement(owner=branch), publish=False).version
    import_regulation(law_text(*LONG, title="作业安全条例"), placement=Placement(owner=branch))
    read_unread()
    client.force_login(make_staff("editor", branch), backend=BACKEND)
    return made


def _change(client: Client, version: RegulationVersion, **data: object):
    return client.post(f"/admin/regulation/versions/{version.pk}/links/change/", {"path": "art4", **data})


def _read_anew() -> None:
    RegulationVersion.objects.update(read_at=None)
    read_unread()


def test_link_made_by_hand_and_one_taken_away_survive_reading_anew(client: Client, version: RegulationVersion) -> None:
    wrong = Citation.objects.get(version=version, path="art3")
    page = client.get(f"/admin/regulation/versions/{version.pk}/links/?path=art4").content.decode()

    _change(client, version, act="link", words="安全条例", turn="2", title="《作业安全条例》", place="第三条")
    _change(client, version, act="unlink", id=wrong.pk)
    _read_anew()

    made = Citation.objects.get(version=version, target__title="作业安全条例")
    assert "第三条" in page
    assert (made.quote, made.start, made.path, made.drawn_by) == (
        "安全条例",
        TEXT.rindex("安全条例") - 4,
        "art3",
        "person",
    )
    assert [(c.path, c.is_hidden) for c in Citation.objects.filter(version=version, target=version.regulation).order_by("start")] == [
        ("art2", False), ("art3", True),
    ]  # fmt: skip

    _change(client, version, act="relink", id=wrong.pk)
    assert not Citation.objects.get(pk=wrong.pk).is_hidden


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"words": "没有的话"}, "请照原文填写"),
        ({"words": "安全条例", "turn": "3"}, "没有第 3 处"),
        ({"words": "安全条例", "title": "不存在的条例"}, "库中没有"),
        ({"words": "安全条例", "title": "作业安全条例", "place": "某处"}, "没有看懂"),
        ({"words": "安全条例", "title": "作业安全条例", "place": "第九十条"}, "没有找到所填的条"),
    ],
)
def test_link_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    client: Client, version: RegulationVersion, data: dict[str, str], sentence: str
) -> None:
    answer = _change(client, version, act="link", **data)

    page = answer.content.decode()
    assert (answer.status_code, sentence in page) == (422, True)
    assert f'value="{data["words"]}"' in page
    assert not Citation.objects.filter(drawn_by="person").exists()


def test_edge_drawn_by_hand_stays_and_one_taken_away_does_not_come_back(
    client: Client, version: RegulationVersion
) -> None:
    owner = version.regulation.owner_organisation
    newer = law_text(*LONG[:2], "第三条 完全不同的一条，讲的是别的事情。", TEXT)
    import_regulation(newer, file_name="检修作业管理规定(2024-01-01).md", placement=Placement(owner=owner))

    _change(client, version, act="edge", other="2024-01-01", place="第三条", kind="split")
    edge = LineageEdge.objects.get(kind="split")
    import_regulation(
        law_text(*LONG, TEXT, "第五条 补充。"), placement=Placement(owner=owner), publish=False, replace=True
    )
    kept = LineageEdge.objects.filter(pk=edge.pk, is_hidden=False).exists()
    _change(client, version, act="unedge", id=edge.pk)
    import_regulation(law_text(*LONG, TEXT), placement=Placement(owner=owner), publish=False, replace=True)

    edge.refresh_from_db()
    first = edge.source.provisions.get(version=version)
    assert (kept, edge.is_hidden, edge.drawn_by, first.path) == (True, True, "person", "art4")
