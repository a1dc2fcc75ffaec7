#!/bin/bash
# A distributed worker from CONNECT_... variables and those without a prefix that debezium/connect knows.
set -euo pipefail
export CONNECT_BOOTSTRAP_SERVERS=$BOOTSTRAP_SERVERS
export CONNECT_GROUP_ID=$GROUP_ID
export CONNECT_CONFIG_STORAGE_TOPIC=$CONFIG_STORAGE_TOPIC
export CONNECT_OFFSET_STORAGE_TOPIC=$OFFSET_STORAGE_TOPIC
export CONNECT_STATUS_STORAGE_TOPIC=$STATUS_STORAGE_TOPIC
export CONNECT_REST_ADVERTISED_HOST_NAME=${ADVERTISED_HOST_NAME:-$(hostname)}
export CONNECT_OFFSET_FLUSH_INTERVAL_MS=${OFFSET_FLUSH_INTERVAL_MS:-60000}
export CONNECT_TASK_SHUTDOWN_GRACEFUL_TIMEOUT_MS=${SHUTDOWN_TIMEOUT:-10000}
export CONNECT_KEY_CONVERTER=${KEY_CONVERTER:-org.apache.kafka.connect.json.JsonConverter}
export CONNECT_VALUE_CONVERTER=${VALUE_CONVERTER:-org.apache.kafka.connect.json.JsonConverter}
export CONNECT_PLUGIN_PATH=/kafka/connect
properties=/kafka/config/connect-distributed.properties
env | grep '^CONNECT_' | while IFS='=' read -r name value; do
  name=$(tr 'A-Z_' 'a-z.' <<< "${name#CONNECT_}")
  echo "$name=$value"
done > "$properties"
# shellcheck disable=SC2086 # several arguments in one variable
exec java -cp "/kafka/libs/*" ${HEAP_OPTS:-} -XX:+ExitOnOutOfMemoryError \
  -Dlog4j2.configurationFile=file:/kafka/log4j2.xml org.apache.kafka.connect.cli.ConnectDistributed "$properties"
