-- What the watchdog may mend beyond its own rights, and that it is in the middle of it.
CREATE TABLE watchdog.mending (
    what        text PRIMARY KEY,
    started_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE watchdog.mending IS
    'a mend that was begun and not finished: a connector that is stopped meanwhile was stopped by the watchdog';
GRANT SELECT, INSERT, DELETE ON watchdog.mending TO tidemark_watchdog;

-- Only its owner may change a publication. Takes no table but those that Debezium may read.
CREATE FUNCTION watchdog.add_to_publication(table_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT has_table_privilege('tidemark_replication', format('public.%I', table_name), 'SELECT') THEN
        RAISE EXCEPTION 'tidemark_replication may not read public.%', table_name USING
            ERRCODE = 'insufficient_privilege', HINT = format('GRANT SELECT ON public.%I TO tidemark_replication', table_name);
    END IF;
    EXECUTE format('ALTER PUBLICATION tidemark ADD TABLE public.%I', table_name);
EXCEPTION WHEN duplicate_object THEN
    NULL; -- added meanwhile
END
$$;
REVOKE ALL ON FUNCTION watchdog.add_to_publication(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION watchdog.add_to_publication(text) TO tidemark_watchdog;
