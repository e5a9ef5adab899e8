"""Reading by the API: the site's own rules, one shape of answers, bounded lists, a constant number of queries."""

import datetime as dt
import uuid

import pytest

from portal.ground.suppliers import PUBLIC_TOKEN
from portal.organisations.domain.audiences import audience_of_tokens, organisation_audience
from portal.regulations.domain.importing import Placement, import_regulation
from tests.factories import make_branch, make_committee, make_member
from tests.factories.counting import queries_of
from tests.factories.learning import make_course, make_video, text_unit
from tests.factories.pages import make_article, make_column, make_site
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def column(db):
    return make_column(make_site())


def law(title="安全生产规定", **placement):
    return import_regulation(
        law_text(*LONG, title=title, events=("2020年1月1日 发布",)),
        file_name=f"{title}(2020-01-01).md",
        **({"placement": Placement(**placement)} if placement else {}),
    )


def test_pages_are_listed_newest_first_and_one_has_its_text(client, column):
    old = make_article(column, "旧闻", display_date=dt.date(2024, 1, 1), body=[("paragraph", "<p>去年的事</p>")])
    make_article(column, "新闻", display_date=dt.date(2026, 1, 1))

    listed = client.get("/api/v1/pages?type=news").json()
    one = client.get(f"/api/v1/pages/{old.uid}").json()

    assert [item["title"] for item in listed["items"]] == ["新闻", "旧闻"]
    assert (listed["total"], listed["page"], listed["per_page"]) == (2, 1, 20)
    assert one["title"] == "旧闻"
    assert "去年的事" in one["text"]
    assert one["url"] == old.get_url()


def test_page_of_another_branch_answers_as_one_that_does_not_exist(client, column):
    mine, other = make_branch(name="甲支部"), make_branch(name="乙支部")
    member = make_member(mine)
    hidden = make_article(column, "乙支部内部", audience=organisation_audience(other), owner_organisation=other)
    client.force_login(member.user, backend="portal.accounts.backends.LoginHandleBackend")

    foreign = client.get(f"/api/v1/pages/{hidden.uid}")
    nothing = client.get(f"/api/v1/pages/{uuid.uuid4()}")

    assert (foreign.status_code, foreign.content) == (404, nothing.content)
    assert foreign.json()["code"] == "not_found"
    assert "乙支部" not in client.get("/api/v1/pages?q=内部").content.decode()


def test_draft_is_absent(client, column):
    draft = make_article(column, "草稿", live=False)

    assert client.get(f"/api/v1/pages/{draft.uid}").status_code == 404
    assert client.get("/api/v1/pages?q=草稿").json()["total"] == 0


@pytest.mark.parametrize("query", ["per_page=101", "per_page=0", "page=0", "page=x", "type=nothing", "organisation=1"])
def test_values_out_of_bounds_are_refused_with_a_sentence(client, query):
    answer = client.get(f"/api/v1/pages?{query}")

    assert answer.status_code == 422
    assert answer.json()["code"] == "not_understood"
    assert answer.json()["errors"][0]["where"] == f"query.{query.partition('=')[0]}"
    assert answer.json()["errors"][0]["message"].endswith("。")


def test_page_behind_the_last_is_empty(client, column):
    make_article(column)

    answer = client.get("/api/v1/pages?page=9")

    assert (answer.json()["items"], answer.json()["total"]) == ([], 2)


def test_text_that_no_database_can_store_finds_nothing(client, column):
    assert client.get("/api/v1/pages?q=%00%ed%a0%80").json()["items"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", ["/api/v1/pages?type=news", "/api/v1/organisations", "/api/v1/regulations", "/api/v1/courses"]
)
def test_list_asks_as_many_queries_for_three_as_for_one(client, column, path):
    def one_more(number):
        make_article(column, f"第{number}篇")
        make_branch(name=f"第{number}支部")
        law(f"第{number}号规定")
        make_course([text_unit()], title=f"第{number}课")

    one_more(1)
    client.get(path)
    once = queries_of(lambda: client.get(path))
    one_more(2)
    one_more(3)
    client.get(path)

    assert len(queries_of(lambda: client.get(path))) == len(once)
    assert len(client.get(path).json()["items"]) >= 3


def test_regulation_is_read_with_versions_text_and_an_article_on_a_day(client):
    made = law()
    code, lineage = made.regulation.code, made.version.provisions.exclude(lineage=None).first().lineage.code

    work = client.get(f"/api/v1/regulations/{code}").json()
    text = client.get(f"/api/v1/regulations/{code}/versions/{work['current']}").json()
    article = client.get(f"/api/v1/regulations/{code}/articles/{lineage}?on=2021-05-01").json()

    assert work["title"] == made.regulation.title
    assert [version["key"] for version in work["versions"]] == [made.version.key]
    assert {piece["article"] for piece in text["pieces"]} >= {lineage}
    assert article["version"] == made.version.key
    assert article["text"] in {piece["text"] for piece in text["pieces"]}
    assert client.get(f"/api/v1/regulations/{code}/articles/nothing").status_code == 404
    assert client.get(f"/api/v1/regulations/{code}/articles/{lineage}?on=x").status_code == 422


