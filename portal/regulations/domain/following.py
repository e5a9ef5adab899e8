"""Subscriptions to articles, works and topics, and telling those who follow them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.basepage.models import BasePage
from portal.ground.suppliers import viewer_of
from portal.notices.domain import notify
from portal.notices.kinds import declare_kind
from portal.regulations.domain.addresses import article_label, article_url, regulation_url
from portal.regulations.domain.keeping import Place, labels_of
from portal.regulations.domain.queries import PUBLISHED, published_versions, visible_regulations
from portal.regulations.domain.status import in_order
from portal.regulations.models import (
    Citation,
    Level,
    Lineage,
    Provision,
    Regulation,
    RegulationVersion,
    Subscription,
)

FOLLOWED = declare_kind(
    "regulations.followed",
    "订阅的法规有变化",
    "Followed regulations changed",
    outside="您订阅的法规制度有变化，请登录门户查看。",
    outside_en="A regulation you follow has changed. Please sign in to the portal.",
)
MOST = 300


class NotFollowed(Exception):
    """A subscription cannot be made; `str()` is a Chinese sentence."""


# --- subscriptions ----------------------------------------------------------------------------------------------------
def follow(user: Any, regulation: Regulation, lineage: Lineage | None = None) -> Subscription:
    """Follow an article, or the whole work. Safe to repeat. Raises NotFollowed. Writes Subscription."""
    return _keep(user, regulation=regulation, lineage=lineage)


def follow_topic(user: Any, level: str, words: str) -> Subscription:
    """Follow whatever is new of a level or has words in its title; one of both at least. Safe to repeat. Raises NotFollowed.
    Writes Subscription."""
    level, words = level if level in Level.values else "", words.replace("\0", "").strip()[:60]
    if not level and not words:
        raise NotFollowed("请先选定效力级别，或写下标题中的文字，再订阅。")
    return _keep(user, regulation=None, lineage=None, level=level, words=words)


def _keep(user: Any, **what: Any) -> Subscription:
    held = Subscription.objects.filter(user=user, **what).first()
    if held is not None:
        return held
    if Subscription.objects.filter(user=user).count() >= MOST:
        raise NotFollowed(f"最多可以订阅 {MOST} 项，请先取消一些。")
    return Subscription.objects.get_or_create(user=user, **what)[0]


def unfollow(user: Any, uid: uuid.UUID) -> bool:
    """End one's own subscription; whether there was one. Writes Subscription."""
    return bool(Subscription.objects.filter(user=user, uid=uid).delete()[0])


def subscriptions_of(user: Any) -> list[tuple[Subscription, Place | None]]:
    """One's own subscriptions, newest first; a topic has no place. What may no longer be seen is left out: three queries."""
    visible = visible_regulations(viewer_of(user))
    rows = list(
        Subscription.objects.filter(Q(regulation__isnull=True) | Q(regulation__in=visible), user=user)
        .select_related("regulation", "lineage")
        .order_by("-created_at", "-pk")
    )
    labels = labels_of(row.lineage for row in rows)
    return [
        (row, Place(row.regulation, row.lineage, labels.get(row.lineage_id or 0, "")) if row.regulation else None)
        for row in rows
    ]


# --- telling ----------------------------------------------------------------------------------------------------------
def _tell(
    key: str, followers: Iterable[Subscription], work: Regulation, title: str, url: str, told: set[int] | None = None
) -> int:
    """Tell each follower once for the key, but none who may not see `work` now; `told` collects who was."""
    people = {one.user_id: one.user for one in followers if one.user.is_active}
    meant = [
        user
        for pk, user in people.items()
        if (told is None or pk not in told) and visible_regulations(viewer_of(user)).filter(pk=work.pk).exists()
    ]
    if meant:
        notify(key, meant, FOLLOWED.code, title[:200], url)
    if told is not None:
        told.update(user.pk for user in meant)
    return len(meant)


def _followers(**where: Any) -> QuerySet[Subscription]:
    return Subscription.objects.filter(**where).select_related("user").order_by("pk")


