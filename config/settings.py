"""Settings. Every variable comes from the environment or `.env`; docs/settings.md lists them all."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import django_stubs_ext
import environ
from csp.constants import NONE, SELF

# Django's generic classes take their type arguments at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(os.environ.get("MINGCHA_ENV_FILE", str(BASE_DIR / ".env")))
if "MINGCHA_ENV_FILE" not in os.environ:
    # What `make run` started its processes with, so that `manage.py` typed by hand finds the same database.
    env.read_env(str(BASE_DIR / ".venv" / "mingcha.env"))

DEBUG = env.bool("DEBUG", default=False)
# Commands of the rulebook alone (deadline, rules) need none of the three that have no default; whatever needs one says so.
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Which of the two faces this process serves: staff and public networks are often two.
SERVE = env.str("SERVE", default="both")
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="http://localhost:8000")
DEMO = env.bool("DEMO", default=False)

INSTALLED_APPS = [
    "agency.configuration.ConfigurationAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "axes",
    "csp",
    "core",
    "agency",
    "enforcement",
    "recording",
    "legalreview",
    "disclosure",
    "supervision",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "agency.middleware.KnownStructure",
    "core.middleware.ClosedByDefault",
    "agency.middleware.PasswordFirst",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "core.context.shell",
            ],
        },
    }
]

# The serving role may not alter the ledger; `migrate` runs with MIGRATE_DATABASE_URL, the owner's.
DATABASES: dict[str, dict[str, Any]] = {}
if env.str("DATABASE_URL", default=""):
    DATABASES["default"] = {**env.db_url("DATABASE_URL"), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # A socket directory is written percent-encoded in the host's place: postgres://user@%2Frun%2Fpostgresql/name
    DATABASES["default"]["HOST"] = unquote(DATABASES["default"]["HOST"])
MIGRATE_DATABASE_URL = env.str("MIGRATE_DATABASE_URL", default="")
SERVING_ROLE = env.str("SERVING_ROLE", default="mingcha_app")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# A proxy of ours stands in front and sets X-Forwarded-Proto and X-Forwarded-For; without it nobody's are believed.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

AUTH_USER_MODEL = "agency.Official"
LOGIN_URL = LOGOUT_REDIRECT_URL = "agency:sign_in"
LOGIN_REDIRECT_URL = "desk:home"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "agency.backends.OfficialBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# dengbao3 (等级保护第三级: composition, history, rotation) or asvs (long, never common, no forced change); see agency/passwords.py.
PASSWORD_PROFILE = env.str("PASSWORD_PROFILE", default="dengbao3")
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email", "mobile")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "agency.passwords.ProfileValidator"},
]
# Lockout counters live in the database: a flushed Redis forgets nobody's failures.
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
# Axes would also forget the failures of everybody at the same address; agency.signin forgets those of the account only.
AXES_RESET_ON_SUCCESS = False
AXES_CLIENT_IP_CALLABLE = "agency.addresses.client_address"
AXES_LOCKOUT_CALLABLE = "agency.signin.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Evidence and documents, kept by digest (core/store.py). Never served by the web server directly.
STORE_DIR = Path(env.str("STORE_DIR", default=str(BASE_DIR / "var" / "store")))
# Recordings: the largest one taken in, in bytes; how long a silence in the packets is a break, and how far two parts of one
# act may lie apart (times are entered to the minute), in seconds.
RECORDING_MAX_SIZE = env.int("RECORDING_MAX_SIZE", default=16 * 1024**3)
RECORDING_GAP_TOLERANCE = env.float("RECORDING_GAP_TOLERANCE", default=2.0)
RECORDING_PART_TOLERANCE = env.float("RECORDING_PART_TOLERANCE", default=60.0)
FILE_UPLOAD_TEMP_DIR = env.str("UPLOAD_TMP_DIR", default=None)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://localhost:25")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mingcha@localhost")
# Where robots of group chats may be: scheme, host and port. Messages go nowhere else, whatever address is entered.
WEBHOOK_ORIGINS = env.list("WEBHOOK_ORIGINS", default=["https://qyapi.weixin.qq.com", "https://oapi.dingtalk.com"])

CELERY_BROKER_URL = (
    f"redis+socket://{REDIS_URL.removeprefix('unix://')}" if REDIS_URL.startswith("unix://") else REDIS_URL
)
# Where the nudges go through; loaded when the first one is sent.
TASK_APPLICATION = "config.celery.app"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "health_check_interval": 10,
    "max_retries": 1,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "core.tasks.sweep", "schedule": env.float("SWEEP_SECONDS", default=60.0)},
    "seal": {"task": "core.tasks.seal_if_due", "schedule": 300.0},
}
# Local hour after which the day's seal is made.
SEAL_HOUR = env.int("SEAL_HOUR", default=18)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.JSONObject"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "core.api.MomentCursor",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "core.api.problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "明察 Mingcha",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Five fields named `state`, each with states of its own.
    "ENUM_NAME_OVERRIDES": {
        "CaseStateEnum": "enforcement.models.CaseState",
        "RecordingStateEnum": "recording.models.RecordingState",
        "ReviewStateEnum": "legalreview.models.ReviewState",
        "NoticeStateEnum": "disclosure.models.NoticeState",
    },
}

SILENCED_SYSTEM_CHECKS = (
    # Plain http on a closed office network is a supported installation; HTTPS=1 turns all of these on.
    [] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"weasyprint": {"level": "ERROR"}, "fontTools": {"level": "ERROR"}},
}
