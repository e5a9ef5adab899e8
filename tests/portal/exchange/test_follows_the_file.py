"""A field more on the member's file must not be forgotten by the exchange between sites."""

from portal.exchange.domain.kinds.members import FILE_FIELDS_V1, Members
from portal.members.domain.fields import ON_FILE


def test_package_carries_every_field_of_the_file():
    missing = [field.name for field in ON_FILE if field.name not in FILE_FIELDS_V1]
    gone = [name for name in FILE_FIELDS_V1 if name not in {field.name for field in ON_FILE}]

    assert not missing, (
        f"the member's file has {', '.join(missing)}, which version {Members.version} of the members' package does not carry: "
        "add a list FILE_FIELDS_V2, raise Members.version and let read() take both versions"
    )
    assert not gone, (
        f"packages of version {Members.version} name {', '.join(gone)}, which the file no longer has: keep reading it"
    )
