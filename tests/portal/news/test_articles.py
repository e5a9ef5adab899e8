"""Articles: blocks, attachments, search text, the event."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from portal.files.models import PortalDocument
from portal.ground.models import OutboxEntry
from portal.news.models import ArticlePage, Attachment
from portal.organisations.domain.audiences import members_audience
from portal.pages.domain.pictures import BODY, make_pictures
from portal.pages.domain.searchable import search_documents
from tests.factories import make_member, make_staff
from tests.factories.pages import make_article, make_column, make_picture, make_site

pytestmark = pytest.mark.django_db


def _document(title="学时核对表", **fields):
    document = PortalDocument(title=title, **fields)
    document.file.save("核对表.xlsx", ContentFile(b"x" * 2048), save=False)
    document.file_size = 2048
    document.save()
    return document


def _with_body(article, *blocks):
    article.body = list(blocks)
    article.save()
    return ArticlePage.objects.get(pk=article.pk)


def test_every_block_is_shown(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    image = make_picture(alt_text="机组大修现场")
    article = _with_body(
        make_article(make_column()),
        ("heading", {"text": "一、会前", "level": "h2"}),
        ("heading", {"text": "（一）通知", "level": "h3"}),
        ("paragraph", "<p>正文<b>要点</b></p>"),
        ("picture", {"image": image, "alt": "", "caption": "图为现场"}),
        ("file", {"document": _document(), "title": "核对表下载"}),
        ("quote", {"text": "说到做到", "source": "赵卫国"}),
        ("table", {"data": [["支部", "人数"], ["一支部", "32"]], "first_row_is_table_header": True}),
    )
    make_pictures(str(article.uid))

    html = client.get(article.url).content.decode()

    for part in (
        "<h2>一、会前</h2>",
        "<h3>（一）通知</h3>",
        "<p>正文<b>要点</b></p>",
        'alt="机组大修现场"',
        "<figcaption>图为现场</figcaption>",
        "核对表下载",
        "XLSX · 2.0",
        "—— 赵卫国",
        '<th scope="col">支部</th>',
        "<td>32</td>",
    ):
        assert part in html
    assert image.renditions.filter(filter_spec=BODY).get().file.name.rpartition("/")[2] in html


@pytest.mark.parametrize(
    ("dirty", "shown"),
    [
        ("<p>好<script>alert(1)</script></p>", "<p>好</p>"),
        ('<p onclick="x()">好</p>', "<p>好</p>"),
        ('<p><a href="javascript:x()">好</a></p>', "<p><a>好</a></p>"),
        ('<p><img src="http://evil.example/x.png">好</p>', "<p>好</p>"),
    ],
)
def test_paragraph_from_anywhere_is_cleaned_when_shown(client, dirty, shown):
    article = _with_body(make_article(make_column()), ("paragraph", dirty))

    html = client.get(article.url).content.decode()

    assert shown in html
    assert dirty not in html


def test_plain_fields_are_escaped(client):
    article = make_article(make_column(), "<script>alert(1)</script>标题", source="<b>来源</b>")
    article = _with_body(article, ("quote", {"text": "<img src=x onerror=y>", "source": "<i>谁</i>"}))

    html = client.get(article.url).content.decode()

    assert "<script>alert(1)</script>" not in html
    assert "&lt;img src=x onerror=y&gt;" in html
    assert "&lt;b&gt;来源&lt;/b&gt;" in html


def test_block_that_fails_is_left_out_and_the_rest_is_shown(client, monkeypatch, caplog):
    article = _with_body(
        make_article(make_column()),
        ("quote", {"text": "会坏的", "source": ""}),
        ("paragraph", "<p>留下的</p>"),
    )
    monkeypatch.setattr("portal.pages.blocks.QuoteBlock.render", lambda self, value, context=None: 1 / 0)

    html = client.get(article.url).content.decode()

    assert "留下的" in html
    assert "会坏的" not in html
    assert "cannot be shown" in caplog.text


def test_attachments_show_only_what_the_reader_may_fetch(client):
    article = make_article(make_column())
    article.attachments.add(
        Attachment(document=_document("公开的表")),
        Attachment(document=_document("内部的表", audience=members_audience())),
    )
    article.save()
    member = Client()
    member.force_login(make_member().user)

    assert [a.shown_title for a in client.get(article.url).context["attachments"]] == ["公开的表"]
    assert [a.shown_title for a in member.get(article.url).context["attachments"]] == ["公开的表", "内部的表"]


def test_draft_with_attachments_can_be_looked_at_before_it_is_published(client):
    article = make_article(make_column(), "还没发的稿子")
    article.attachments.add(
        Attachment(document=_document("公开的表")), Attachment(document=_document("内部的表", secrecy=3))
    )
    article.save_revision()
    client.force_login(make_staff("editor", article.owner_organisation))

    html = client.get(f"/admin/pages/{article.pk}/view_draft/").content.decode()

    assert "还没发的稿子" in html
    assert "公开的表" in html
    assert "内部的表" not in html


def test_related_stories_are_of_the_same_section_and_visible(client):
    home = make_site()
    column, other = make_column(home, "工作动态"), make_column(home, "通知公告")
    article = make_article(column, "这一篇")
    make_article(column, "同栏目")
    make_article(column, "同栏目内部", audience=members_audience())
    make_article(other, "别的栏目")

    assert [story.title for story in client.get(article.url).context["related"]] == ["同栏目"]


def test_title_of_74_characters_with_brackets_is_published_and_found(client):
    title = "关于印发《〈中国共产党支部工作条例（试行）〉实施办法》的通知" + "及其附件" * 11
    article = make_article(make_column(), title)

    response = client.get(article.url)

    assert len(title) == 74
    assert title in response.content.decode()
    assert article.slug.isascii()
    assert [d.title for d in search_documents([str(article.uid)])] == [title]


def test_search_document_holds_text_tokens_and_facets():
    column = make_column(title="工作动态")
    article = _with_body(
        make_article(column, "检修一班党课", summary="摘要"),
        ("heading", {"text": "会前准备", "level": "h2"}),
        ("paragraph", "<p>党课开到<b>大修</b>现场</p>"),
        ("table", {"data": [["支部", None], ["一支部", "32"]]}),
    )
    article.attachments.add(Attachment(document=_document("学时核对表")))
    article.save()

    [document] = search_documents([str(article.uid)])

    assert (document.kind, document.type, document.title, document.context) == (
        "page",
        "news",
        "检修一班党课",
        "工作动态",
    )
    assert document.body.split("\n") == ["摘要", "会前准备", "党课开到大修现场", "支部", "一支部 32", "学时核对表"]
    assert document.url == article.url
    assert document.tokens == {"public"}
    assert document.facets == {
        "unit": str(column.owner_organisation),
        "column": "工作动态",
        "year": str(article.display_date.year),
    }


def test_hidden_article_yields_no_search_document():
    article = make_article(make_column())
    article.unpublish()

    assert list(search_documents([str(article.uid)])) == []


def test_all_search_documents_leave_out_the_home_page():
    column = make_column(title="工作动态")
    make_article(column, "第一篇")

    assert sorted(document.title for document in search_documents(None)) == ["工作动态", "第一篇"]


def test_search_documents_cost_the_same_for_one_and_three(django_assert_num_queries):
    column = make_column()
    first = [make_article(column, "第一篇")]
    three = [*first, make_article(column, "第二篇"), make_article(column, "第三篇")]
    list(search_documents([str(first[0].uid)]))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        list(search_documents([str(page.uid) for page in first]))
    with CaptureQueriesContext(connection) as many:
        list(search_documents([str(page.uid) for page in three]))

    assert len(many) == len(one), "\n".join(query["sql"][:150] for query in many)


def test_going_live_is_told_once_each_time():
    column = make_column()
    article = make_article(column, live=False)
    told = OutboxEntry.objects.filter(name="news.article_published")
    assert told.count() == 0

    article.save_revision().publish()
    article.refresh_from_db()
    article.save_revision().publish()

    assert [entry.payload["title"] for entry in told] == [article.title]