def tell_of_version(version: RegulationVersion) -> None:
    """After a version was published that is the newest of its work: who follows the work, an article that it changes, or its
    topic, is told once. Safe to repeat. Writes Message."""
    work = version.regulation
    versions = in_order(published_versions(work))
    if not versions or versions[-1].pk != version.pk:
        return  # an older text that came later changes nothing
    told: set[int] = set()
    if len(versions) > 1:
        title = _("您订阅的《%(title)s》有了 %(key)s 版") % {"title": work.short_title[:80], "key": version.key}
        url = f"/r/{work.code}/compare?from={versions[-2].key}&to={version.key}&only=changed"
        followers = _followers(regulation=work, lineage=None)
        _tell(f"regulations.version:{version.uid}", followers, work, title, url, told)
        _tell_of_articles(version, versions[-2], told)
    topics = [
        one
        for one in _followers(regulation=None)
        if (not one.level or one.level == work.level) and (not one.words or one.words in work.title)
    ]
    title = _("您订阅的主题有新的文本：《%(title)s》%(key)s 版") % {"title": work.short_title[:80], "key": version.key}
    _tell(f"regulations.topic:{version.uid}", topics, work, title, regulation_url(work), told)


def _tell_of_articles(version: RegulationVersion, before: RegulationVersion, told: set[int]) -> None:
    work = version.regulation
    followers: dict[int, list[Subscription]] = defaultdict(list)
    for one in _followers(lineage__regulation=work):
        followers[one.lineage_id or 0].append(one)
    changed = changed_articles(before, version, only=list(followers)) if followers else {}
    for lineage in Lineage.objects.filter(pk__in=list(changed)).order_by("pk"):
        label = changed[lineage.pk]
        what = {"title": work.short_title[:80], "label": label, "key": version.key}
        title = (
            _("您订阅的《%(title)s》%(label)s在 %(key)s 版中有变更") % what
            if label
            else _("您订阅的《%(title)s》一条在 %(key)s 版中已删去") % what
        )
        key = f"regulations.article:{lineage.uid}:{version.uid}"
        _tell(key, followers[lineage.pk], work, title, article_url(work, lineage), told)


def changed_articles(
    before: RegulationVersion, after: RegulationVersion, *, only: Sequence[int] | None = None
) -> dict[int, str]:
    """Lineages whose wording differs between two versions, with what they are called in the later one ("" if they are gone);
    new articles are none of them. Two queries."""
    held = Provision.objects.filter(lineage__isnull=False)
    if only is not None:
        held = held.filter(lineage__in=only)
    old = dict(held.filter(version=before).values_list("lineage", "text_hash"))
    new = {p.lineage_id: p for p in held.filter(version=after).defer("text", "heading_path")}
    return {
        pk: article_label(new[pk]) if pk in new else ""
        for pk, digest in old.items()
        if pk is not None and (pk not in new or new[pk].text_hash != digest)
    }


def tell_of_repeal(regulation: Regulation) -> None:
    """A work was given the day on which it ends: who follows it or an article of it is told once for that day. Safe to
    repeat. Writes Message in the caller's transaction."""
    if regulation.repealed_on is None:
        return
    day = regulation.repealed_on.isoformat()
    title = _("您订阅的《%(title)s》自 %(day)s 起废止") % {"title": regulation.short_title[:80], "day": day}
    key = f"regulations.repeal:{regulation.uid}:{day}"
    _tell(key, _followers(regulation=regulation), regulation, title, regulation_url(regulation))


def tell_of_start(day: dt.date) -> int:
    """Tell who follows a work that a version published before takes effect on `day`. Safe to repeat. Returns how many works.
    Writes Message."""
    starting = RegulationVersion.objects.filter(
        state=PUBLISHED, effective_on=day, regulation__in=Subscription.objects.values("regulation")
    ).select_related("regulation")
    found = 0
    for version in starting:
        work = version.regulation
        title = _("您订阅的《%(title)s》%(key)s 版今日起施行") % {"title": work.short_title[:80], "key": version.key}
        _tell(f"regulations.start:{version.uid}", _followers(regulation=work), work, title, regulation_url(work))
        found += 1
    return found


