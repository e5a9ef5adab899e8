"""What the pages app adds to the portal: its search source, its menu entry."""

from plugins.sdk import MenuItem, SearchSource

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
        facets={"unit": ("单位", "Unit"), "column": ("栏目", "Column"), "year": ("年份", "Year")},
    )
]
