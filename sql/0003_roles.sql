-- Roles belong to the whole cluster, so another database may have made them already.
-- Their passwords are set by `bun run setup` from the configuration.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['tidemark_replication', 'tidemark_writer', 'tidemark_watchdog'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- made this instant by a migration of another database
            END;
        END IF;
    END LOOP;
    IF NOT (SELECT rolreplication FROM pg_roles WHERE rolname = 'tidemark_replication') THEN
        ALTER ROLE tidemark_replication REPLICATION;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO tidemark_replication, tidemark_writer, tidemark_watchdog',
                   current_database());
END
$$;

GRANT USAGE ON SCHEMA public TO tidemark_replication, tidemark_writer, tidemark_watchdog;

-- Debezium: the stream, and the first snapshot.
GRANT SELECT ON clicks, transactions, customers, products TO tidemark_replication;

-- replay and load: add rows, and bring customers and products up to date.
GRANT SELECT, INSERT ON clicks, transactions TO tidemark_writer;
GRANT SELECT, INSERT, UPDATE ON customers, products TO tidemark_writer;

-- The watchdog compares and heals by reading; it never writes to a streamed table.
GRANT SELECT ON clicks, transactions, customers, products TO tidemark_watchdog;
