"""Eight internal regulations, two of them in two versions."""

from __future__ import annotations

from portal.demo.content_files import CONTENT
from portal.demo.loading.context import Context
from portal.organisations.domain.audiences import members_audience, public_audience
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.models import Level, Provision, Regulation

MEMBERS_ONLY = ("网络信息发布审核规定",)


def load(context: Context) -> str:
    """Import and publish the texts, older versions first."""
    owner = context.organisations[""]
    files = sorted((CONTENT / "regulations").glob("*.md"), key=lambda path: path.stem.rpartition("(")[2])
    for path in files:
        closed = path.stem.startswith(MEMBERS_ONLY)
        import_regulation(
            path.read_text(encoding="utf-8"),
            file_name=path.name,
            placement=Placement(
                level=Level.INTERNAL,
                issuer=owner.name,
                owner=owner,
                audience=members_audience() if closed else public_audience(),
            ),
        )
    articles = Provision.objects.filter(kind="article").count()
    return f"{Regulation.objects.count()} 部，{len(files)} 个版本，条文 {articles} 条"
