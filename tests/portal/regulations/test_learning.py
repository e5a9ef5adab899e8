"""A page that cites an article, and a rule under a law, when the text changes."""

import pytest

from portal.ground.jobs import run_due_jobs
from portal.notices.domain.tasks import tasks_of
from portal.notices.models import Task
from portal.organisations.domain.audiences import public_audience
from portal.references.models import Reference
from portal.regulations.domain.citations.linking import read_unread
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.domain.learning import read_page, tell_after_publishing
from portal.regulations.models import RegulationVersion
from tests.factories import make_branch, make_staff, make_user
from tests.factories.pages import make_article, make_column
from tests.portal.regulations.makers import LONG, law_text


def _law(day: str, *articles: str) -> RegulationVersion:
    return import_regulation(law_text(*articles, title="检修条例"), file_name=f"检修条例({day}).md").version


@pytest.mark.django_db(transaction=True)
def test_editor_of_a_page_is_asked_to_look_when_a_cited_article_changes() -> None:
    first = _law("2020-01-01", *LONG)
    editor = make_user()
    named = make_article(make_column(), title="按《检修条例》第二条办票", owner=editor)
    unchanged = make_article(named.get_parent().specific, title="《检修条例》第三条讲解", owner=editor)
    run_due_jobs()
    assert Reference.objects.filter(
        source_uid=named.uid, target_uid=first.provisions.get(path="art2").lineage.uid
    ).exists()

    _law("2024-01-01", LONG[0], LONG[1].replace("不得", "一律不得"), LONG[2])
    run_due_jobs()

    [task] = tasks_of(editor)
    assert task.title == "条文已变更：《按《检修条例》第二条办票》引用了《检修条例》第二条，请核对"
    assert str(named.pk) in task.url
    assert Reference.objects.filter(source_uid=unchanged.uid).count() == 1
    read_page(named)
    assert list(tasks_of(editor)) == []


@pytest.mark.django_db
def test_owner_of_an_internal_rule_is_asked_to_look_when_the_upper_law_gets_a_version() -> None:
    branch = make_branch()
    keeper = make_staff("editor", branch)
    _law("2020-01-01", *LONG)
    import_regulation(
        law_text("第一条 根据《检修条例》，制定本办法。", LONG[1], title="班组检修办法"),
        placement=Placement(owner=branch, audience=public_audience()),
    )
    read_unread()

    newer = _law("2024-01-01", *LONG[:2])
    tell_after_publishing(newer)
    tell_after_publishing(newer)

    assert [task.title for task in tasks_of(keeper)] == [
        "上位法《检修条例》有了 2024-01-01 版，请核对《班组检修办法》是否需要修改"
    ]


@pytest.mark.django_db
def test_first_text_of_a_work_asks_nobody() -> None:
    tell_after_publishing(_law("2020-01-01", *LONG))

    assert Task.objects.count() == 0
