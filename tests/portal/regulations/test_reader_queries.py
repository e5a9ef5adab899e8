"""What an article page costs a signed-in reader: ten queries, however much they keep there."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.ground.jobs import run_due_jobs
from portal.organisations.domain.audiences import organisation_audience
from portal.regulations.domain.following import follow
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.domain.keeping import bookmark, write_note
from portal.regulations.models import Lineage
from tests.factories import make_branch, make_committee, make_member
from tests.portal.regulations.makers import LONG, law_text

BACKEND = "portal.accounts.backends.LoginHandleBackend"
MOST = 10


@pytest.mark.django_db
def test_article_page_costs_a_signed_in_reader_ten_queries_with_one_note_and_with_three(client: Client) -> None:
    branch = make_branch()
    reader, colleague = (make_member(branch).user for _ in range(2))
    work = import_regulation(law_text(*LONG), file_name="检修作业管理规定(2020-01-01).md").regulation
    lineage = Lineage.objects.get(provisions__path="art2")
    client.force_login(reader, backend=BACKEND)
    address = f"/r/{work.code}/{lineage.code}"

    def queries() -> list[str]:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return [query["sql"] for query in captured.captured_queries]

    write_note(reader, work, lineage, "第一条笔记")
    one = queries()
    bookmark(reader, work, lineage, wanted=True)
    follow(reader, work, lineage)
    write_note(reader, work, lineage, "第二条笔记")
    write_note(colleague, work, lineage, "共享的笔记", shared=True)
    three = queries()

    assert len(one) == len(three), (len(one), len(three))
    assert len(three) <= MOST, "\n".join(three)


@pytest.mark.django_db(transaction=True)
def test_what_is_remembered_of_an_article_is_of_the_readers_own_rights_and_of_today() -> None:
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    work = import_regulation(law_text(*LONG, title="检修条例"), file_name="检修条例(2020-01-01).md").regulation
    closed = Placement(owner=own, audience=organisation_audience(own))
    import_regulation(law_text("第一条 依照《检修条例》第二条执行。", title="内部细则"), placement=closed)
    run_due_jobs()
    address = f"/r/{work.code}/{Lineage.objects.get(provisions__path='art2', regulation=work).code}"
    readers = [Client(), Client()]
    for client, branch in zip(readers, (own, other), strict=True):
        client.force_login(make_member(branch).user, backend=BACKEND)

    first = ["内部细则" in client.get(address).content.decode() for client in readers]
    again = ["内部细则" in client.get(address).content.decode() for client in readers]
    import_regulation(
        law_text(LONG[0], LONG[1].replace("不得", "一律不得"), title="检修条例"), file_name="检修条例(2024-01-01).md"
    )

    assert (first, again) == ([True, False], [True, False])
    assert [client.get(address).context["version"].key for client in readers] == ["2024-01-01"] * 2
