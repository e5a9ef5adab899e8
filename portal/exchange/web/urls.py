from django.urls import path

from portal.exchange.web import partners, receiving, sending

app_name = "exchange"
urlpatterns = [
    path("partners/", partners.partner_list, name="partners"),
    path("partners/new/", partners.new, name="partner_new"),
    path("partners/<uuid:uid>/", partners.partner, name="partner"),
    path("partners/<uuid:uid>/end/", partners.end, name="partner_end"),
    path("send/", sending.start, name="send"),
    path("send/<uuid:uid>/", sending.sent, name="sent"),
    path("send/<uuid:uid>/fetch/", sending.fetch, name="fetch"),
    path("receive/", receiving.start, name="receive"),
    path("receive/<uuid:uid>/", receiving.received, name="received"),
    path("receive/<uuid:uid>/check/", receiving.check, name="check"),
    path("receive/<uuid:uid>/decide/", receiving.decide, name="decide"),
    path("receive/<uuid:uid>/apply/", receiving.apply, name="apply"),
    path("receive/<uuid:uid>/drop/", receiving.drop, name="drop"),
]
