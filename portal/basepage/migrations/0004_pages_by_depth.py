from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("basepage", "0003_finish_the_swap"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="basepage",
            index=models.Index(fields=["depth", "path"], name="page_by_depth"),
        ),
    ]
