"""Settings. Everything that differs between installations comes from the environment.

``make up`` writes what it generated to ``<data folder>/portal.env``; other installations set the same
names themselves. ``MLSD_BASE_URL`` decides about security: with https:// all cookies are secure.
"""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from mlsd_portal import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("MLSD_DATA_DIR", BASE_DIR / "var")
env.load_file(DATA_DIR / "portal.env")

# Lets generic classes of Django be written with their type, as in ListView[Project].
django_stubs_ext.monkeypatch()

# Where and how the portal is reached

SECRET_KEY = env.secret("SECRET_KEY")
DEBUG = env.boolean("MLSD_DEBUG", False)
BASE_URL = env.text("MLSD_BASE_URL", "http://localhost:8000").rstrip("/")
_base = urlsplit(BASE_URL)
SECURE = _base.scheme == "https"
ALLOWED_HOSTS = env.words("MLSD_ALLOWED_HOSTS", [_base.hostname or "localhost"])
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]
if env.boolean("MLSD_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Limits of sign-ins count the address that the proxy saw, and no address that the client made up.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = env.integer("MLSD_HSTS_SECONDS", 31_536_000) if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "apps.common",
    "apps.history",
    "apps.accounts",
    "apps.projects",
    "apps.notifications",
    "apps.jobs",
    "apps.datasets",
    "apps.evaluations",
    "apps.drift",
    "apps.analysis",
    "apps.requirements",
    "apps.money",
    "apps.ledger",
    "apps.lifecycle",
    "apps.releases",
    "apps.monitoring",
    "apps.documents",
    "apps.dashboards",
    "apps.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.common.csp.ContentSecurityPolicyMiddleware",
    "apps.common.caching.PrivateMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.history.actor.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "mlsd_portal.urls"
WSGI_APPLICATION = "mlsd_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.common.context.portal",
            ],
            "builtins": ["apps.common.templatetags.portal"],
        },
    }
]

# Data

