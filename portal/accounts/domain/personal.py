"""What is kept about a person here: the login."""

from __future__ import annotations

from collections.abc import Iterable

from portal.accounts.models import LoginHandle, User
from portal.ground.personal import Erased, Person, Table


def export(person: Person) -> Iterable[Table]:
    """The login and by what one can sign in; passwords and numbers themselves are not kept, only what checks them."""
    user = User.objects.filter(pk=person.user_id).first() if person.user_id is not None else None
    if user is None:
        return
    row = {
        "username": user.username,
        "display_name": user.display_name,
        "email": user.email or None,
        "clearance": user.clearance,
        "date_joined": user.date_joined.isoformat(),
        "last_login": user.last_login.isoformat() if user.last_login else None,
    }
    columns = {
        "username": "用户名",
        "display_name": "姓名",
        "email": "电子邮箱",
        "clearance": "知悉级别",
        "date_joined": "开通时间",
        "last_login": "上次登录",
    }
    yield Table("user", "账号", columns, [row])
    handles = LoginHandle.objects.filter(user=user).order_by("pk")
    yield Table(
        "handles",
        "登录方式（只存加密摘要，不存号码本身）",
        {"kind": "种类"},
        [{"kind": str(handle.get_kind_display())} for handle in handles],
    )


def erase(person: Person) -> Erased:
    """The login is closed for good and loses name, address and handles; an empty row stays, since other records point at it."""
    user = User.objects.filter(pk=person.user_id).first() if person.user_id is not None else None
    if user is None:
        return Erased(0)
    rows = LoginHandle.objects.filter(user=user).delete()[0]
    user.username, user.display_name, user.email, user.is_active = f"erased-{user.uid.hex}", "", "", False
    user.set_unusable_password()
    user.save(update_fields=["username", "display_name", "email", "is_active", "password"])
    return Erased(rows + 1, "账号留下一个没有姓名的空行，供其他记录指向。")
