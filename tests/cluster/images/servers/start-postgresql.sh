#!/bin/sh
# Starts PostgreSQL as its image does: the first start creates the user and the database of the environment.
set -eu
tree=/opt/postgresql
data=/var/lib/postgresql/18
postgres() { "$tree/usr/lib/postgresql/18/bin/postgres" "$@"; }

if [ ! -d "$data" ]; then
  rm -rf "$data.new"
  cp -r "$tree/template" "$data.new"
  chmod -R go-rwx "$data.new"
  echo 'host all all all scram-sha-256' >>"$data.new/pg_hba.conf"
  printf "%s\n" "create role \"$POSTGRES_USER\" superuser login password '$POSTGRES_PASSWORD';" \
    "create database \"$POSTGRES_DB\" owner \"$POSTGRES_USER\";" | postgres --single -D "$data.new" postgres
  mv "$data.new" "$data"
fi
# No other process has this volume: what the file says is about an earlier container.
rm -f "$data/postmaster.pid"
exec "$tree/usr/lib/postgresql/18/bin/postgres" -D "$data" -c 'listen_addresses=*'
