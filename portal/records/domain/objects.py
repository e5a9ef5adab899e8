"""What acts are done to, in words: how the kinds of things are called, and the names of those things that have one.

The trail itself holds kinds and uids. Names are read when a line is shown, from the app that owns the thing, so that who was
erased has none.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

FOUND_AT_MOST = 200

KINDS = {
    "answer": _("解答"),
    "article": _("条文"),
    "api_token": _("接口令牌"),
    "audit": _("操作记录"),
    "delivery": _("后台投递"),
    "document": _("文件"),
    "exchange.file": _("数据交换文件"),
    "exchange.partner": _("数据交换站点"),
    "exchange.received": _("收到的数据包"),
    "exchange.sent": _("发出的数据包"),
    "exchange.site": _("本站（数据交换）"),
    "job": _("后台任务"),
    "member": _("党员档案"),
    "member.correction": _("更正申请"),
    "member.file": _("党员档案"),
    "member.standing": _("组织关系变动"),
    "members.export": _("党员导出"),
    "members.import": _("党员导入"),
    "message": _("群发通知"),
    "organisation": _("党组织"),
    "organisations.import": _("组织导入"),
    "page": _("页面"),
    "pin": _("搜索置顶"),
    "plugin": _("插件"),
    "posting": _("站外消息"),
    "records": _("封存记录"),
    "regulation": _("法规"),
    "regulation_question": _("法规疑问"),
    "regulation_version": _("法规版本"),
    "search": _("搜索"),
    "search_policy": _("搜索策略"),
    "site": _("站点"),
    "synonym": _("同义词"),
    "user": _("账号"),
    "video": _("视频"),
}

Names = Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, str]]
Find = Callable[[str, int], Iterable[uuid.UUID]]


@dataclasses.dataclass(frozen=True)
class Named:
    """How the things of a kind are called, and which are called so: `names` of uids, `find(text, at most)`. One query each."""

    names: Names
    find: Find


_named: dict[str, Named] = {}


def register_names(kind: str, names: Names, find: Find) -> None:
    """Say how things of a kind of object are called. Called once in the `AppConfig.ready` of the app that owns them."""
    _named[kind] = Named(names, find)


def kind_label(kind: str) -> str:
    """What a kind of object is called; one that nobody named is called by its code."""
    return str(KINDS.get(kind, kind))


def kinds_called(text: str) -> list[str]:
    """The kinds whose name holds `text`."""
    return [kind for kind, label in KINDS.items() if text in str(label)]


def names_of_objects(objects: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Names of objects given by kind and uid; those without one are left out. One query a kind that has names."""
    found: dict[tuple[str, str], str] = {}
    for kind, named in _named.items():
        wanted = {one for text_kind, text in objects if text_kind == kind and (one := _uid(text)) is not None}
        if wanted:
            found |= {(kind, str(one)): name for one, name in named.names(wanted).items()}
    return found


def objects_called(text: str) -> list[str]:
    """The uids of things that are called `text`: part of a name, or a login or code. One query a kind that has names."""
    return [str(one) for named in _named.values() for one in named.find(text, FOUND_AT_MOST)]


def _uid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def names_of_users(uids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names and logins of accounts."""
    rows = get_user_model()._default_manager.filter(uid__in=uids).values_list("uid", "display_name", "username")
    return {uid: f"{name}（{login}）" if name else login for uid, name, login in rows}


def users_called(text: str, limit: int) -> list[uuid.UUID]:
    """Accounts by part of a name, or by the login."""
    people = get_user_model()._default_manager.filter(Q(display_name__icontains=text) | Q(username__iexact=text))
    return list(people.values_list("uid", flat=True)[:limit])
