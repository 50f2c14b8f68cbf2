#!/bin/bash
# Run once by the postgres image on an empty volume.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U postgres -f /mingcha/roles.sql
psql -v ON_ERROR_STOP=1 -U postgres -v owner="$OWNER_DB_PASSWORD" -v app="$APP_DB_PASSWORD" <<'SQL'
ALTER ROLE mingcha_owner PASSWORD :'owner';
ALTER ROLE mingcha_app PASSWORD :'app';
CREATE DATABASE mingcha OWNER mingcha_owner;
SQL
