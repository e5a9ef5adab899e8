"""The rights of this app, and the roles that have them."""

from portal.ground.rights import declare
from portal.organisations.domain.rights import give
from portal.organisations.models import Role

VIEW = "members.view"
EDIT = "members.edit"
CORRECT = "members.correct"
REVEAL = "members.reveal"
UNSEAL = "members.unseal"
IMPORT = "members.import"
EXPORT = "members.export"

declare(VIEW, "查看党员档案（敏感信息遮盖）", "See members' files (sensitive values masked)")
declare(EDIT, "维护党员档案", "Keep members' files")
declare(CORRECT, "审核党员提出的更正", "Decide on corrections that members ask for")
declare(REVEAL, "说明理由后查看完整的证件号码和电话", "See full ID and phone numbers, with a reason")
declare(UNSEAL, "说明理由后查看封存的处分信息", "See sealed punishments, with a reason")
declare(IMPORT, "导入党员", "Import members")
declare(EXPORT, "导出党员", "Export members")


def give_to_roles() -> None:
    """The secretary sees the branch masked and decides on corrections; the unit's administrator keeps the files. The
    audit administrator sees them masked, each look logged, and nothing behind the masks; the system and the security
    administrator see none."""
    give(Role.SECRETARY, VIEW, CORRECT, REVEAL)
    give(Role.ADMIN, VIEW, EDIT, CORRECT, REVEAL, UNSEAL, IMPORT, EXPORT)
    give(Role.AUDITOR, VIEW)
