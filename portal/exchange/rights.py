"""The rights of this app, and the roles that have them."""

from portal.ground.rights import declare
from portal.organisations.domain.rights import give
from portal.organisations.models import Role

PARTNERS = "exchange.partners"
SEND = "exchange.send"
RECEIVE = "exchange.receive"

declare(PARTNERS, "登记并确认数据交换的对方站点", "Enter and confirm the sites to exchange with")
declare(SEND, "导出交换数据包", "Export exchange packages")
declare(RECEIVE, "导入交换数据包", "Import exchange packages")


def give_to_roles() -> None:
    """The system administrator says with whom, and sees no package; the unit's administrator sends and receives, and cannot
    choose with whom."""
    give(Role.SYSTEM_ADMIN, PARTNERS)
    give(Role.ADMIN, SEND, RECEIVE)
