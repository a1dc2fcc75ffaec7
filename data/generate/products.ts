import type { Random } from "./random.ts";

export const productColumns = [
  "id",
  "gender",
  "masterCategory",
  "subCategory",
  "articleType",
  "baseColour",
  "season",
  "year",
  "usage",
  "productDisplayName",
] as const;

const articles: readonly (readonly [master: string, sub: string, article: string])[] = [
  ["Apparel", "Topwear", "Tshirts"],
  ["Apparel", "Topwear", "Shirts"],
  ["Apparel", "Topwear", "Kurtas"],
  ["Apparel", "Bottomwear", "Jeans"],
  ["Apparel", "Bottomwear", "Track Pants"],
  ["Apparel", "Dress", "Dresses"],
  ["Footwear", "Shoes", "Casual Shoes"],
  ["Footwear", "Shoes", "Sports Shoes"],
  ["Footwear", "Sandal", "Sandals"],
  ["Accessories", "Bags", "Handbags"],
  ["Accessories", "Watches", "Watches"],
  ["Accessories", "Eyewear", "Sunglasses"],
];
const brands = [
  "Aster & Co",
  "Baruna",
  'Cempaka "Heritage"',
  "Dahlia",
  "Elang",
  "Flamboyan, Jakarta",
  "Gading",
  "Kenanga",
];
const colours = ["Black", "White", "Navy Blue", "Red", "Grey", "Brown", "Green", "Beige", "Off White"];

/** One product. Ids have gaps; some products lack a colour, a season, a year or a usage. */
export function productRow(random: Random, id: number): string[] {
  const [master, sub, article] = random.pick(articles);
  const gender = random.pick(["Men", "Women", "Men", "Women", "Unisex", "Boys", "Girls"]);
  const colour = random.pick(colours);
  return [
    String(id),
    gender,
    master,
    sub,
    article,
    random.chance(0.01) ? "" : colour,
    random.chance(0.01) ? "" : random.pick(["Summer", "Winter", "Fall", "Spring"]),
    random.chance(0.01) ? "" : `${random.integer(2010, 2019)}.0`,
    random.chance(0.02) ? "" : random.pick(["Casual", "Casual", "Casual", "Sports", "Formal", "Ethnic"]),
    `${random.pick(brands)} ${gender} ${colour} ${article}`,
  ];
}

/** The id of the nth product, from 0. */
export function productId(index: number): number {
  return 1163 + index * 3 + (index % 7 === 0 ? 1 : 0);
}
