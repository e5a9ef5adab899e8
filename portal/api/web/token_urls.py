"""`/account/tokens/`."""

from django.urls import path

from portal.api.web import tokens

app_name = "api_tokens"
urlpatterns = [
    path("", tokens.own_tokens, name="list"),
    path("new/", tokens.new_token, name="new"),
    path("<uuid:uid>/revoke/", tokens.revoke, name="revoke"),
]
