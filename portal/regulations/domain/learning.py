"""Pages, lessons and cases that cite articles: reading what they cite, and telling their editors when it changes."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.basepage.models import BasePage
from portal.basepage.rights import EDIT
from portal.ground.clock import today
from portal.ground.models import OutboxEntry
from portal.ground.suppliers import Viewer
from portal.notices.domain.recipients import Holders
from portal.notices.domain.tasks import open_task
from portal.references.domain.citing import Cited, record
from portal.references.domain.watching import CHANGED, Editable, tell_of_change, was_looked_at
from portal.references.models import Reference
from portal.regulations.domain.addresses import article_label, regulation_url
from portal.regulations.domain.citations.grammar import Place, find
from portal.regulations.domain.citations.names import Names, plain_key
from portal.regulations.domain.following import tell_of_page
from portal.regulations.domain.queries import article_at, published_versions
from portal.regulations.domain.status import in_order
from portal.regulations.models import Lineage, Provision, Regulation, RegulationVersion, Relation

_ADDRESS = re.compile(r"/r/(?P<work>[A-Za-z0-9]{4,20})/(?P<lineage>[A-Za-z0-9]{4,20})(?=[\"'#?\s\\<]|$)")
_UPPER = (Relation.Kind.BASED_ON, Relation.Kind.IMPLEMENTS, Relation.Kind.INTERPRETS)


def read_pages(entries: Sequence[OutboxEntry]) -> None:
    """Consumer of `content.changed`: read again what changed pages cite. Safe to repeat."""
    uids = {entry.payload["uid"] for entry in entries if entry.payload.get("kind") == "page"}
    for uid in sorted(uids):
        page = BasePage.objects.filter(uid=uid).first()
        if page is None:
            record("page", uuid.UUID(uid), {})
        else:
            read_page(page.specific)


def read_page(page: BasePage) -> None:
    """Record which articles a page cites, by address or by name, as they read today; its task is done. Writes Reference."""
    body = json.dumps(page.serializable_data(), cls=DjangoJSONEncoder, ensure_ascii=False)
    targets = articles_cited(body, f"{page.title}\n{page.summary}\n{page.search_body()}")
    held = {
        reference.target_uid
        for reference in Reference.objects.filter(source_kind="page", source_uid=page.uid, target_kind="article")
    }
    with transaction.atomic():
        record("page", page.uid, targets)
        tell_of_page(page, {uid: uid not in held for _kind, uid in targets})
        was_looked_at("page", page.uid)


def articles_cited(addresses: str, prose: str) -> dict[tuple[str, uuid.UUID], str]:
    """The articles whose addresses stand in one text and those that another names, with how each reads today: what
    `portal.references.record` takes."""
    lineages = {
        lineage.pk: lineage
        for match in _ADDRESS.finditer(addresses)
        for lineage in Lineage.objects.filter(code=match["lineage"], regulation__code=match["work"])
    }
    for lineage in _named(prose):
        lineages[lineage.pk] = lineage
    return {("article", lineage.uid): state_of(lineage) for lineage in lineages.values()}


def _named(text: str) -> Iterable[Lineage]:
    """Articles that a text names: 《X》第三条, 刑法第三条."""
    if "条" not in text:
        return
    works = {plain_key(work.title): work for work in Regulation.objects.order_by("-pk").only("pk", "title")}
    names = Names(work.title for work in works.values())
    for mention in find(text, names, Place()):
        work = works.get(mention.title)
        if work is None or not mention.path.startswith("art"):
            continue
        provision = (
            Provision.objects.filter(
                version__in=published_versions(work), path=mention.path.split("/")[0], lineage__isnull=False
            )
            .order_by("-version__starts_on")
            .select_related("lineage")
            .first()
        )
        if provision is not None and provision.lineage is not None:
            yield provision.lineage


def state_of(lineage: Lineage) -> str:
    """How an article reads today, as `Reference.seen` keeps it: the hash of its wording; "gone" when it is no more."""
    provision = article_at(lineage.regulation, lineage, today())
    return provision.text_hash if provision else "gone"


def editors_of_pages(uids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Editable]:
    """For `portal.references`: whoever made a page, or whoever writes for the organisation it belongs to."""
    found: dict[uuid.UUID, Editable] = {}
    for page in BasePage.objects.filter(uid__in=uids).select_related("owner", "owner_organisation"):
        maker = page.owner if page.owner is not None and page.owner.is_active else None
        if maker is None and page.owner_organisation is None:
            continue
        assignees = maker or Holders(EDIT, page.owner_organisation)
        found[page.uid] = Editable(page.title, reverse("wagtailadmin_pages:edit", args=[page.pk]), assignees)
    return found


def resolve_pages(uids: Sequence[uuid.UUID], viewer: Viewer) -> Mapping[uuid.UUID, Cited]:
    """For `portal.references`: live pages that the viewer may see."""
    pages = BasePage.objects.visible_to(viewer).filter(uid__in=uids)
    return {page.uid: Cited(title=page.title, url=page.get_url() or "") for page in pages if page.get_url()}


def tell_after_publishing(version: RegulationVersion) -> None:
    """After a version of a known work was published: editors of what cites a changed article, and owners of rules below the
    work, are asked to look. Safe to repeat. Writes Task."""
    work = version.regulation
    versions = in_order(published_versions(work))
    place = next((index for index, other in enumerate(versions) if other.pk == version.pk), 0)
    if place == 0:
        return  # the oldest text that is here changes nothing
    before = dict(
        Provision.objects.filter(version=versions[place - 1], lineage__isnull=False).values_list("lineage", "text_hash")
    )
    after = {
        provision.lineage_id: provision
        for provision in Provision.objects.filter(version=version, lineage__isnull=False).defer("text")
    }
    changed = {pk for pk, digest in before.items() if pk not in after or after[pk].text_hash != digest}
    named: dict[uuid.UUID, tuple[str, str]] = {}
    for lineage in Lineage.objects.filter(pk__in=changed):
        provision = after.get(lineage.pk)
        label = article_label(provision) if provision else _("（已删去的一条）")
        state = provision.text_hash if provision else "gone"
        named[lineage.uid] = (state, f"《{work.short_title}》{label}")
    tell_of_change("article", named)
    what = _("上位法《%(title)s》有了 %(key)s 版") % {"title": work.short_title[:50], "key": version.key}
    ask_owners_below(work, f"version:{version.uid}", what)


def ask_owners_below(work: Regulation, occasion: str, what: str) -> None:
    """Ask the owners of internal rules that rest on `work` to look at them. `occasion` names the change. Writes Task."""
    below = (
        Relation.objects.filter(target=work, kind__in=_UPPER, source__owner_organisation__isnull=False)
        .exclude(state=Relation.State.REJECTED)
        .select_related("source__owner_organisation")
    )
    for relation in below:
        rule = relation.source
        if rule.owner_organisation is None:
            continue
        key = f"upper:{rule.uid}:{occasion}"
        holders = Holders("regulations.edit", rule.owner_organisation)
        title = _("%(what)s，请核对《%(title)s》是否需要修改") % {"what": what, "title": rule.title[:60]}
        open_task(key, holders, title[:200], regulation_url(rule), kind=CHANGED.code, by_hand=True)
