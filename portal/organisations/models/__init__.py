from portal.organisations.models.audience import Audience, AudienceToken
from portal.organisations.models.grant import SEPARATED_DUTIES, DutiesConflict, Role, RoleGrant
from portal.organisations.models.history import OrganisationEvent, OrganisationEventPart, OrganisationState
from portal.organisations.models.member import Member, Membership
from portal.organisations.models.organisation import Organisation, paths_up, subtree_filter
from portal.organisations.models.post import Post, Term
from portal.organisations.models.register_import import RegisterImport

__all__ = [
    "SEPARATED_DUTIES",
    "Audience",
    "AudienceToken",
    "DutiesConflict",
    "Member",
    "Membership",
    "Organisation",
    "OrganisationEvent",
    "OrganisationEventPart",
    "OrganisationState",
    "Post",
    "RegisterImport",
    "Role",
    "RoleGrant",
    "Term",
    "paths_up",
    "subtree_filter",
]
