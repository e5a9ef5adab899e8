"""Points (积分): a ledger of transfers that nobody can change, fed by events."""
