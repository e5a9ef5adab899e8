from portal.accounts.models.attempts import AttemptCounter
from portal.accounts.models.factors import Authenticator, RecoveryCode
from portal.accounts.models.identities import ExternalIdentity
from portal.accounts.models.passwords import OldPassword
from portal.accounts.models.sign_ins import SignIn
from portal.accounts.models.user import LoginHandle, User

__all__ = [
    "AttemptCounter",
    "Authenticator",
    "ExternalIdentity",
    "LoginHandle",
    "OldPassword",
    "RecoveryCode",
    "SignIn",
    "User",
]
