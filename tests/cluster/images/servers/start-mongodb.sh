#!/bin/sh
# Starts a server with MongoDB's protocol, and creates the user of the product on the first start, as MongoDB's image does.
set -eu
tree=/opt/documentdb
data=/data/db/postgresql
postgres() { "$tree/usr/lib/postgresql/18/bin/postgres" "$@"; }

if [ ! -d "$data" ]; then
  rm -rf "$data.new"
  cp -r "$tree/template-documentdb" "$data.new"
  chmod -R go-rwx "$data.new"
  printf '%s\n' "select documentdb_api.create_user('{\"createUser\": \"purchase-system\", \"pwd\": \"$MONGO_INITDB_ROOT_PASSWORD\",
    \"roles\": [{\"role\": \"readWriteAnyDatabase\", \"db\": \"admin\"}, {\"role\": \"clusterAdmin\", \"db\": \"admin\"}]}');" |
    tr '\n' ' ' | postgres --single -D "$data.new" postgres
  mv "$data.new" "$data"
fi
# No other process has this volume: what the file says is about an earlier container.
rm -f "$data/postmaster.pid"
# One does not work without the other.
{
  postgres -D "$data" -p 9712
  kill 1
} &
exec ferretdb --listen-addr=:27017 --postgresql-url='postgres://postgres@127.0.0.1:9712/postgres?pool_max_conns=16' \
  --state-dir=/tmp --debug-addr=- --telemetry=disable --log-level=WARN
