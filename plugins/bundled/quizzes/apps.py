from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    name = "plugins.bundled.quizzes"
    label = "quizzes"
    verbose_name = "在线考试"
    default_auto_field = "django.db.models.BigAutoField"
