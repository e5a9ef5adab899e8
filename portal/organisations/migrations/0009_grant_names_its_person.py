import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("organisations", "0008_register_imports"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rolegrant",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="role_grants",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
    ]
