"""Reviews and returned pages that are open when to-dos arrive get theirs."""

from django.db import migrations


def open_tasks(apps, schema_editor):
    Task = apps.get_model("notices", "Task")
    Assignee = apps.get_model("notices", "TaskAssignee")
    Page = apps.get_model("basepage", "BasePage")
    for state in apps.get_model("pages", "ReviewTaskState").objects.filter(
        status="in_progress", organisation__isnull=False
    ).select_related("workflow_state"):
        page = Page.objects.filter(pk=state.workflow_state.object_id).first()
        if page is not None:
            Task.objects.get_or_create(
                key=f"pages.review:{state.pk}",
                defaults={
                    "kind": "pages.review",
                    "title": f"审核：{page.draft_title or page.title}"[:200],
                    "url": f"/admin/pages/{page.pk}/edit/",
                    "right": "pages.review",
                    "organisation_id": state.organisation_id,
                    "except_user_id": state.workflow_state.requested_by_id,
                    "opened_at": state.started_at,
                },
            )
    for workflow in apps.get_model("wagtailcore", "WorkflowState").objects.filter(
        status="needs_changes", requested_by__isnull=False
    ):
        page = Page.objects.filter(pk=workflow.object_id).first()
        if page is not None:
            task, made = Task.objects.get_or_create(
                key=f"pages.returned:{workflow.pk}",
                defaults={
                    "kind": "pages.returned",
                    "title": f"修改后重新提交：{page.draft_title or page.title}"[:200],
                    "url": f"/admin/pages/{page.pk}/edit/",
                },
            )
            if made:
                Assignee.objects.create(task=task, user_id=workflow.requested_by_id)


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0001_initial"),
        ("notices", "0002_messages_and_tasks"),
    ]

    operations = [migrations.RunPython(open_tasks, migrations.RunPython.noop)]
