from django.urls import path

from portal.regulations.web import article, comparing, exporting, history, listing, mine, questions, terms, work

app_name = "regulations"
urlpatterns = [
    path("", listing.regulation_list, name="list"),
    path("mine", mine.mine, name="mine"),
    path("mine/looked", mine.looked, name="looked"),
    path("mine/follow", mine.follow, name="follow"),
    path("mine/unfollow/<uuid:uid>", mine.unfollow, name="unfollow"),
    path("mine/bookmark", mine.bookmark, name="bookmark"),
    path("mine/note", mine.note, name="note"),
    path("mine/note/<uuid:uid>", mine.change_note, name="change_note"),
    path("mine/question", questions.ask, name="ask"),
    path("questions/<uuid:uid>", questions.question, name="question"),
    path("<slug:code>", work.work, name="work"),
    path("<slug:code>/", work.without_slash, name="work_slash"),
    path("<slug:code>/compare", comparing.comparison, name="compare"),
    path("<slug:code>/compare.docx", comparing.comparison_as_word, name="compare_word"),
    path("<slug:code>/timeline", history.timeline, name="timeline"),
    path("<slug:code>/relations", history.relations, name="relations"),
    path("<slug:code>/terms", terms.glossary, name="terms"),
    path("<slug:code>@<slug:key>.<slug:form>", exporting.export, name="export"),
    path("<slug:code>@<slug:key>", work.version, name="version"),
    path("<slug:code>@<slug:key>/<path:place>", article.place, name="place"),
    path("<slug:code>/<slug:lineage>", article.article, name="article"),
]
