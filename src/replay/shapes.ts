import { shapeOf } from "../csv/shape.ts";

/** The two streamed files of a prepared data set. `event_time` is there, or `event_offset` alone, as in the tutorial. */
export const streams = [
  {
    table: "clicks",
    file: "one-day-clicks.csv",
    shape: shapeOf({
      session_id: "text",
      event_name: "text",
      event_id: "text",
      traffic_source: "text",
      product_id: "bigint",
      quantity: "integer",
      item_price: "numeric",
      payment_status: "text",
      search_keywords: "text",
      promo_code: "text",
      promo_amount: "numeric",
      event_time: "timestamp",
    }),
    optional: ["event_time"],
  },
  {
    table: "transactions",
    file: "one-day-transactions.csv",
    shape: shapeOf({
      customer_id: "bigint",
      booking_id: "text",
      session_id: "text",
      payment_method: "text",
      payment_status: "text",
      promo_amount: "numeric",
      promo_code: "text",
      shipment_fee: "numeric",
      shipment_date_limit: "timestamp",
      shipment_location_lat: "double",
      shipment_location_long: "double",
      total_amount: "numeric",
      product_id: "bigint",
      quantity: "integer",
      item_price: "numeric",
      event_time: "timestamp",
    }),
    optional: ["event_time", "shipment_date_limit"],
  },
] as const;

export type Stream = (typeof streams)[number];
