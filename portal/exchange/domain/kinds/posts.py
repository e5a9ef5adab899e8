"""Posts (职务) that members hold in the scope's organisations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.exchange.domain import values
from portal.ground.exchange import Book, CannotWrite, ExchangeKind, Incoming, Matches, Row, Scope, Writing
from portal.organisations.models import Member, Organisation, Post, subtree_filter

_CHUNK = 1000
_FIELDS = ("uid", "organisation", "member", "kind", "since", "until", "ended_on")
_DAYS = ("since", "until", "ended_on")


class Posts(ExchangeKind):
    """职务 of members who belong to the scope; what people from outside once held in it stays with them."""

    name = "posts"
    version = 1
    order = 40
    label = gettext_lazy("职务")
    fields = {
        "organisation": gettext_lazy("党组织"),
        "member": gettext_lazy("党员"),
        "kind": gettext_lazy("职务"),
        "since": gettext_lazy("任职日期"),
        "until": gettext_lazy("届满日期"),
        "ended_on": gettext_lazy("离任日期"),
    }

    def export(self, scope: Scope, only: Collection[str] | None = None) -> Iterator[Row]:
        """By uid."""
        if only is None:
            if not scope.path:
                return
            wanted = Post.objects.filter(
                subtree_filter(scope.path, "organisation__path"),
                subtree_filter(scope.path, "member__organisation__path"),
            )
        else:
            wanted = Post.objects.filter(uid__in=only)
        for post in wanted.select_related("organisation", "member").order_by("uid").iterator(chunk_size=_CHUNK):
            yield {
                "uid": str(post.uid),
                "organisation": str(post.organisation.uid),
                "member": str(post.member.uid),
                "kind": post.kind,
                **{name: values.iso(getattr(post, name)) for name in _DAYS},
            }

    def read(self, row: Row, book: Book) -> Row:
        """Organisation and member must be in the package."""
        values.fields_of(row, _FIELDS)
        return {
            "uid": values.uid(row),
            "organisation": book.here("organisations", values.uid(row, "organisation")),
            "member": book.here("members", values.uid(row, "member")),
            "kind": values.choice(row, "kind", Post.Kind.values),
            "since": values.iso(values.day(row, "since", needed=True)),
            "until": values.iso(values.day(row, "until")),
            "ended_on": values.iso(values.day(row, "ended_on")),
        }

    def match(self, rows: Sequence[Row], scope: Scope, known: Mapping[str, str]) -> Matches:
        """By uid; a post that is held now also by who holds what where."""
        uids = [known.get(row["uid"], row["uid"]) for row in rows]
        by_uid = {
            str(uid): path for uid, path in Post.objects.filter(uid__in=uids).values_list("uid", "organisation__path")
        }
        held = Post.objects.filter(
            organisation__uid__in={row["organisation"] for row in rows},
            member__uid__in={row["member"] for row in rows},
            ended_on__isnull=True,
        ).values_list("organisation__uid", "member__uid", "kind", "uid")
        now_held = {(str(where), str(who), kind): str(uid) for where, who, kind, uid in held}
        found, kept_out = {}, {}
        for row in rows:
            uid = known.get(row["uid"], row["uid"])
            if uid in by_uid:
                found[row["uid"]] = uid
                if not by_uid[uid].startswith(scope.allowed):
                    kept_out[row["uid"]] = _("这条记录在本站属于别的组织。")
            elif row["ended_on"] is None and (
                held_uid := now_held.get((row["organisation"], row["member"], row["kind"]))
            ):
                found[row["uid"]] = held_uid
        return Matches(found, kept_out)

    def write(self, items: Sequence[Incoming], writing: Writing) -> None:
        """Those that end come first, so that a successor finds the post free."""
        where = {item.row["organisation"] for item in items}
        who = {item.row["member"] for item in items}
        organisations = {str(u): pk for u, pk in Organisation.objects.filter(uid__in=where).values_list("uid", "pk")}
        members = {str(u): pk for u, pk in Member.objects.filter(uid__in=who).values_list("uid", "pk")}
        for item in items:
            if item.row["organisation"] not in organisations or item.row["member"] not in members:
                raise CannotWrite(_("有职务所属的组织或党员没有导入；请把有关的冲突选成同一方。"))
        for item in sorted(items, key=lambda item: item.row["ended_on"] is None):
            fields: dict[str, Any] = {
                "organisation_id": organisations[item.row["organisation"]],
                "member_id": members[item.row["member"]],
                "kind": item.row["kind"],
                **{name: item.row[name] for name in _DAYS},
            }
            if item.is_new:
                Post.objects.create(uid=item.uid, **fields)
            else:
                Post.objects.filter(uid=item.uid).update(**fields)

    def title(self, row: Row) -> str:
        """Who holds what where."""
        return f"{self.shown('member', row['member'])} · {self.shown('kind', row['kind'])} · {self.shown('organisation', row['organisation'])}"

    def shown(self, field: str, value: Any) -> str:
        """Names instead of uids."""
        if field == "kind":
            return str(dict(Post.Kind.choices).get(value, value))
        if field in ("organisation", "member") and value:
            model = Organisation if field == "organisation" else Member
            return str(model.objects.filter(uid=value).values_list("name", flat=True).first() or "—")
        return super().shown(field, value)
