#!/bin/bash
# A node from variables with a dot in their names, as the official image takes them. Security is not among the
# published jars, so what xpack... asks for is left out.
set -euo pipefail
home=/usr/share/elasticsearch
{
  env | grep -E '^[a-z_]+(\.[a-z0-9_]+)+=' | grep -v '^xpack\.' || true
  printf '%s\n' "path.home=$home" "path.data=$home/data" "path.logs=$home/logs" \
    network.host=0.0.0.0 http.port=9200 transport.port=9300
} > "$home/config/elasticsearch.properties"
# shellcheck disable=SC2086 # several arguments in one variable
exec java -cp "$home/lib/*" ${ES_JAVA_OPTS:-} -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED \
  -Dlog4j2.disable.jmx=true -Dlog4j.shutdownHookEnabled=false -Dio.netty.noUnsafe=true \
  -Dio.netty.noKeySetOptimization=true -Dio.netty.allocator.type=unpooled -Des.distribution.type=docker \
  -Des.path.home="$home" -Des.nativelibs.path="$home/native" \
  -Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false \
  tidemark.ElasticsearchLauncher "$home/config/elasticsearch.properties"
