-- The streamed tables: the columns of the CSV files, and the time at which a row entered.
-- Missing values are NULL. Money is numeric and keeps the scale that it came with.

CREATE TABLE clicks (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id     text,
    event_name     text,
    event_id       text,
    traffic_source text,
    product_id     bigint,
    quantity       integer,
    item_price     numeric,
    payment_status text,
    search_keywords text,
    promo_code     text,
    promo_amount   numeric,
    event_time     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE transactions (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id            bigint,
    booking_id             text,
    session_id             text,
    payment_method         text,
    payment_status         text,
    promo_amount           numeric,
    promo_code             text,
    shipment_fee           numeric,
    shipment_date_limit    timestamptz,
    shipment_location_lat  double precision,
    shipment_location_long double precision,
    total_amount           numeric,
    product_id             bigint,
    quantity               integer,
    item_price             numeric,
    event_time             timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE customers (
    customer_id        bigint PRIMARY KEY,
    first_name         text,
    last_name          text,
    username           text,
    email              text,
    gender             text,
    birthdate          date,
    device_type        text,
    device_id          text,
    device_version     text,
    home_location_lat  double precision,
    home_location_long double precision,
    home_location      text,
    home_country       text,
    first_join_date    date,
    created_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE products (
    id                   bigint PRIMARY KEY,
    gender               text,
    master_category      text,
    sub_category         text,
    article_type         text,
    base_colour          text,
    season               text,
    year                 integer,
    usage                text,
    product_display_name text,
    created_at           timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN clicks.event_time IS 'when it happened in the data, where known';
COMMENT ON COLUMN clicks.created_at IS 'when it entered: the live dashboard''s time';
COMMENT ON COLUMN transactions.event_time IS 'when it happened in the data, where known';
COMMENT ON COLUMN transactions.created_at IS 'when it entered: the live dashboard''s time';

-- Range reads by time, as the watchdog makes them, in key order within one instant.
CREATE INDEX clicks_created_at ON clicks (created_at, id);
CREATE INDEX transactions_created_at ON transactions (created_at, id);
CREATE INDEX customers_created_at ON customers (created_at, customer_id);
CREATE INDEX products_created_at ON products (created_at, id);

-- Whole old rows in the stream: without them an unchanged long value arrives as a placeholder.
ALTER TABLE clicks REPLICA IDENTITY FULL;
ALTER TABLE transactions REPLICA IDENTITY FULL;
ALTER TABLE customers REPLICA IDENTITY FULL;
ALTER TABLE products REPLICA IDENTITY FULL;
