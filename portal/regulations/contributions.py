"""What this app gives to the portal: an entry in the navigation and a search source."""

from plugins.sdk import MenuItem, SearchSource

menu = [MenuItem(label="法规制度", label_en="Regulations", route="/r/", order=40)]

search = [
    SearchSource(
        kind="regulation",
        label="法规制度",
        label_en="Regulations",
        documents=".domain.indexing.documents",
        types={"regulation": ("法规制度", "Regulations")},
        facets={"level": ("效力级别", "Level"), "issuer": ("制定机关", "Issuer")},
    )
]
