"""Settings shared by every way to run. What differs between the single machine and a cluster is chosen by environment
variables alone: `DATABASE_URL`, `REDIS_URL`, `CELERY_BROKER_URL`, `ELASTICSEARCH_URL`, `STORAGE_URL`."""

import dj_database_url

from portal.config import environment as env
from portal.config.keeping import keep_private
from portal.config.keys import read_or_make_key
from portal.config.settings.apps import (  # noqa: F401
    INSTALLED_APPS,
    PLUGINS_DISCOVERED,
    PLUGINS_EXTERNAL,
    PLUGINS_SAFE_MODE,
    PLUGINS_STRICT,
    PLUGINS_TAKEN_LABELS,
)
from portal.config.settings.channels import channel_classes, mail_settings
from portal.config.settings.identity import service_for
from portal.config.settings.storage import storages_for
from portal.config.settings.vectors import embedding_service

PROJECT_DIR = env.PROJECT_DIR
DATA_DIR = env.data_dir()
KEYS_DIR = DATA_DIR / "keys"
DATA_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.text("SECRET_KEY") or read_or_make_key(KEYS_DIR, "secret_key")
FIELD_KEYS = env.words("FIELD_KEYS") or [read_or_make_key(KEYS_DIR, "field_key", size_bytes=32)]
LOOKUP_KEY = env.text("LOOKUP_KEY") or read_or_make_key(KEYS_DIR, "lookup_key", size_bytes=32)
EXCHANGE_KEY = env.text("EXCHANGE_KEY") or read_or_make_key(KEYS_DIR, "exchange_key", size_bytes=32)

DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8000")
WSGI_APPLICATION = "portal.config.wsgi.application"
ROOT_URLCONF = "portal.config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database ---------------------------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL")
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "linghang.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,  # seconds a writer waits for another: the longest write, a large table, takes some 15
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
            },
        }
    }

X_ACCEL_PREFIX = env.text("X_ACCEL_PREFIX")
keep_private(DATA_DIR, None if DATABASE_URL else DATA_DIR / "linghang.sqlite3", sent_by_proxy=bool(X_ACCEL_PREFIX))

# --- cache, jobs, search ----------------------------------------------------------------------------------------------
REDIS_URL = env.text("REDIS_URL")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 5000}},
    }
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL") or REDIS_URL
ELASTICSEARCH_URL = env.text("ELASTICSEARCH_URL")
ELASTICSEARCH_INDEX_PREFIX = env.text("ELASTICSEARCH_INDEX_PREFIX", "linghang")
ELASTICSEARCH_API_KEY = env.text("ELASTICSEARCH_API_KEY")
ELASTICSEARCH_CA_FILE = env.text("ELASTICSEARCH_CA_FILE")
REGULATIONS_OCR_COMMAND = env.text("REGULATIONS_OCR_COMMAND")
REGULATIONS_OCR_SECONDS = env.number("REGULATIONS_OCR_SECONDS", 300, at_least=1)
REGULATIONS_PDF_FONT = env.text("REGULATIONS_PDF_FONT")
SEARCH_ENGINE = env.choice("SEARCH_ENGINE", ("auto", "tantivy", "fts5", "memory"))
SEARCH_INDEX_DIR = DATA_DIR / "search"
SEARCH_RANKING_DIR = DATA_DIR / "search-ranking"
SEARCH_EMBEDDING = embedding_service()
WAKE_SOCKET = DATA_DIR / "run" / "worker.sock"
WORKER_CONCURRENCY = env.number("WORKER_CONCURRENCY", 2)
HEAVY_JOBS = env.number("HEAVY_JOBS", max(1, WORKER_CONCURRENCY - 1))  # at a time on one machine

