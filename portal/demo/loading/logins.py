"""A dozen logins of all roles. Passwords are drawn, shown once and written to a file only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password

from portal.accounts.domain.handles import add_handle
from portal.accounts.domain.passwords import new_password
from portal.accounts.models import LoginHandle, User
from portal.demo.content_files import read_toml
from portal.demo.loading.context import Context
from portal.organisations.domain.rights import grant_role
from portal.organisations.models import Member

FILE_NAME = "logins.txt"
_HEAD = """演示站点的登录账号。密码随机生成，只显示这一次；本文件仅文件所有者可读。
演示时管理员登录不强制动态口令（SECOND_FACTOR=optional）；正式站点默认强制。
Logins of the demo site. Passwords were drawn at random; only the owner can read this file.
In the demo administrators sign in without a second factor (SECOND_FACTOR=optional); real sites require it by default.
"""


def load(context: Context) -> str:
    """Make the logins, give roles, write the file, show them."""
    people = [person for person in read_toml("people.toml")["person"] if "username" in person]
    lines = []
    for number, person in enumerate(people, start=1):
        password = new_password()
        work_number = f"LC{number:05}"
        _login(context, person, password, work_number)
        lines.append(f"{person['username']:<12} {password:<16} {work_number}  {person['name']}  {person['note']}")
    path = Path(settings.DATA_DIR) / FILE_NAME
    write_private(
        path, _HEAD + "\n" + "\n".join(["用户名       密码             工号     姓名    说明", *lines]) + "\n"
    )
    context.report("登录账号（也可用工号登录）：")
    for line in lines:
        context.report(f"  {line}")
    return f"账号 {len(people)} 个，已写入 {path}"


def _login(context: Context, person: dict[str, Any], password: str, work_number: str) -> User:
    home = context.organisations[person["organisation"]]
    user = User(username=person["username"], display_name=person["name"], clearance=person["clearance"], is_active=True)
    validate_password(password, user)
    user.set_password(password)
    user.save()
    add_handle(user, LoginHandle.Kind.WORK_NUMBER, work_number)
    member = Member.objects.get(name=person["name"], organisation=home)
    member.user = user
    member.save(update_fields=["user"])
    if "role" in person:
        grant_role(user, person["role"], context.organisations[person["scope"]])
    return user


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, at once and not in part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(text)
        target.flush()
        os.fsync(target.fileno())
    part.replace(path)