def test_regulation_of_another_branch_is_absent(client):
    branch = make_branch()
    made = law(owner=branch, audience=organisation_audience(branch))

    assert client.get(f"/api/v1/regulations/{made.regulation.code}").status_code == 404
    assert client.get("/api/v1/regulations").json()["total"] == 0


def test_organisations_are_listed_in_tree_order_below_one_and_by_name(client):
    committee = make_committee()
    branch = make_branch(committee, "检修党支部")
    make_branch(branch, "第一党小组", kind="group")

    everything = client.get("/api/v1/organisations").json()["items"]
    below = client.get(f"/api/v1/organisations?above={committee.uid}").json()["items"]
    found = client.get("/api/v1/organisations?q=检修").json()["items"]
    one = client.get(f"/api/v1/organisations/{branch.uid}").json()

    assert [row["name"] for row in everything] == [committee.name, "检修党支部"]
    assert below == found == [one]
    assert one["above"] == str(committee.uid)


def test_course_shows_own_progress_and_enrolment_is_safe_to_repeat(client):
    member = make_member()
    course = make_course([text_unit("材料")])
    client.force_login(member.user, backend="portal.accounts.backends.LoginHandleBackend")

    before = client.get(f"/api/v1/courses/{course.uid}").json()
    first = client.post(f"/api/v1/courses/{course.uid}/enrolment").json()
    again = client.post(f"/api/v1/courses/{course.uid}/enrolment").json()
    after = client.get(f"/api/v1/courses/{course.uid}").json()
    learning = client.get("/api/v1/learning").json()

    assert before["enrolled_at"] is None
    assert first == again
    assert after["enrolled_at"] == first["enrolled_at"]
    assert [row["course"] for row in learning["items"]] == [str(course.uid)]
    assert (learning["items"][0]["units"], learning["items"][0]["units_done"]) == (1, 0)
    assert client.post(f"/api/v1/courses/{uuid.uuid4()}/enrolment").status_code == 404


def test_what_is_ones_own_asks_for_signing_in(client):
    for path in ("me", "learning", "notices", "tasks"):
        answer = client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_first")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_me_says_who_asks(client):
    member = make_member(make_branch(name="检修党支部"))
    client.force_login(member.user, backend="portal.accounts.backends.LoginHandleBackend")

    me = client.get("/api/v1/me").json()

    assert me["uid"] == str(member.user.uid)
    assert me["organisation"]["name"] == "检修党支部"
    assert (me["by_token"], me["scopes"]) == (False, [])


def test_playback_of_a_film_in_work_has_no_address_and_of_a_hidden_one_is_absent(client):
    waiting, hidden = make_video(None), make_video(None, audience=organisation_audience(make_branch()))
    public = audience_of_tokens([PUBLIC_TOKEN])
    waiting.audience = public
    waiting.save()

    answer = client.get(f"/api/v1/videos/{waiting.uid}/playback").json()

    assert (answer["state"], answer["manifest"]) == ("working", None)
    assert client.get(f"/api/v1/videos/{hidden.uid}/playback").status_code == 404


def test_unknown_address_and_method_are_answered_in_the_same_shape(client):
    unknown, wrong = client.get("/api/v1/nothing/here"), client.delete("/api/v1/pages")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"], wrong["Allow"]) == (405, "method_not_allowed", "GET")


def test_answers_are_kept_by_nobody(client):
    assert client.get("/api/v1/pages")["Cache-Control"] == "private, no-store"


def test_fault_of_ours_is_answered_in_the_same_shape(client, monkeypatch):
    monkeypatch.setattr("portal.pages.api.visible_pages", lambda *args, **kwargs: 1 / 0)
    client.raise_request_exception = False

    answer = client.get("/api/v1/pages")

    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "ZeroDivision" not in answer.content.decode()


@pytest.mark.slow
def test_own_lists_ask_as_many_queries_for_three_as_for_one(client):
    from portal.ground.models import OutboxEntry
    from portal.notices.domain import notify, open_task
    from portal.notices.domain.notices import deliver
    from portal.school.domain.enrolment import enrol_member

    member = make_member()
    client.force_login(member.user, backend="portal.accounts.backends.LoginHandleBackend")
    paths = ("/api/v1/notices", "/api/v1/tasks", "/api/v1/learning")

    def one_more(number):
        notify(f"told-{number}", member.user, title=f"通知{number}", url="/")
        deliver(list(OutboxEntry.objects.filter(name="notices.told")))
        open_task(f"do-{number}", member.user, f"待办{number}", "/")
        enrol_member(member, make_course([text_unit()], title=f"第{number}课"))

    def counted():
        for path in paths:
            client.get(path)
        return [len(queries_of(lambda path=path: client.get(path))) for path in paths]

    one_more(1)
    once = counted()
    one_more(2)
    one_more(3)

    assert counted() == once
    assert [len(client.get(path).json()["items"]) for path in paths] == [3, 3, 3]
