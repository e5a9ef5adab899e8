from __future__ import annotations

import pytest
from django.test import Client

from portal.finding.domain import answers as acts
from portal.finding.models import Answer, AskedQuery, Policy
from portal.ground.jobs import run_due_jobs
from portal.notices.domain.tasks import tasks_of
from portal.notices.models import Notice
from portal.organisations.domain.audiences import organisation_audience, public_audience
from portal.regulations.domain.importing import import_regulation
from search.service import search
from tests.factories import make_branch, make_staff, make_user
from tests.portal.regulations.makers import LONG, law_text
from tests.search.shelf import VISITOR, make

BACKEND = "portal.accounts.backends.LoginHandleBackend"


def _written(editor, branch, **values) -> Answer:
    values = {
        "question": "预备期可以延长几次？",
        "wordings": "预备党员能延长预备期吗",
        "text": "可以延长一次。",
        "sources": "《检修条例》第二条",
        "owner_organisation": branch,
        "audience": public_audience(),
        **values,
    }
    return acts.save_answer(Answer(**values), actor=editor)


def _approved(editor, reviewer, branch, **values) -> Answer:
    answer = _written(editor, branch, **values)
    acts.submit_answer(answer, actor=editor)
    acts.approve_answer(answer, actor=reviewer)
    return answer


@pytest.fixture
def people(db):
    branch = make_branch()
    return branch, make_staff("editor", branch), make_staff("reviewer", branch)


def test_answer_is_found_only_when_another_approved_it(answering, people):
    branch, editor, reviewer = people
    answering.put(make("a", "羽毛球", "比赛"))
    answer = _written(editor, branch)
    run_due_jobs()
    assert search("预备期延长", VISITOR).total == 0

    acts.submit_answer(answer, actor=editor)
    assert [task.title for task in tasks_of(reviewer)] == ["待审核的党务问答：预备期可以延长几次？"]
    with pytest.raises(acts.OwnWork):
        acts.approve_answer(answer, actor=editor)
    acts.approve_answer(answer, actor=reviewer)
    run_due_jobs()

    [hit] = search("预备期延长", VISITOR).hits
    assert (hit.type, hit.url) == ("answer", f"/search/answers/{answer.code}/")
    assert list(tasks_of(reviewer)) == []
    with pytest.raises(acts.NotPossible):
        acts.submit_answer(answer, actor=editor)


def test_amendment_takes_the_place_of_the_approved_answer_only_when_approved(answering, people):
    branch, editor, reviewer = people
    answer = _approved(editor, reviewer, branch)
    answer.text = "可以延长一次，不少于半年。"
    draft = acts.save_answer(answer, actor=editor)

    assert (draft.pk != answer.pk, draft.code, draft.state) == (True, answer.code, "draft")
    assert Answer.objects.get(pk=answer.pk).text == "可以延长一次。"
    with pytest.raises(acts.NotPossible):
        acts.save_answer(Answer.objects.get(pk=answer.pk), actor=editor)
    acts.submit_answer(draft, actor=editor)
    acts.approve_answer(Answer.objects.get(pk=draft.pk), actor=reviewer)
    run_due_jobs()

    assert Answer.objects.get(pk=answer.pk).state == "replaced"
    [hit] = search("预备期延长", VISITOR).hits
    assert "不少于半年" in hit.snippet


def test_returned_answer_says_why(people):
    branch, editor, reviewer = people
    answer = _written(editor, branch)
    acts.submit_answer(answer, actor=editor)
    with pytest.raises(acts.NotPossible):
        acts.return_answer(answer, reason=" ", actor=reviewer)

    acts.return_answer(answer, reason="请写明条款", actor=reviewer)

    assert (answer.state, answer.returned_because) == ("draft", "请写明条款")


@pytest.mark.django_db(transaction=True)
def test_editor_is_asked_to_look_when_the_cited_article_changes():
    branch = make_branch()
    editor, reviewer = make_staff("editor", branch), make_staff("reviewer", branch)
    import_regulation(law_text(*LONG, title="检修条例"), file_name="检修条例(2020-01-01).md")
    answer = _approved(editor, reviewer, branch)
    assert [source.cited.label for source in acts.sources_of(answer, VISITOR)] == ["第二条"]

    changed = [LONG[0], LONG[1].replace("不得", "一律不得"), LONG[2]]
    import_regulation(law_text(*changed, title="检修条例"), file_name="检修条例(2024-01-01).md")
    run_due_jobs()

    assert [task.title for task in tasks_of(editor)] == [
        "条文已变更：《预备期可以延长几次？》引用了《检修条例》第二条，请核对"
    ]
    assert acts.sources_of(answer, VISITOR)[0].changed
    draft = acts.save_answer(Answer.objects.get(pk=answer.pk), actor=editor)
    assert list(tasks_of(editor)) == []
    assert not acts.sources_of(draft, VISITOR)[0].changed


