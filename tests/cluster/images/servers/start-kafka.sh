#!/bin/sh
# Starts Kafka as its image does: the settings are those of the environment.
set -eu
settings=/tmp/settings
mkdir -p "$settings/default" "$settings/mounted" "$settings/final"
: >"$settings/default/server.properties"
for file in log4j2.yaml tools-log4j2.yaml; do
  printf 'Configuration:\n  Appenders:\n    Console: { name: OUT, PatternLayout: { pattern: "%%p %%c{1} %%m%%n" } }\n' >"$settings/default/$file"
  printf '  Loggers:\n    Root: { level: WARN, AppenderRef: [{ ref: OUT }] }\n    Logger: []\n' >>"$settings/default/$file"
done
export CLUSTER_ID=5L6g3nShT-eMCtK--X86sw
java -Xshare:auto -XX:TieredStopAtLevel=1 -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup \
  --default-configs-dir "$settings/default" --mounted-configs-dir "$settings/mounted" --final-configs-dir "$settings/final"
# shellcheck disable=SC2086 # These are several flags.
exec java ${KAFKA_HEAP_OPTS:-} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \
  "-Dlog4j2.configurationFile=$settings/final/log4j2.yaml" -cp '/opt/kafka/libs/*' kafka.Kafka "$settings/final/server.properties"
