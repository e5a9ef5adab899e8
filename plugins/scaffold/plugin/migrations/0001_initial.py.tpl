import django.db.models.deletion
from django.db import migrations, models

import plugins.sdk.clock
import plugins.sdk.ids

SECRECY = [(0, "公开"), (1, "内部"), (2, "受控"), (3, "严格受控")]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("organisations", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="FinishedCourse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_uid", models.UUIDField(db_index=True)),
                ("course_uid", models.UUIDField()),
                ("course_title", models.CharField(blank=True, max_length=200)),
                ("finished_at", models.DateTimeField(default=plugins.sdk.clock.now)),
            ],
            options={
                "verbose_name": "学完的课程",
                "verbose_name_plural": "学完的课程",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member_uid", "course_uid"),
                        name="__slug___course_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", plugins.sdk.ids.UidField(default=plugins.sdk.ids.new_uid, editable=False, unique=True)),
                ("secrecy", models.PositiveSmallIntegerField(choices=SECRECY, default=0, verbose_name="级别")),
                ("title", models.CharField(max_length=120, verbose_name="标题")),
                ("body", models.TextField(blank=True, max_length=2000, verbose_name="正文")),
                ("shown_on", models.DateField(default=plugins.sdk.clock.today, verbose_name="显示日期")),
                (
                    "audience",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.audience",
                        verbose_name="可见范围",
                    ),
                ),
                (
                    "owner_organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                        verbose_name="责任组织",
                    ),
                ),
            ],
            options={
                "verbose_name": "通知",
                "verbose_name_plural": "通知",
                "ordering": ["-shown_on", "-pk"],
            },
        ),
    ]
