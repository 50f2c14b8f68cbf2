"""The role that serves. It works with the rows of every table and owns none; the ledger's tables then take rights
away again.

The owner migrates (MIGRATE_DATABASE_URL). Tables made before this migration get their rights here, all later ones by
default.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import migrations

# No TRUNCATE, REFERENCES or TRIGGER: nothing the product does needs them.
ROWS = "SELECT, INSERT, UPDATE, DELETE"
NUMBERS = "USAGE, SELECT"


def create_role_if_absent(cursor, name, quoted):
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if cursor.fetchone():
        return
    cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    if not cursor.fetchone()[0]:
        raise ImproperlyConfigured(
            f"数据库角色 {name} 不存在，当前角色无权创建；请由数据库管理员执行 CREATE ROLE {quoted} LOGIN "
            f"(the serving role does not exist and this role may not create it)"
        )
    # Roles belong to the whole server: another database being migrated at this moment may create it first.
    cursor.execute(
        f"DO $$ BEGIN CREATE ROLE {quoted} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def grant(apps, schema_editor):
    name = settings.SERVING_ROLE
    role = schema_editor.quote_name(name)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        owner, database = cursor.fetchone()
        if owner == name:
            raise ImproperlyConfigured(
                f"请以属主角色迁移（MIGRATE_DATABASE_URL），不能以服务角色 {name} 迁移：服务角色不得拥有记录链 "
                "(migrate as the owner, not as the serving role)"
            )
        create_role_if_absent(cursor, name, role)
        cursor.execute(f"GRANT CONNECT ON DATABASE {schema_editor.quote_name(database)} TO {role}")
        # Up to PostgreSQL 14 anybody may create in schema public, and so put a function in a trigger's way.
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT {ROWS} ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT {NUMBERS} ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {ROWS} ON TABLES TO {role}")
        cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {NUMBERS} ON SEQUENCES TO {role}")
        # Which migrations ran is the owner's to say.
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")


def revoke(apps, schema_editor):
    """Leave the role itself: it belongs to the server, and other databases may use it."""
    role = schema_editor.quote_name(settings.SERVING_ROLE)
    for statement in (
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
        f"REVOKE USAGE ON SCHEMA public FROM {role}",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(grant, revoke)]
