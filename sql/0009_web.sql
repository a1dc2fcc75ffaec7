-- The page shows the differences of a bucket.
CREATE INDEX divergences_by_bucket ON watchdog.divergences (table_name, bucket_start);
