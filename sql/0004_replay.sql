-- What `bun run replay` has done: committed together with the rows, so that --resume gives each row exactly once.
CREATE SCHEMA replay;

CREATE TABLE replay.runs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    abandoned_at timestamptz
);

CREATE TABLE replay.positions (
    run_id      bigint NOT NULL REFERENCES replay.runs,
    file        text NOT NULL,
    fingerprint text NOT NULL,
    next_byte   bigint NOT NULL DEFAULT 0,
    lines_read  bigint NOT NULL DEFAULT 0,
    seconds     bigint NOT NULL DEFAULT 0,
    written     bigint NOT NULL DEFAULT 0,
    rejected    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (run_id, file)
);
COMMENT ON COLUMN replay.positions.seconds IS 'sum of event_offset so far, in files without event_time';

CREATE TABLE replay.rejects (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id      bigint REFERENCES replay.runs,
    file        text NOT NULL,
    line        bigint NOT NULL,
    reason      text NOT NULL,
    rejected_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN replay.rejects.run_id IS 'NULL: rejected by bun run load';

GRANT USAGE ON SCHEMA replay TO tidemark_writer;
GRANT SELECT, INSERT, UPDATE ON replay.runs, replay.positions TO tidemark_writer;
GRANT SELECT, INSERT ON replay.rejects TO tidemark_writer;
