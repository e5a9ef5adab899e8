from django.urls import path

from portal.notices.web import sending, tasks, views

app_name = "notices"
urlpatterns = [
    path("", views.notice_list, name="list"),
    path("read/", views.read_all, name="read_all"),
    path("settings/", views.settings, name="settings"),
    path("tasks/", tasks.task_list, name="tasks"),
    path("tasks/<uuid:uid>/", tasks.open_one, name="task"),
    path("tasks/<uuid:uid>/done/", tasks.done, name="task_done"),
    path("sent/", sending.sent_list, name="sent"),
    path("sent/new/", sending.send, name="send"),
    path("sent/<uuid:uid>/", sending.receipts, name="receipts"),
    path("<uuid:uid>/", views.open_notice, name="open"),
]