DATABASES = {
    "default": {
        **env.database("DATABASE_URL"),
        "CONN_MAX_AGE": env.integer("MLSD_DB_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGE_DIR = env.folder("MLSD_STORAGE_DIR", DATA_DIR / "files")
MAX_UPLOAD_BYTES = env.integer("MLSD_MAX_UPLOAD_BYTES", 5 * 1024**3)
PROJECT_QUOTA_BYTES = env.integer("MLSD_PROJECT_QUOTA_BYTES", 50 * 1024**3)
FILE_UPLOAD_HANDLERS: list[str] = []  # only upload views take files: apps.datasets.uploads
DATA_UPLOAD_MAX_NUMBER_FIELDS = 25_000  # the columns page of a file with 10,000 columns

# Jobs (the reasons for these values stand in ARCHITECTURE.md, "Jobs")

JOB_LEASE_SECONDS = env.integer("MLSD_JOB_LEASE_SECONDS", 60)
JOB_SWEEP_SECONDS = env.integer("MLSD_JOB_SWEEP_SECONDS", 15)
# Below half an hour: RabbitMQ takes a message back that is not acknowledged by then.
JOB_SOFT_LIMIT_SECONDS = env.integer("MLSD_JOB_SOFT_LIMIT_SECONDS", 1_680)
JOB_HARD_LIMIT_SECONDS = env.integer("MLSD_JOB_HARD_LIMIT_SECONDS", 1_740)
JOB_MEMORY_BYTES = env.integer("MLSD_JOB_MEMORY_BYTES", 6 * 1024**3)

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL")
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = JOB_SOFT_LIMIT_SECONDS
CELERY_TASK_TIME_LIMIT = JOB_HARD_LIMIT_SECONDS
CELERY_TASK_PUBLISH_RETRY = False  # the sweeper publishes again what the broker did not take
CELERY_TASK_DEFAULT_QUEUE = "short"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_000_000  # kB; looked at after a task, so no cap: JOB_MEMORY_BYTES is
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": JOB_HARD_LIMIT_SECONDS + 600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "global_keyprefix": env.text("MLSD_BROKER_PREFIX", "mlsd:"),
    }
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboards:portfolio"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # a site admin gave the address; there is no sign-up to protect
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}

EMAIL_BACKEND = env.text(
    "MLSD_EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("MLSD_EMAIL_HOST", "")
    else "django.core.mail.backends.dummy.EmailBackend",  # a log is no place for reset links
)
EMAIL_HOST = env.text("MLSD_EMAIL_HOST", "")
EMAIL_PORT = env.integer("MLSD_EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("MLSD_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("MLSD_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.boolean("MLSD_EMAIL_TLS", True)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("MLSD_EMAIL_FROM", f"portal@{_base.hostname}")

# Webhooks reach the public internet, and no other network but those that are allowed here on purpose

WEBHOOK_ALLOWED_NETWORKS = env.networks("MLSD_WEBHOOK_ALLOWED_NETWORKS", [])

# Words and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.text("MLSD_TIME_ZONE", "UTC")

# Files of the pages

STATIC_URL = "static/"
STATIC_ROOT = env.folder("MLSD_STATIC_ROOT", DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
# Only what pages refer to is kept and compressed (gzip): seconds at the first start instead of half a minute.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "jpg", "webp", "gz", "zst", "woff", "woff2", "map"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# REST API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "apps.accounts.api.permissions.TokenScope",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "apps.common.pagination.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.common.problems.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MLSD Portal API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {  # fields of one name with different choices
        "TaskEnum": "apps.evaluations.models.task_choices",
        "MeasuredTaskEnum": "apps.evaluations.models.measured_task_choices",
        "AnalysisKindEnum": "apps.analysis.models.kind_choices",
        "LedgerKindEnum": "apps.ledger.models.Change.Kind",
        "AlertKindEnum": "apps.monitoring.models.Alert.Kind",
        "AlertSeverityEnum": "apps.monitoring.models.Alert.Severity",
        "BaselineKindEnum": "apps.evaluations.models.Baseline.Kind",
        "DatasetRoleEnum": "apps.datasets.models.Dataset.Role",
        "FilePurposeEnum": "apps.datasets.models.DataFile.Purpose",
        "UploadPurposeEnum": "apps.datasets.models.UPLOADED",
        "DatasetVersionStateEnum": "apps.datasets.models.DatasetVersion.State",
        "CheckStateEnum": "apps.datasets.models.CheckResult.State",
        "DocumentSectionEnum": "apps.documents.sections.BY_KEY",
        "MemberRoleEnum": "apps.projects.models.Role",
        "CriterionStateEnum": "apps.lifecycle.models.Criterion.State",
        "DecisionStateEnum": "apps.lifecycle.models.Decision.State",
        "FitAnswerStateEnum": "apps.lifecycle.models.FitAnswer.State",
        "HypothesisStateEnum": "apps.lifecycle.models.Hypothesis.State",
        "PhaseKindEnum": "apps.lifecycle.models.Phase.Kind",
        "ScopeChangeKindEnum": "apps.lifecycle.models.ScopeChange.Kind",
        "ConflictSideEnum": ["first", "second"],
        "ConflictKindEnum": "apps.requirements.models.Conflict.Kind",
        "EvidenceKindEnum": "apps.requirements.models.Evidence.Kind",
        "MessageSeverityEnum": "apps.notifications.models.Severity",
        "ExpectationSeverityEnum": "apps.datasets.models.Expectation.Severity",
        "RequirementKindEnum": "apps.requirements.models.RequirementVersion.Kind",
        "StanceKindEnum": "apps.requirements.models.Stance.Kind",
        "VerdictStateEnum": "apps.requirements.models.VerdictState",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("MLSD_LOG_LEVEL", "INFO")},
}
