"""What plugins may use of the core, part by part. Anything else is private.

- `facts`: people, organisations, terms, rights, audiences: functions and frozen values
- `events`: what happened, to hear with `plugins.sdk.on`
- `models`: abstract models and fields for own tables
- `pages`: the base of own page types, and streams that keep what they do not know
- `admin`: bases for own places in the administration
- `notices`: telling people things, asking them to do things
- `records`: sealing a record for good, and reading its versions
"""

from portal.public.version import __version__

__all__ = ["__version__"]
