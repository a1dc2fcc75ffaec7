import { globSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { ServerContext } from "../install/equipment.ts";
import type { Ports } from "../ports/ports.ts";
import { probeElasticsearch } from "../probes.ts";
import { archiveFlags, keepArchive } from "./jvm.ts";
import { writeProperties } from "./properties.ts";
import type { ServerDefinition } from "./server.ts";

/** Where systems keep zstd, which index.codec=best_compression needs; the distribution would bring its own. */
const zstdLibraries = [
  "/usr/lib/*-linux-gnu/libzstd.so.1",
  "/usr/lib64/libzstd.so.1",
  "/usr/lib/libzstd.so.1",
  "/opt/homebrew/lib/libzstd.dylib",
  "/usr/local/lib/libzstd.dylib",
];

/** One Elasticsearch node on loopback, without security, as the published jars have none. */
export function defineElasticsearch({ folder, ports, equipment }: ServerContext): ServerDefinition {
  const url = `http://127.0.0.1:${ports.elasticsearch}`;
  const settings = join(folder, "config/elasticsearch.properties");
  return {
    name: "elasticsearch",
    folder,
    address: url,
    prepare: async () => {
      for (const name of ["data", "logs", "tmp", "native"]) mkdirSync(join(folder, name), { recursive: true });
      linkZstd(join(folder, "native"));
      writeProperties(settings, nodeSettings(folder, ports, equipment().installation.elasticsearchHome));
    },
    command: () => {
      const { java, installation, environment } = equipment();
      const argv = [
        join(java.home, "bin/java"),
        "-cp",
        installation.elasticsearchJars,
        "-Xms512m",
        "-Xmx1g",
        "-XX:+ExitOnOutOfMemoryError",
        ...archiveFlags(installation.archives, folder, "elasticsearch", java),
        "--enable-native-access=ALL-UNNAMED",
        `-Djava.io.tmpdir=${join(folder, "tmp")}`,
        "-Dlog4j2.disable.jmx=true",
        // The launcher's own hook closes the node, and still logs as it does.
        "-Dlog4j.shutdownHookEnabled=false",
        "-Dio.netty.noUnsafe=true",
        "-Dio.netty.noKeySetOptimization=true",
        "-Dio.netty.allocator.type=unpooled",
        "-Des.distribution.type=tar",
        `-Des.path.home=${installation.elasticsearchHome}`,
        `-Des.nativelibs.path=${join(folder, "native")}`,
        // Its library of vector functions is not published as a jar.
        "-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false",
        "tidemark.ElasticsearchLauncher",
        settings,
      ];
      return { argv, environment };
    },
    probe: () => probeElasticsearch(url),
    afterStop: () => keepArchive(folder),
    stopSignal: "SIGTERM",
    stopTimeoutMs: 8_000,
  };
}

function nodeSettings(folder: string, ports: Ports, home: string) {
  return {
    "path.home": home,
    "path.data": join(folder, "data"),
    "path.logs": join(folder, "logs"),
    "cluster.name": "tidemark",
    "node.name": "tidemark",
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    "http.port": ports.elasticsearch,
    "transport.port": 0,
    // A missing index must fail, not appear with a guessed mapping.
    "action.auto_create_index": false,
    "cluster.routing.allocation.disk.threshold_enabled": false,
  };
}

function linkZstd(folder: string): void {
  const [library] = globSync(zstdLibraries);
  const link = join(folder, process.platform === "darwin" ? "libzstd.dylib" : "libzstd.so");
  rmSync(link, { force: true });
  if (library !== undefined) symlinkSync(library, link);
}
