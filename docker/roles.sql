-- The two roles, for a cluster of our own and for docker-compose alike: the owner migrates, the serving role serves.
-- What the serving role may do to each table stands in the migrations.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mingcha_owner') THEN
        CREATE ROLE mingcha_owner LOGIN CREATEDB;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mingcha_app') THEN
        CREATE ROLE mingcha_app LOGIN;
    END IF;
END
$$;
GRANT mingcha_app TO mingcha_owner;
