"""What the files app adds to the portal: documents in search."""

from plugins.sdk import SearchSource

search = [
    SearchSource(
        kind="document",
        label="文档",
        label_en="Documents",
        documents=".domain.texts.documents",
        types={"document": ("文档", "Documents")},
        facets={"unit": ("单位", "Unit"), "year": ("年份", "Year")},
    )
]