def tell_of_citations(versions: Iterable[RegulationVersion]) -> None:
    """After references were read out of texts: who follows a work or an article that a published text cites and no earlier
    version of that text did, and followed it before the text was published, is told once. Safe to repeat. Writes Message."""
    if not Subscription.objects.filter(regulation__isnull=False).exists():
        return
    for version in versions:
        if version.state == PUBLISHED and version.published_at is not None:
            _tell_of_citations(version)


def _tell_of_citations(version: RegulationVersion) -> None:
    source = version.regulation
    cited = _cited(Citation.objects.filter(version=version), source)
    if not cited:
        return
    works = {regulation for regulation, _lineage in cited}
    articles = {lineage for _regulation, lineage in cited if lineage}
    earlier = _cited(
        Citation.objects.filter(version__regulation=source, version__state=PUBLISHED)
        .exclude(version=version)
        .filter(version__published_at__lt=version.published_at),
        source,
    )
    known_works = {regulation for regulation, _lineage in earlier}
    known_articles = {lineage for _regulation, lineage in earlier}
    before = {"created_at__lte": version.published_at}
    groups: dict[tuple[str, Regulation, Lineage | None], list[Subscription]] = defaultdict(list)
    following = Subscription.objects.filter(**before).select_related("user", "regulation", "lineage").order_by("pk")
    for one in following.filter(lineage__in=articles - known_articles):
        if one.lineage is not None and one.regulation is not None:
            groups[(str(one.lineage.uid), one.regulation, one.lineage)].append(one)
    for one in following.filter(lineage=None, regulation__in=works - known_works):
        if one.regulation is not None:
            groups[(str(one.regulation.uid), one.regulation, None)].append(one)
    labels = labels_of(lineage for _key, _work, lineage in groups)
    for (key, work, lineage), followers in groups.items():
        seen = [one for one in followers if visible_regulations(viewer_of(one.user)).filter(pk=source.pk).exists()]
        place = Place(work, lineage, labels.get(lineage.pk, "") if lineage else "")
        title = _("您订阅的%(place)s被《%(title)s》引用") % {
            "place": place.title[:90],
            "title": source.short_title[:80],
        }
        _tell(f"regulations.cited:{key}:{source.uid}", seen, work, title, regulation_url(source))


def _cited(citations: QuerySet[Citation], source: Regulation) -> set[tuple[int, int | None]]:
    rows = citations.filter(is_hidden=False, target__isnull=False).exclude(target=source)
    return set(rows.values_list("target", "target_lineage").distinct())  # type: ignore[arg-type]


def tell_of_page(page: BasePage, cited: Mapping[uuid.UUID, bool]) -> None:
    """A page cites articles: who follows one is told once, if the page or the citation is newer than the subscription.
    `cited` maps the uids of lineages to whether the page began to cite them just now. Safe to repeat. Writes Message."""
    if not page.live or not cited:
        return
    followers = _followers(lineage__uid__in=list(cited)).select_related("user", "lineage", "regulation")
    groups: dict[int, list[Subscription]] = defaultdict(list)
    for one in followers:
        if one.lineage is None:
            continue
        first = page.first_published_at
        is_new = cited[one.lineage.uid] or (first is not None and first >= one.created_at)
        if is_new and BasePage.objects.visible_to(viewer_of(one.user)).filter(pk=page.pk).exists():
            groups[one.lineage_id or 0].append(one)
    labels = labels_of(one.lineage for some in groups.values() for one in some)
    for pk, some in groups.items():
        work, lineage = some[0].regulation, some[0].lineage
        if work is None or lineage is None:
            continue
        place = Place(work, lineage, labels.get(pk, ""))
        title = _("您订阅的%(place)s被《%(title)s》引用") % {"place": place.title[:90], "title": page.title[:80]}
        _tell(f"regulations.cited:{lineage.uid}:{page.uid}", some, work, title, page.get_url() or "")
