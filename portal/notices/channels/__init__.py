"""The ways out of the site. An adapter knows how to find a person's address and how to send one short text there."""

from portal.notices.channels.base import Channel, Outgoing, Undeliverable, address_from, channel_named, channels

__all__ = ["Channel", "Outgoing", "Undeliverable", "address_from", "channel_named", "channels"]
