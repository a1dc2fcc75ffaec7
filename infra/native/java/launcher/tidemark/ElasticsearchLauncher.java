package tidemark;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts one Elasticsearch node from the jars that Maven Central has: the server on the class path, its modules below
 * path.home/modules. The distribution's own launcher, and the security it sets up, are not published there.
 *
 * <p>One argument: a properties file of node settings, which names at least path.home, path.data and path.logs. The
 * file's own folder is the configuration folder.
 */
public final class ElasticsearchLauncher {
    private static final long CLOSE_TIMEOUT_SECONDS = 30;

    private ElasticsearchLauncher() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 1) throw new IllegalArgumentException("expected one argument: the settings file");
        Path file = Path.of(arguments[0]).toAbsolutePath();
        Settings settings = read(file);

        LogConfigurator.setNodeName(settings.get("node.name"));
        LogConfigurator.configureESLogging();
        LogConfigurator.configureWithoutConfig(Settings.builder().put("logger.level", "INFO").build());

        Environment environment = new Environment(settings, file.getParent());
        PluginsLoader plugins =
            PluginsLoader.createPluginsLoader(
                PluginsLoader.loadModulesBundles(environment.modulesDir(), false), Set.of(), Map.of(), false);
        Node node = new Node(environment, plugins);
        node.start();

        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node, closed), "close-node"));
        closed.await();
    }

    private static Settings read(Path file) throws Exception {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        }
        Settings.Builder builder = Settings.builder();
        properties.forEach((key, value) -> builder.put(key.toString(), value.toString()));
        return builder.build();
    }

    private static void close(Node node, CountDownLatch closed) {
        try {
            node.close();
            node.awaitClose(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            e.printStackTrace();
        }
        closed.countDown();
    }
}
