"""The search boxes of the administration with Chinese words from the middle of a title."""

import pytest

from tests.factories import make_branch, make_staff
from tests.factories.pages import make_article, make_column, make_document, make_picture, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_pages_pictures_and_documents_are_found_by_a_part_of_their_title(client):
    branch = make_branch()
    editor = make_staff("editor", branch)
    column = make_column(make_site(branch), "工作动态")
    make_article(column, title="关于民主评议党员工作的通知", owner=editor, owner_organisation=branch)
    make_article(column, title="春季运动会", owner=editor, owner_organisation=branch)
    make_picture("三会一课现场照片", uploaded_by_user=editor, owner_organisation=branch)
    make_document("党费收缴台账模板", uploaded_by_user=editor, owner_organisation=branch)
    client.force_login(editor, backend="portal.accounts.backends.LoginHandleBackend")

    pages = client.get("/admin/pages/search/", {"q": "评议"}).content.decode()
    pictures = client.get("/admin/images/", {"q": "一课"}).content.decode()
    documents = client.get("/admin/documents/", {"q": "收缴"}).content.decode()

    assert "民主评议党员" in pages
    assert "春季运动会" not in pages
    assert "三会一课现场照片" in pictures
    assert "党费收缴台账模板" in documents
    assert "三会一课现场照片" not in client.get("/admin/images/", {"q": "羽毛球"}).content.decode()
    assert "党费收缴台账模板" not in client.get("/admin/documents/", {"q": "羽毛球"}).content.decode()
