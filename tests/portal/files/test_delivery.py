"""Pictures and documents: who gets the bytes, and that nobody else learns that they exist."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from PIL import Image as Picture
from wagtail.permissions import policy_registry

from portal.files.models import PortalDocument, PortalImage
from portal.ground.models import OutboxEntry
from portal.organisations.domain.audiences import organisation_audience
from tests.factories import make_branch, make_committee, make_member, make_staff

pytestmark = pytest.mark.django_db


def read(answer: object) -> None:
    """Read the body to its end, as a browser does: that closes the file."""
    if getattr(answer, "streaming", False):
        b"".join(answer.streaming_content)


def make_image(**fields: object) -> PortalImage:
    data = io.BytesIO()
    Picture.new("RGB", (40, 30), "#b5121b").save(data, "PNG")
    return PortalImage.objects.create(title="红", file=ImageFile(data, name="red.png"), **fields)


def make_document(**fields: object) -> PortalDocument:
    return PortalDocument.objects.create(title="名单", file=ContentFile("甲,乙".encode(), name="list.csv"), **fields)


def test_image_public_rendition_is_served_and_may_be_cached(client):
    address = make_image().get_rendition("width-20").url

    answer = client.get(address)
    read(answer)

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["nothing.png", "..%2Foriginal_images%2Fred.png", "%00", "x" * 3000])
def test_image_unknown_names_are_absent(client, name):
    assert client.get(f"/media/images/{name}").status_code == 404


def test_image_original_has_no_address(client):
    image = make_image()

    assert client.get(f"/media/{image.file.name}").status_code == 404


def test_image_of_one_branch_is_absent_for_others(client):
    committee = make_committee()
    mine, theirs = make_branch(committee), make_branch(committee)
    address = make_image(audience=organisation_audience(mine), owner_organisation=mine).get_rendition("width-20").url
    insider, outsider, helper = make_member(mine).user, make_member(theirs).user, make_staff("editor", mine)

    statuses = {}
    for who, user in [("nobody", None), ("insider", insider), ("outsider", outsider), ("editor", helper)]:
        client.logout()
        if user:
            client.force_login(user, backend="portal.accounts.backends.LoginHandleBackend")
        answer = client.get(address)
        read(answer)
        statuses[who] = answer.status_code

    assert statuses == {"nobody": 404, "insider": 200, "outsider": 404, "editor": 200}


def test_document_outside_the_audience_is_absent_and_downloads_are_logged(client):
    branch = make_branch()
    document = make_document(audience=organisation_audience(branch), secrecy=1)
    insider, outsider = make_member(branch).user, make_member().user

    client.force_login(outsider, backend="portal.accounts.backends.LoginHandleBackend")
    refused = client.get(document.url)
    client.force_login(insider, backend="portal.accounts.backends.LoginHandleBackend")
    served = client.get(document.url)
    read(served)

    assert (refused.status_code, served.status_code) == (404, 200)
    told = OutboxEntry.objects.filter(name="audit.line", payload__action__startswith="document.")
    assert [entry.payload["action"] for entry in told] == ["document.downloaded"]


def test_policy_ours_answers_for_both_models_after_wagtail_registered_its_own():
    names = [type(policy_registry.get_by_type(model)).__name__ for model in (PortalImage, PortalDocument)]

    assert names == ["OrganisationFilePolicy", "OrganisationFilePolicy"]


def test_image_chooser_offers_visible_pictures_and_the_upload_form(client):
    branch = make_branch()
    make_image(owner_organisation=branch)
    client.force_login(make_staff("editor", branch), backend="portal.accounts.backends.LoginHandleBackend")

    page = client.get("/admin/images/chooser/").json()["html"]

    assert "红" in page
    assert 'name="image-chooser-upload-file"' in page
