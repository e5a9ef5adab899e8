"""Watch over key fields (关键字段监控): one open task a unit while something is missing there, closed when nothing is."""

from __future__ import annotations

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from portal.members.domain.files import ensure_files
from portal.members.domain.queries import missing_filter
from portal.members.rights import EDIT
from portal.notices.domain import Holders, close_task, open_task
from portal.notices.kinds import MISSING
from portal.notices.models import Task
from portal.organisations.models import Member, Organisation

KEY = "members.missing:"


def watch_key_fields(organisation_ids: list[int] | None = None) -> int:
    """Open, renew or close the task of each unit (of the given ones, or of all); how many are open now. Safe to repeat.

    The task is for whoever may keep the files of the unit. Writes tasks.
    """
    ensure_files()
    members = Member.objects.filter(missing_filter())
    if organisation_ids is not None:
        members = members.filter(organisation_id__in=organisation_ids)
    counts = dict(
        members.order_by().values_list("organisation_id").annotate(n=Count("pk")).values_list("organisation_id", "n")
    )
    units = Organisation.objects.in_bulk(list(counts))
    open_keys = set()
    for pk, unit in units.items():
        n = counts[pk]
        title = ngettext("%(unit)s有 %(n)s 名党员的关键信息不完整", "%(unit)s有 %(n)s 名党员的关键信息不完整", n) % {
            "unit": unit,
            "n": n,
        }
        key = f"{KEY}{unit.uid}"
        open_keys.add(key)
        url = f"{reverse('memberfiles:list')}?missing=1&unit={unit.code}"
        open_task(key, Holders(EDIT, unit), title, url, kind=MISSING.code)
    stale = Task.objects.filter(key__startswith=KEY, closed_at__isnull=True).exclude(key__in=open_keys)
    if organisation_ids is not None:
        uids = Organisation.objects.filter(pk__in=organisation_ids).values_list("uid", flat=True)
        stale = stale.filter(key__in=[f"{KEY}{uid}" for uid in uids])
    for key in list(stale.values_list("key", flat=True)):
        close_task(key)
    return len(open_keys)
