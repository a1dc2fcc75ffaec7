import { DAY_MICROS, isoMicros, sessionStart } from "./clock.ts";
import { places } from "./places.ts";
import { productId } from "./products.ts";
import type { Random } from "./random.ts";

export const clickColumns = [
  "session_id",
  "event_name",
  "event_time",
  "event_id",
  "traffic_source",
  "product_id",
  "quantity",
  "item_price",
  "payment_status",
  "search_keywords",
  "promo_code",
  "promo_amount",
] as const;

export const transactionColumns = [
  "created_at",
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
] as const;

export type Shop = { readonly customers: number; readonly products: number; readonly days: number };
type Session = { readonly clicks: string[][]; readonly transactions: string[][] };
type Item = { readonly product: number; readonly quantity: number; readonly price: number };
type Promo = { readonly code: string; readonly amount: number };

const browsing = [
  ["CLICK", 62],
  ["HOMEPAGE", 56],
  ["SCROLL", 41],
  ["ITEM_DETAIL", 29],
  ["SEARCH", 28],
  ["PROMO_PAGE", 17],
] as const;
const searches = [
  ["Dress Kondangan", 62],
  ["Tas Wanita", 30],
  ["T-Shirt", 26],
  ["Bekas", 26],
  ["Baju", 20],
  ["Kaos", 19],
  ["Dress Pesta", 18],
  ["Sepatu Nike", 15],
  ["Tas Kerja", 9],
  ["Sepatu", 8],
  ["Celana Panjang", 6],
  ["Jam", 1],
  ["Topi", 1],
] as const;
const promoCodes = ["WEEKENDSERU", "WEEKENDSERU", "LIBURDONG", "WEEKENDMANTAP"];
const paymentMethods = [
  ["Credit Card", 52],
  ["OVO", 39],
  ["Gopay", 34],
  ["Debit Card", 29],
  ["LinkAja", 12],
] as const;
const shipmentFees = [
  [10_000, 88],
  [0, 49],
  [15_000, 10],
  [5_000, 8],
  [50_000, 6],
  [25_000, 5],
] as const;

/** How many items a booking has: mostly one, seldom many. */
export function bookingSize(random: Random): number {
  return random.chance(0.8) ? 1 : Math.min(20, 2 + Math.floor(random.exponential(1.6)));
}

/**
 * One visitor's session: at most `clickLimit` clicks in time order and, where `itemCount` is not 0, a booking of so
 * many items, each of them a transaction with the booking's session, status and promo code.
 */
export function planSession(random: Random, shop: Shop, clickLimit: number, itemCount: number): Session {
  const sessionId = random.uuid();
  const source = random.chance(0.905) ? "MOBILE" : "WEB";
  const items = Array.from({ length: itemCount }, () => drawItem(random, shop));
  const subtotal = items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  const promo: Promo | undefined =
    itemCount > 0 && random.chance(0.2)
      ? {
          code: random.pick(promoCodes),
          amount: Math.min(25_000, Math.round(subtotal * (0.01 + random.next() * 0.02))),
        }
      : undefined;
  const status = random.chance(0.955) ? "Success" : "Failed";

  const planned = planEvents(random, shop, items, promo, status).slice(-clickLimit);
  const offsets: number[] = [];
  for (let micros = 0; offsets.length < planned.length; micros += Math.ceil(random.exponential(45_000_000))) {
    offsets.push(micros);
  }
  const start = sessionStart(random, shop.days, offsets.at(-1)! + 5_000_000);
  const clicks = planned.map(([name, cells], index) => [
    sessionId,
    name,
    isoMicros(start + offsets[index]!),
    random.uuid(),
    source,
    ...cells,
  ]);
  if (itemCount === 0) return { clicks, transactions: [] };
  const bookedAt = start + offsets.at(-1)! + random.integer(0, 2_000_000);
  return { clicks, transactions: bookingRows(random, shop, { sessionId, items, promo, status, subtotal, bookedAt }) };
}

type Event = readonly [name: string, cells: readonly string[]];
const noCells = ["", "", "", "", "", "", ""];

/** Browsing with the booked items (and some that stay in the cart) strewn in; the booking comes last. */
function planEvents(
  random: Random,
  shop: Shop,
  items: readonly Item[],
  promo: Promo | undefined,
  status: string,
): Event[] {
  const abandoned = Array.from({ length: Math.floor(random.exponential(0.55)) }, () => drawItem(random, shop));
  const cart = [...abandoned, ...items].map((item): Event => {
    return ["ADD_TO_CART", [`${item.product}.0`, `${item.quantity}.0`, `${item.price}.0`, "", "", "", ""]];
  });
  const browsed = Array.from({ length: 1 + Math.min(70, Math.floor(random.exponential(8.5))) }, (): Event => {
    const name = random.weighted(browsing);
    return [name, name === "SEARCH" ? ["", "", "", "", random.weighted(searches), "", ""] : noCells];
  });
  const events = [...browsed];
  for (const added of cart) events.splice(random.integer(0, events.length), 0, added);
  if (promo) events.push(["ADD_PROMO", ["", "", "", "", "", promo.code, `${promo.amount}.0`]]);
  if (items.length > 0) events.push(["BOOKING", ["", "", "", status, "", "", ""]]);
  return events;
}

function drawItem(random: Random, shop: Shop): Item {
  const popular = Math.floor(random.next() ** 1.5 * shop.products);
  return {
    product: productId(popular),
    quantity: random.chance(0.83) ? 1 : Math.min(50, 2 + Math.floor(random.exponential(1.8))),
    price: Math.round(60_000 + random.exponential(110_000) + random.next() * 180_000),
  };
}

function bookingRows(
  random: Random,
  shop: Shop,
  booking: {
    sessionId: string;
    items: readonly Item[];
    promo: Promo | undefined;
    status: string;
    subtotal: number;
    bookedAt: number;
  },
): string[][] {
  const customer = 1 + Math.floor(random.next() ** 2 * shop.customers);
  const bookingId = random.uuid();
  const fee = random.weighted(shipmentFees);
  const [, latitude, longitude] = random.weighted(places);
  const shared = [
    isoMicros(booking.bookedAt),
    String(customer),
    bookingId,
    booking.sessionId,
    random.weighted(paymentMethods),
    booking.status,
    String(booking.promo?.amount ?? 0),
    booking.promo?.code ?? "",
    String(fee),
    isoMicros(booking.bookedAt + Math.floor((1 + random.next() * 6) * DAY_MICROS)),
    String(latitude + (random.next() - 0.5) * 1.5),
    String(longitude + (random.next() - 0.5) * 1.5),
    String(booking.subtotal + fee - (booking.promo?.amount ?? 0)),
  ];
  return booking.items.map((item) => [...shared, String(item.product), String(item.quantity), String(item.price)]);
}
