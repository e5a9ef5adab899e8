"""CAS, WeCom and DingTalk: each sends a browser back with a ticket or a code, which we exchange for a name ourselves."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import requests
from defusedxml import DefusedXmlException, ElementTree

from portal.accounts.external.people import ExternalPerson, ServiceFailed

TIMEOUT_SECONDS = 10
_CAS = "{http://www.yale.edu/tp/cas}"


def away_address(service: Any, back: str, state: str) -> str:
    """Where the browser goes to sign in. `back` is our address it returns to, `state` what it must bring along."""
    if service.kind == "cas":
        return f"{service.address}/login?{urlencode({'service': _with_state(back, state)})}"
    login = service.options.get("login", service.address)
    if service.kind == "wecom":
        asked = {
            "login_type": "CorpApp",
            "appid": service.client,
            "agentid": service.options.get("agent", ""),
            "redirect_uri": back,
            "state": state,
        }
        return f"{login}/wwlogin/sso/login?{urlencode(asked)}"
    asked = {
        "response_type": "code",
        "client_id": service.client,
        "redirect_uri": back,
        "scope": "openid",
        "prompt": "consent",
        "state": state,
    }
    return f"{login}/oauth2/auth?{urlencode(asked)}"


def _with_state(back: str, state: str) -> str:
    return f"{back}?{urlencode({'state': state})}"


def person_from(service: Any, answer: dict[str, str], back: str, state: str) -> ExternalPerson:
    """Who came back with these parameters; `state` was compared already. Raises ServiceFailed."""
    try:
        if service.kind == "cas":
            return _cas_person(service, answer.get("ticket", ""), _with_state(back, state))
        if service.kind == "wecom":
            return _wecom_person(service, answer.get("code", ""))
        return _dingtalk_person(service, answer.get("code") or answer.get("authCode", ""))
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ServiceFailed(f"{service.kind}: {error}") from error


def _ask(service: Any, method: str, path: str, **options: Any) -> requests.Response:
    response = requests.request(
        method,
        f"{service.address}{path}",
        timeout=TIMEOUT_SECONDS,
        verify=service.ca or True,
        allow_redirects=False,
        **options,
    )
    response.raise_for_status()
    return response


def _cas_person(service: Any, ticket: str, back: str) -> ExternalPerson:
    if not ticket:
        raise ServiceFailed("CAS: no ticket")
    text = _ask(service, "GET", "/p3/serviceValidate", params={"service": back, "ticket": ticket}).content
    try:
        success = ElementTree.fromstring(text, forbid_dtd=True).find(f"{_CAS}authenticationSuccess")
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise ServiceFailed(f"CAS: {error}") from error
    user = success.findtext(f"{_CAS}user", "").strip() if success is not None else ""
    if not user:
        raise ServiceFailed("CAS: the ticket is not valid")
    claim = service.options.get("claim", "")
    value = success.findtext(f"{_CAS}attributes/{_CAS}{claim}", "").strip() if claim else user
    return ExternalPerson(user, value)


def _wecom_person(service: Any, code: str) -> ExternalPerson:
    """企业微信: the application's token, then the user id behind the code."""
    if not code:
        raise ServiceFailed("WeCom: no code")
    keys = {"corpid": service.client, "corpsecret": service.secret}
    token = _wecom(_ask(service, "GET", "/cgi-bin/gettoken", params=keys))["access_token"]
    found = _wecom(_ask(service, "GET", "/cgi-bin/auth/getuserinfo", params={"access_token": token, "code": code}))
    user = str(found.get("userid") or "")
    if not user:
        raise ServiceFailed("WeCom: not a member of the enterprise")
    return ExternalPerson(user, user)


def _wecom(response: requests.Response) -> dict[str, Any]:
    answer: dict[str, Any] = response.json()
    if answer.get("errcode"):
        raise ServiceFailed(f"WeCom: {answer.get('errcode')}")
    return answer


def _dingtalk_person(service: Any, code: str) -> ExternalPerson:
    """钉钉: the person's token for the code, then the person."""
    if not code:
        raise ServiceFailed("DingTalk: no code")
    asked = {
        "clientId": service.client,
        "clientSecret": service.secret,
        "code": code,
        "grantType": "authorization_code",
    }
    token = _ask(service, "POST", "/v1.0/oauth2/userAccessToken", json=asked).json()["accessToken"]
    headers = {"x-acs-dingtalk-access-token": token}
    person = _ask(service, "GET", "/v1.0/contact/users/me", headers=headers).json()
    return ExternalPerson(str(person["unionId"]), str(person.get(service.options.get("claim", "mobile")) or ""))
