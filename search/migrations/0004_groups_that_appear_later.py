from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_vectors_of_groups"),
    ]

    operations = [
        migrations.AddField(
            model_name="indexstate",
            name="appeared_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
