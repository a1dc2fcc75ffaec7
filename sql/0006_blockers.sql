-- A heal that waits for an older transaction names its backend: whose, since when.
GRANT pg_read_all_stats TO tidemark_watchdog;
