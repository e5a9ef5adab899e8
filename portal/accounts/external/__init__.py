"""Clients of the unit's identity services. Each says who somebody is; whose account that is decides `domain.identities`."""
