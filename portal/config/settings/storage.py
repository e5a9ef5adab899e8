"""Where files lie: a local folder, or an S3-compatible store named by one address."""

from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def storages_for(address: str) -> dict[str, dict[str, object]]:
    """Django's STORAGES for an address such as `s3://KEY:SECRET@bucket?endpoint=https://store:9000&region=cn`.

    Empty means the local folder. Raises ImproperlyConfigured for any other scheme.
    """
    static = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    if not address:
        return {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}, "staticfiles": static}
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.hostname:
        raise ImproperlyConfigured("STORAGE_URL must look like s3://KEY:SECRET@bucket?endpoint=...&region=...")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    options: dict[str, object] = {
        "bucket_name": parts.hostname,
        "access_key": unquote(parts.username or ""),
        "secret_key": unquote(parts.password or ""),
        "endpoint_url": query.get("endpoint") or None,
        "region_name": query.get("region") or None,
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": 300,
        "file_overwrite": False,
    }
    return {"default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}, "staticfiles": static}
