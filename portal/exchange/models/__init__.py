from portal.exchange.models.agreed import AgreedRow
from portal.exchange.models.partner import OwnSite, Partner
from portal.exchange.models.receiving import ReceivedPackage, StagedLine
from portal.exchange.models.sending import SentPackage

__all__ = ["AgreedRow", "OwnSite", "Partner", "ReceivedPackage", "SentPackage", "StagedLine"]