# --- web --------------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "portal.pages.web.page_cache.AnonymousPageCache",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.accounts.web.gate.AccountGate",
    "portal.organisations.web.admin_gate.AdminGate",
    "portal.basepage.orphans.OrphanGate",
    "plugins.host.middleware.PresentRequest",
]
THEME = env.text("THEME", "default")
ORGANISATION_RULES = env.text("ORGANISATION_RULES")
THEME_DIR = PROJECT_DIR / "themes" / THEME
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [THEME_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [THEME_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = storages_for(env.text("STORAGE_URL"))

# --- language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PROJECT_DIR / "portal" / "locale"]
FORMAT_MODULE_PATH = ["portal.config.formats"]
USE_I18N = True
WAGTAIL_I18N_ENABLED = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- people -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/workbench/"
LOGOUT_REDIRECT_URL = "/"
IDENTITY_SERVICES = {
    kind: service
    for kind in ("oidc", "cas", "wecom", "dingtalk", "ldap")
    if (service := service_for(kind, env.text(f"{kind.upper()}_URL"))) is not None
}
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.LoginHandleBackend"]
if "ldap" in IDENTITY_SERVICES:
    AUTHENTICATION_BACKENDS.append("portal.accounts.backends.LdapBackend")
if set(IDENTITY_SERVICES) - {"ldap"}:
    AUTHENTICATION_BACKENDS.append("portal.accounts.backends.ExternalBackend")
PASSWORD_HASHERS = ["portal.accounts.hashers.Argon2id"]
PASSWORD_PROFILE = env.choice("PASSWORD_PROFILE", ("dengbao", "asvs"))
BREACHED_PASSWORDS = env.text("BREACHED_PASSWORDS")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "portal.accounts.password_validators.ProfileRules"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "portal.accounts.password_validators.NotLeaked"},
    {"NAME": "portal.accounts.password_validators.NotUsedBefore"},
]
AUDIT_KEEP_DAYS = env.number("AUDIT_KEEP_DAYS", 365, at_least=180)  # six months: 网络安全法 第二十一条
SECOND_FACTOR = env.choice("SECOND_FACTOR", ("required", "optional"))
EXPORT_APPROVAL_ABOVE = env.number("EXPORT_APPROVAL_ABOVE", 0, at_least=0)
STEP_UP_MINUTES = env.number("STEP_UP_MINUTES", 10, at_least=1)
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES", 0, at_least=0)
SESSION_HOURS = env.number("SESSION_HOURS", 0, at_least=0)
SESSION_COOKIE_AGE = (
    SESSION_HOURS or 24
) * 3600  # the gate of accounts ends sessions; the cookie only has to outlive them
SESSION_COOKIE_NAME = "linghang_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "portal.pages.web.errors.csrf_failure"

# --- API --------------------------------------------------------------------------------------------------------------
API_RATE_PER_MINUTE = env.number("API_RATE_PER_MINUTE", 600, at_least=0)
API_ANONYMOUS_RATE_PER_MINUTE = env.number("API_ANONYMOUS_RATE_PER_MINUTE", 120, at_least=0)
API_TOKEN_DAYS = env.number("API_TOKEN_DAYS", 365, at_least=1)

# --- notices ----------------------------------------------------------------------------------------------------------
vars().update(mail_settings(env.text("EMAIL_URL"), DATA_DIR / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "linghang@localhost")
NOTICE_CHANNELS = channel_classes(env.words("NOTICE_CHANNELS", "email"))

# --- Wagtail ----------------------------------------------------------------------------------------------------------
WAGTAIL_PAGE_MODEL = "basepage.BasePage"
WAGTAILIMAGES_IMAGE_MODEL = "files.PortalImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "portal.files.forms.ImageForm"
WAGTAILDOCS_DOCUMENT_MODEL = "files.PortalDocument"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "portal.files.forms.DocumentForm"
WAGTAIL_SITE_NAME = "领航"
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILREDIRECTS_AUTO_CREATE = False
WAGTAILEMBEDS_FINDERS: list[dict[str, object]] = []
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "portal.pages.domain.publishing.publish_reviewed"
WAGTAIL_WORKFLOW_CANCEL_ON_PUBLISH = True
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILDOCS_EXTENSIONS = [
    "csv",
    "doc",
    "docx",
    "key",
    "odt",
    "pdf",
    "pptx",
    "rtf",
    "txt",
    "xls",
    "xlsx",
    "zip",
    "wps",
    "et",
]
MODELSEARCH_BACKENDS = {"default": {"BACKEND": "search.wagtail_backend"}}
TAGGIT_CASE_INSENSITIVE = True
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_TEMP_DIR = None
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # the editor's preview is a frame of this site: SAMEORIGIN, not DENY

# --- media ------------------------------------------------------------------------------------------------------------
MEDIA_PRIVATE_ROOT = DATA_DIR / "private"
VIDEO_MAX_BYTES = env.number("VIDEO_MAX_MEGABYTES", 4096) * 1024 * 1024
MEDIA_FREE_RESERVE_BYTES = env.number("MEDIA_FREE_RESERVE_MEGABYTES", 256) * 1024 * 1024

# --- safety -----------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "elastic_transport": {"level": "WARNING"},
    },
}
