from django.urls import path

from portal.accounts.web import external, factors, passwords, security, sign_in

app_name = "accounts"
urlpatterns = [
    path("", security.security, name="security"),
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("password/", passwords.change_password, name="password"),
    path("factor/", factors.factor, name="factor"),
    path("factor/new/", factors.enrol, name="enrol"),
    path("factor/done/", factors.finish, name="finish"),
    path("factor/recovery/", factors.recovery_codes, name="recovery_codes"),
    path("factor/remove/", factors.remove_factor, name="remove_factor"),
    path("with/<slug:kind>/", external.away, name="external_away"),
    path("with/<slug:kind>/back/", external.back, name="external_back"),
    path("confirm/", factors.confirm, name="confirm"),
    path("devices/others/end/", security.end_other_devices, name="end_other_devices"),
    path("devices/<uuid:uid>/end/", security.end_device, name="end_device"),
]
