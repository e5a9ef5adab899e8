from django.urls import path

from portal.members.web import corrections, importing, lists, own, standing

app_name = "memberfiles"
urlpatterns = [
    path("", lists.member_list, name="list"),
    path("me/", own.me, name="me"),
    path("me/looks/", own.looks, name="looks"),
    path("me/consents/", own.consents, name="consents"),
    path("me/download/", own.download, name="download"),
    path("me/corrections/<slug:field>/", own.ask, name="ask"),
    path("me/corrections/<uuid:uid>/withdraw/", own.withdraw, name="withdraw"),
    path("files/<uuid:uid>/", own.prepared, name="prepared"),
    path("files/<uuid:uid>/fetch/", own.fetch, name="fetch"),
    path("corrections/", corrections.waiting, name="corrections"),
    path("corrections/<uuid:uid>/", corrections.decide, name="correction"),
    path("import/", importing.start, name="import"),
    path("import/template.xlsx", importing.template_file, name="template"),
    path("import/<uuid:uid>/", importing.run, name="import_run"),
    path("import/<uuid:uid>/check/", importing.check, name="import_check"),
    path("import/<uuid:uid>/apply/", importing.apply, name="import_apply"),
    path("import/<uuid:uid>/drop/", importing.drop, name="import_drop"),
    path("import/<uuid:uid>/problems.csv", importing.problems, name="import_problems"),
    path("new/", standing.enter, name="new"),
    path("export/", lists.export, name="export"),
    path("export/<uuid:uid>/", lists.approve, name="approve"),
    path("<uuid:uid>/", lists.member, name="member"),
    path("<uuid:uid>/reveal/", lists.reveal_values, name="reveal"),
    path("<uuid:uid>/edit/", lists.edit, name="edit"),
    path("<uuid:uid>/transfer/", standing.transfer, name="transfer"),
    path("<uuid:uid>/stage/", standing.stage, name="stage"),
    path("<uuid:uid>/awards/", lists.award, name="award"),
]
