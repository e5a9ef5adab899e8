"""What the pages app adds to the portal: its search source, its menu entry, a figure."""

from django.db.models import Count, Q

from plugins.sdk import Figure, MenuItem, SearchSource, Tile, TileContext
from portal.ground.clock import month_starts
from portal.ground.suppliers import viewer_of
from portal.pages.domain.reading import visible_pages


def published_tile(context: TileContext) -> Figure:
    """Pages that this person may see and that went live this month for the first time, against the month before: one query."""
    this, before = month_starts()
    pages = visible_pages(viewer_of(context.request.user)).filter(first_published_at__gte=before)
    found = pages.order_by().aggregate(
        now=Count("pk", filter=Q(first_published_at__gte=this)),
        before=Count("pk", filter=Q(first_published_at__lt=this)),
    )
    return Figure(found["now"], trend=found["now"] - found["before"])


tiles = [
    Tile("published", "本月发布", published_tile, "Published this month", unit="篇", unit_en="pages", order=40),
]

menu = [MenuItem("党支部", "pages:branches", label_en="Branches", order=80)]

search = [
    SearchSource(
        kind="page",
        label="页面",
        label_en="Pages",
        documents=".domain.searchable.search_documents",
        types={
            "news": ("文章", "Articles"),
            "column": ("栏目", "Columns"),
            "course": ("课程", "Courses"),
            "microlesson": ("微党课", "Micro-lessons"),
            "case": ("典型经验", "Cases"),
            "branch": ("支部", "Branches"),
            "page": ("页面", "Pages"),
        },
        facets={
            "unit": ("单位", "Unit"),
            "column": ("栏目", "Column"),
            "topic": ("主题", "Topic"),
            "year": ("年份", "Year"),
        },
    )
]
