import { places } from "./places.ts";
import type { Random } from "./random.ts";

export const customerColumns = [
  "customer_id",
  "first_name",
  "last_name",
  "username",
  "email",
  "gender",
  "birthdate",
  "device_type",
  "device_id",
  "device_version",
  "home_location_lat",
  "home_location_long",
  "home_location",
  "home_country",
  "first_join_date",
] as const;

const firstNames = {
  F: ["Ayu", "Dewi", "Fitri", "Intan", "Kartika", "Lestari", "Maya", "Nadia", "Putri", "Ratna", "Siti", "Wulan"],
  M: ["Adi", "Agus", "Bayu", "Budi", "Dimas", "Eko", "Fajar", "Hendra", "Joko", "Rizky", "Surya", "Yusuf"],
};
const lastNames = [
  "Halim",
  "Kusuma",
  "Lubis",
  "Nugroho",
  "Pratama",
  "Rahman",
  "Santoso",
  "Saputra",
  "Siregar",
  "Wijaya",
];
const phones = {
  Android: ["Android 8.1", "Android 9.0", "Android 10.0", "Android 11.0", "Android 12.0"],
  iOS: ["iPhone; CPU iPhone OS 13_5 like Mac OS X", "iPhone; CPU iPhone OS 15_2 like Mac OS X"],
};
const DAY_MS = 86_400_000;

/** One customer. Some never gave a birthdate, a device version or a place. */
export function customerRow(random: Random, id: number): string[] {
  const gender = random.chance(0.64) ? "F" : "M";
  const first = random.pick(firstNames[gender]);
  const last = random.chance(0.03) ? "" : random.pick(lastNames);
  const device = random.chance(0.77) ? "Android" : "iOS";
  const [place, latitude, longitude] = random.weighted(places);
  const located = !random.chance(0.02);
  const username = random.uuid();
  return [
    String(id),
    first,
    last,
    username,
    `${first}_${last || id}_${username.slice(0, 8)}@example.com`.toLowerCase(),
    gender,
    random.chance(0.04) ? "" : randomDate(random, "1960-01-01", "2006-12-31"),
    device,
    random.uuid(),
    random.chance(0.02) ? "" : random.pick(phones[device]),
    located ? String(latitude + (random.next() - 0.5) * 1.5) : "",
    located ? String(longitude + (random.next() - 0.5) * 1.5) : "",
    located ? place : "",
    "Indonesia",
    randomDate(random, "2016-06-30", "2022-07-30"),
  ];
}

function randomDate(random: Random, first: string, last: string): string {
  const start = Date.parse(first) / DAY_MS;
  return new Date(random.integer(start, Date.parse(last) / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
}
