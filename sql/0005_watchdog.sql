-- What the watchdog knows and has done. Outside of the publication. Digests and versions are evidence; row values never
-- come in here, but for the key that names a document.
CREATE SCHEMA IF NOT EXISTS watchdog;

CREATE TABLE watchdog.tables (
    table_name               text PRIMARY KEY,
    recent_verified_lsn      pg_lsn,
    recent_verified_at       timestamptz,
    scrub_position           timestamptz,
    scrub_cycle_started_at   timestamptz,
    scrub_cycle_finished_at  timestamptz,
    hold_since               timestamptz,
    hold_reason              text
);
COMMENT ON COLUMN watchdog.tables.recent_verified_at IS
    'the fence behind which the recent window and every touched bucket were last found clean';
COMMENT ON COLUMN watchdog.tables.scrub_position IS 'event time up to which the scrub''s cycle has come; NULL: its start';
COMMENT ON COLUMN watchdog.tables.hold_since IS 'healing went beyond a cap and waits for a person';

CREATE TABLE watchdog.runs (
    id                       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind                     text NOT NULL CHECK (kind IN ('recent', 'scrub', 'check')),
    table_name               text NOT NULL,
    started_at               timestamptz NOT NULL,
    finished_at              timestamptz NOT NULL DEFAULT now(),
    interval_from            timestamptz,
    interval_to              timestamptz,
    outcome                  text NOT NULL CHECK (outcome IN ('clean', 'diverged', 'unsettled', 'fence-not-passed')),
    fence_lsn                pg_lsn,
    fence_at                 timestamptz,
    fence_waits              jsonb,
    postgres_rows            bigint,
    elasticsearch_documents  bigint,
    postgres_latest          timestamptz,
    elasticsearch_latest     timestamptz,
    buckets                  integer,
    differing                integer,
    divergences              integer,
    unsettled                integer
);
CREATE INDEX runs_by_table ON watchdog.runs (table_name, id DESC);
COMMENT ON COLUMN watchdog.runs.interval_from IS '-infinity: rows whose event time no index can sort';

CREATE TABLE watchdog.buckets (
    table_name     text NOT NULL,
    bucket_start   timestamptz NOT NULL,
    width_seconds  integer NOT NULL,
    row_count      bigint NOT NULL,
    latest         timestamptz,
    digest_sum     numeric NOT NULL,
    verified_lsn   pg_lsn NOT NULL,
    verified_at    timestamptz NOT NULL,
    PRIMARY KEY (table_name, bucket_start)
);
CREATE INDEX buckets_by_age ON watchdog.buckets (table_name, verified_at);
COMMENT ON COLUMN watchdog.buckets.verified_at IS 'time of the fence behind which the bucket was last found clean';

CREATE TABLE watchdog.touched (
    table_name    text NOT NULL,
    bucket_start  timestamptz NOT NULL,
    touched_lsn   pg_lsn NOT NULL,
    PRIMARY KEY (table_name, bucket_start)
);
COMMENT ON TABLE watchdog.touched IS 'buckets with a change in the stream since they were last found clean';

CREATE TABLE watchdog.divergences (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name        text NOT NULL,
    document_id       text NOT NULL,
    bucket_start      timestamptz,
    verdict           text NOT NULL CHECK (verdict IN ('missing', 'stale', 'corrupt', 'ghost')),
    cause             text NOT NULL,
    detail            text NOT NULL,
    postgres_digest   bigint,
    document_digest   bigint,
    document_version  bigint,
    fence_lsn         pg_lsn NOT NULL,
    found_at          timestamptz NOT NULL DEFAULT now(),
    state             text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'emitted', 'healed', 'gone', 'quarantined')),
    attempts          integer NOT NULL DEFAULT 0,
    closed_at         timestamptz
);
CREATE UNIQUE INDEX divergences_standing ON watchdog.divergences (table_name, document_id)
    WHERE state IN ('open', 'emitted', 'quarantined');
CREATE INDEX divergences_by_time ON watchdog.divergences (found_at);
COMMENT ON COLUMN watchdog.divergences.state IS
    'open; emitted (its heal waits to be confirmed); healed; gone (found equal without a heal); quarantined (would not heal)';

CREATE TABLE watchdog.heals (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name    text NOT NULL,
    via           text NOT NULL CHECK (via IN ('kafka', 'elasticsearch')),
    requested_by  text NOT NULL CHECK (requested_by IN ('daemon', 'command')),
    barrier_lsn   pg_lsn,
    started_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    written       integer NOT NULL DEFAULT 0,
    deleted       integer NOT NULL DEFAULT 0,
    outcome       text NOT NULL DEFAULT 'started'
);

GRANT USAGE ON SCHEMA watchdog TO tidemark_watchdog;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA watchdog TO tidemark_watchdog;