def test_question_shaped_query_shows_the_answer_first_with_its_source(client, answering, people):
    branch, editor, reviewer = people
    import_regulation(law_text(*LONG, title="检修条例"), file_name="检修条例(2020-01-01).md")
    answering.put(make("notice", "延长预备期的通知", "预备党员"))
    code = _approved(editor, reviewer, branch).code
    _approved(
        editor,
        reviewer,
        branch,
        question="党费怎么交？",
        wordings="",
        text="按月交纳。",
        audience=organisation_audience(branch),
    )
    run_due_jobs()

    asked = client.get("/search/", {"q": "预备党员可不可以延长预备期"}).content.decode()
    words = client.get("/search/", {"q": "预备党员延长预备期"}).content.decode()
    hidden = client.get("/search/", {"q": "党费怎么交"}).content.decode()

    above, listed = asked.split('<ol class="rows"')
    assert '<section class="search-answer"' in above
    assert (above.count(f"/search/answers/{code}/") > 0, f"/search/answers/{code}/" in listed) == (True, False)
    assert f"/search/answers/{code}/" in words.split('<ol class="rows"')[1]
    assert "检修条例 第二条" in asked
    assert "search-answer" not in words
    assert "按月交纳" not in hidden
    assert client.get(f"/search/answers/{Answer.objects.get(question='党费怎么交？').code}/").status_code == 404
    assert client.get("/search/answers/").content.decode().count("list-row-title") == 1


def test_unanswered_and_empty_queries_are_listed_by_number_and_without_who(client, answering, people, settings):
    editor = people[1]
    answering.put(make("a", "党费", "党费"))
    for number in range(3):
        visitor = Client(HTTP_USER_AGENT=f"browser {number}")
        for _again in range(2):
            visitor.get("/search/", {"q": "羽毛球场"})
        visitor.get("/search/", {"q": "党费 几年 交一次吗？"})
        visitor.get("/search/", {"q": "张三 13800001111 电话"})
    Client().get("/search/", {"q": "只有一次吗"})

    client.force_login(editor, backend=BACKEND)
    page = client.get("/admin/search-missing/").content.decode()

    rows = {row.text: (row.empty, row.unanswered) for row in AskedQuery.objects.all()}
    assert rows == {"羽毛球场": (3, 0), "党费 几年 交一次吗？": (0, 3), "只有一次吗": (1, 1)}
    assert "羽毛球场" in page
    assert "只有一次吗" not in page
    assert {field.name for field in AskedQuery._meta.fields} == {"id", "key", "text", "empty", "unanswered", "last_on"}
    Policy.objects.update_or_create(pk=1, defaults={"lists_queries": False})
    Client().get("/search/", {"q": "关闭以后"})
    assert not AskedQuery.objects.filter(text="关闭以后").exists()


def test_answers_are_written_and_approved_in_the_administration(client, answering, people):
    branch, editor, reviewer = people
    client.force_login(editor, backend=BACKEND)
    form = {
        "question": "党费怎么交？",
        "wordings": "",
        "text": "按月。",
        "sources": "党章",
        "owner_organisation": branch.pk,
        "reach": "public",
        "secrecy": "0",
    }

    bad = client.post(
        "/admin/answers/new/", {**form, "wordings": "问\n" * 3 + "\n".join(f"问法{n}" for n in range(11))}
    )
    made = client.post("/admin/answers/new/", form)
    answer = Answer.objects.get()
    client.post(f"/admin/answers/{answer.pk}/act/", {"submit": "1"})
    client.post(f"/admin/answers/{answer.pk}/act/", {"approve": "1"})
    answer.refresh_from_db()

    assert "最多 10 行" in bad.content.decode()
    assert (made.status_code, answer.state) == (302, "waiting")
    client.force_login(reviewer, backend=BACKEND)
    assert "通过并发布" in client.get(f"/admin/answers/edit/{answer.pk}/").content.decode()
    client.post(f"/admin/answers/{answer.pk}/act/", {"approve": "1"})
    answer.refresh_from_db()
    assert answer.state == "approved"
    stranger = make_staff("editor", make_branch())
    client.force_login(stranger, backend=BACKEND)
    assert client.get(f"/admin/answers/edit/{answer.pk}/").status_code == 404
    assert client.post(f"/admin/answers/{answer.pk}/act/", {"withdraw": "1"}).status_code == 404
    assert Notice.objects.filter(user=make_user()).count() == 0
