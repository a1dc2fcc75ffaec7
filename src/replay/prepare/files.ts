/** A raw file, and what becomes of it. */
export type PreparedFile = {
  readonly raw: string;
  readonly prepared: string;
  /** The raw column that says when it happened; `event_time` in the prepared file. */
  readonly timeColumn: string;
  /** The other columns, in the prepared file's order; `event_time` and `event_offset` follow. */
  readonly columns: readonly string[];
};

export const clicks: PreparedFile = {
  raw: "click_stream_new.csv",
  prepared: "one-day-clicks.csv",
  timeColumn: "event_time",
  columns: [
    "session_id",
    "event_name",
    "event_id",
    "traffic_source",
    "product_id",
    "quantity",
    "item_price",
    "payment_status",
    "search_keywords",
    "promo_code",
    "promo_amount",
  ],
};

export const transactions: PreparedFile = {
  raw: "transaction_new.csv",
  prepared: "one-day-transactions.csv",
  timeColumn: "created_at",
  columns: [
    "customer_id",
    "booking_id",
    "session_id",
    "payment_method",
    "payment_status",
    "promo_amount",
    "promo_code",
    "shipment_fee",
    "shipment_date_limit",
    "shipment_location_lat",
    "shipment_location_long",
    "total_amount",
    "product_id",
    "quantity",
    "item_price",
  ],
};
