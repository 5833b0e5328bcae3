#!/bin/sh
# Starts RabbitMQ as its image does: the user is that of the environment.
set -eu
data=/var/lib/rabbitmq
settings=/tmp/settings
mkdir -p "$settings" "$data/mnesia"
printf 'loopback_users = none\nvm_memory_high_watermark.absolute = 256MiB\ndisk_free_limit.absolute = 100MB\n' >"$settings/rabbitmq.conf"
echo '[].' >"$settings/enabled_plugins"
printf '{lookup,[file]}.\n{host,{127,0,0,1},["localhost"]}.\n' >"$settings/inetrc"

ROOTDIR=/usr/lib/erlang
BINDIR=$(echo "$ROOTDIR"/erts-*/bin)
RABBITMQ_HOME=$(echo /usr/lib/rabbitmq/lib/rabbitmq_server-*)
export ROOTDIR BINDIR RABBITMQ_HOME EMU=beam PROGNAME=erl HOME="$data" ERL_INETRC="$settings/inetrc" ERL_CRASH_DUMP_SECONDS=0
export ERL_LIBS="$RABBITMQ_HOME/plugins" RABBITMQ_PLUGINS_DIR="$RABBITMQ_HOME/plugins"
export RABBITMQ_NODENAME=purchases@localhost RABBITMQ_MNESIA_BASE="$data/mnesia"
export RABBITMQ_LOGS=- RABBITMQ_LOG_BASE=/tmp RABBITMQ_LOG=warning,-color
export RABBITMQ_CONFIG_FILE="$settings/rabbitmq" RABBITMQ_ADVANCED_CONFIG_FILE="$settings/advanced.config"
export RABBITMQ_ENABLED_PLUGINS_FILE="$settings/enabled_plugins" RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_PID_FILE=/tmp/rabbitmq.pid
exec "$BINDIR/erlexec" -noinput -s rabbit boot -boot start_sasl +sbwt none +sbwtdcpu none +sbwtdio none +B i -sname purchases@localhost \
  -start_epmd false -erl_epmd_port 25672 -dist_listen false -kernel prevent_overlapping_partitions false
