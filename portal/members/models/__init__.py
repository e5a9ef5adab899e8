from portal.members.models.access import AccessEntry, Consent
from portal.members.models.award import Award
from portal.members.models.correction import Correction
from portal.members.models.erasing import Erasure
from portal.members.models.file import MemberFile
from portal.members.models.importing import ImportProblem, ImportRun, StagedRow
from portal.members.models.prepared import PreparedFile

__all__ = [
    "AccessEntry",
    "Award",
    "Consent",
    "Correction",
    "Erasure",
    "ImportProblem",
    "ImportRun",
    "MemberFile",
    "PreparedFile",
    "StagedRow",
]
