"""What is kept about a person here: the login, where it was used, and what proves it."""

from __future__ import annotations

from collections.abc import Iterable

from portal.accounts.models import (
    AttemptCounter,
    Authenticator,
    ExternalIdentity,
    LoginHandle,
    OldPassword,
    RecoveryCode,
    SignIn,
    User,
)
from portal.ground.personal import Erased, Person, Table

OWN_TABLES = (LoginHandle, SignIn, OldPassword, Authenticator, RecoveryCode, ExternalIdentity, AttemptCounter)


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
    columns = {
        "began_at": "登录时间",
        "ended_at": "结束时间",
        "method": "方式",
        "address": "地址",
        "browser": "浏览器",
        "ending": "结束原因",
    }
    yield Table(
        "sign_ins",
        "登录记录（保留半年）",
        columns,
        [
            {
                "began_at": row.began_at.isoformat(),
                "ended_at": row.ended_at.isoformat() if row.ended_at else None,
                "method": row.method,
                "address": row.address,
                "browser": row.browser,
                "ending": str(row.get_ending_display()) or None,
            }
            for row in SignIn.objects.filter(user=user).order_by("pk")
        ],
    )
    confirmed = Authenticator.objects.filter(user=user, confirmed_at__isnull=False).first()
    yield Table(
        "second_factor",
        "动态口令（密钥加密保存，恢复码只存摘要，不能取回）",
        {"since": "启用时间"},
        [{"since": confirmed.confirmed_at.isoformat()}] if confirmed and confirmed.confirmed_at else [],
    )
    yield Table(
        "identities",
        "外部身份",
        {"provider": "来源", "subject": "在来源中的编号", "linked_at": "关联时间"},
        [
            {"provider": row.provider, "subject": row.subject, "linked_at": row.linked_at.isoformat()}
            for row in ExternalIdentity.objects.filter(user=user).order_by("pk")
        ],
    )


def erase(person: Person) -> Erased:
    """The login is closed for good and loses name, address and handles; an empty row stays, since other records point at it."""
    user = User.objects.filter(pk=person.user_id).first() if person.user_id is not None else None
    if user is None:
        return Erased(0)
    rows = sum(model.objects.filter(user=user).delete()[0] for model in OWN_TABLES)
    user.username, user.display_name, user.email, user.is_active = f"erased-{user.uid.hex}", "", "", False
    user.set_unusable_password()
    user.save(update_fields=["username", "display_name", "email", "is_active", "password"])
    return Erased(rows + 1, "账号留下一个没有姓名的空行，供其他记录指向。")
