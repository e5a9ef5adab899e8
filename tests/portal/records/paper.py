"""A record kind for the tests: its table is made by hand, it belongs to no app."""

from django.db import connection, models

from portal.records.models.sealed import SealedRecord

KIND = "test.paper"


class Paper(SealedRecord):
    sealed_kind = KIND
    sealed_fields = ("title", "phone")
    personal_fields = ("phone",)

    title = models.CharField(max_length=100)
    phone = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "records_tests"
        db_table = "records_test_paper"

    def sealed_chain(self) -> str:
        return "org:paper"


def make_table() -> None:
    """Create the table of `Paper` on either database."""
    number = "bigserial" if connection.vendor == "postgresql" else "integer"
    kinds = ("uuid", "timestamptz") if connection.vendor == "postgresql" else ("char(32)", "datetime")
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE records_test_paper (id {number} PRIMARY KEY, uid {kinds[0]} UNIQUE, happened_on date, "
            f"due_on date NULL, submitted_at {kinds[1]} NULL, seal_version integer, title varchar(100), phone varchar(20))"
        )
