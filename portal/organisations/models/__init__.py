from portal.organisations.models.audience import Audience, AudienceToken
from portal.organisations.models.grant import Role, RoleGrant
from portal.organisations.models.member import Member, Membership
from portal.organisations.models.organisation import Organisation, Post

__all__ = ["Audience", "AudienceToken", "Member", "Membership", "Organisation", "Post", "Role", "RoleGrant"]
