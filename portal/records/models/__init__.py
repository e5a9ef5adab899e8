from portal.records.models.heads import ChainHead, DayHead, DayHeadLine
from portal.records.models.seals import Seal, SealedContent
from portal.records.models.trail import AuditLine

__all__ = ["AuditLine", "ChainHead", "DayHead", "DayHeadLine", "Seal", "SealedContent"]
