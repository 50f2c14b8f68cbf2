"""docker-compose.yml, Dockerfile, docs/settings.md and .env.example against what the code needs."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from launcher import machine, roster

REPOSITORY = Path(__file__).resolve().parent.parent.parent

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROGRAMS = sorted(roster.COMMANDS)
PAGE = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")

# Read by programs around the product, or by people; the settings module does not know them.
AROUND = {
    "PYTHON",
    "ARGS",
    "YES",
    "MINGCHA_DATA",
    "SERVING_DATABASE_URL",
    "DB_PASSWORD",
    "OWNER_DB_PASSWORD",
    "APP_DB_PASSWORD",
}
# The settings load without these, for the commands of the rulebook alone; nothing serves without them.
NEEDED = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"}
FIXED_BY_DJANGO = {"DJANGO_SETTINGS_MODULE"}


def variables_read() -> dict[str, bool]:
    """Every variable that config/ reads: name -> whether it must be set."""
    found: dict[str, bool] = {}
    for file in (REPOSITORY / "config").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            owner, first = ast.unparse(node.func.value), node.args[0]
            if owner in {"env", "os.environ"} and isinstance(first, ast.Constant):
                default = any(keyword.arg == "default" for keyword in node.keywords) or len(node.args) > 1
                found[first.value] = not default
    return {name: needed for name, needed in found.items() if name not in FIXED_BY_DJANGO}


def in_page(text: str) -> list[str]:
    return re.findall(r"^\| `([A-Z_]+)` \|", text, flags=re.M)


def test_the_settings_read_what_this_test_believes():
    read = variables_read()
    assert {name for name, needed in read.items() if needed} <= NEEDED <= set(read)
    assert read["PORT"] is False
    assert read["SERVE"] is False


def test_every_variable_is_on_the_page_once_and_nothing_else_is():
    assert sorted(in_page(PAGE)) == sorted(set(variables_read()) | AROUND)


def test_the_example_file_names_every_variable_that_belongs_into_it():
    named = re.findall(r"^# ([A-Z_]+)=", (REPOSITORY / ".env.example").read_text(encoding="utf-8"), flags=re.M)
    commands = in_page(PAGE[PAGE.index("## Only for commands") : PAGE.index("## Only for docker")])
    assert sorted(named) == sorted(set(in_page(PAGE)) - set(commands))


def test_no_key_stands_twice():
    """Docker refuses a file in which one does; the library that reads it here would take the last."""
    waiting, twice = [yaml.compose((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))], []
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            twice += [key for key in keys if keys.count(key) > 1]
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    assert twice == []


def test_the_containers_are_the_programs_of_the_launcher_and_their_servers():
    assert set(SERVICES) == {*roster.COMMANDS, "db", "redis", "migrate"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_container_runs_the_words_that_the_launcher_runs(name: str):
    words = SERVICES[name]["command"]
    own_places = ["--schedule", "/srv/mingcha/beat/schedule", "--pidfile", ""] if name == "beat" else []
    assert words == ["python", "-m", *roster.COMMANDS[name], *own_places]


@pytest.mark.parametrize("name", [*PROGRAMS, "migrate"])
def test_a_container_has_every_variable_that_must_be_set_and_only_known_ones(name: str):
    given = SERVICES[name]["environment"]
    assert set(given) >= NEEDED
    assert set(given) <= set(variables_read())


def test_whatever_can_be_decided_can_be_decided_in_a_container():
    of_the_image = {"DEBUG", "STATIC_ROOT", "MINGCHA_ENV_FILE", "MIGRATE_DATABASE_URL", "SERVING_ROLE"}
    assert set(variables_read()) - of_the_image == set(SERVICES["web"]["environment"])


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_serves_never_knows_the_owner_of_the_tables(name: str):
    given = SERVICES[name]["environment"]
    assert given["DATABASE_URL"].startswith("postgres://mingcha_app:")
    assert "MIGRATE_DATABASE_URL" not in given
    assert not any("OWNER" in str(value) for value in given.values())


def test_the_owner_migrates_once_before_anything_serves():
    migrate = SERVICES["migrate"]
    assert migrate["command"] == ["python", "manage.py", "migrate", "--noinput"]
    assert migrate["restart"] == "no"
    assert migrate["environment"]["DATABASE_URL"].startswith("postgres://mingcha_owner:")
    for name in PROGRAMS:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_whatever_runs_for_long_is_watched_and_restarted(name: str):
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    test = service["healthcheck"]["test"]
    assert test[0] == "CMD"
    if name in PROGRAMS:
        assert test[1:] == ["python", "docker/healthcheck.py", name]
        assert (REPOSITORY / "docker" / "healthcheck.py").is_file()


def test_data_live_in_volumes():
    kept = {
        mount.split(":")[0]: (name, mount.split(":")[1])
        for name in SERVICES
        for mount in SERVICES[name].get("volumes", [])
    }
    assert kept["db"] == ("db", "/var/lib/postgresql/data")
    assert kept["redis"] == ("redis", "/data")
    for name in ("web", "worker"):
        assert f"store:{SERVICES[name]['environment']['STORE_DIR']}" in SERVICES[name]["volumes"]
    assert set(COMPOSE["volumes"]) == {volume for volume in kept if not volume.startswith(".")}
    for mounted in (source for source in kept if source.startswith(".")):
        assert (REPOSITORY / mounted).is_file()


def test_no_secret_has_a_default():
    for name in re.findall(r"\$\{([A-Z_]+)", (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")):
        assert name in in_page(PAGE), name
    secrets = [
        text
        for text in re.findall(r"\$\{[^}]+\}", yaml.safe_dump(COMPOSE, width=1000))
        if "DB_PASSWORD" in text or "SECRET" in text
    ]
    assert len(secrets) >= 5
    assert all(":?" in text for text in secrets)


def test_the_image_installs_what_the_launcher_installs():
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    assert text.startswith("FROM python:3.11-slim-bookworm")
    assert "--no-install-recommends " + " ".join(machine.DOCUMENT_PACKAGES) + " " in text
    assert "--require-hashes --only-binary :all: -r requirements.txt" in text
    assert "\nUSER mingcha\n" in text


def test_the_roles_of_the_container_are_those_of_the_launcher():
    from launcher import servers

    script = (REPOSITORY / "docker" / "make-database.sh").read_text(encoding="utf-8")
    assert "roles.sql" in script
    assert f"CREATE DATABASE {servers.DATABASE} OWNER {servers.OWNER}" in script
    sql = servers.ROLES.read_text(encoding="utf-8")
    assert {servers.OWNER, servers.SERVING} == set(re.findall(r"CREATE ROLE (\w+)", sql))


def test_the_composed_database_keeps_its_safeguards_against_a_power_cut():
    told = " ".join(map(str, COMPOSE["services"]["db"]["command"]))
    assert not [name for name in ("fsync", "synchronous_commit", "full_page_writes") if name in told], told
