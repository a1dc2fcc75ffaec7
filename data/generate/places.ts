/** Provinces: name, latitude, longitude, and how many customers live there. */
export const places: readonly (readonly [readonly [name: string, latitude: number, longitude: number], number])[] = [
  [["Jakarta Raya", -6.2, 106.85], 22],
  [["Jawa Barat", -6.9, 107.6], 16],
  [["Jawa Tengah", -7.15, 110.4], 12],
  [["Jawa Timur", -7.5, 112.7], 11],
  [["Yogyakarta", -7.8, 110.37], 9],
  [["Banten", -6.4, 106.1], 4],
  [["Bali", -8.4, 115.2], 4],
  [["Sumatera Utara", 2.1, 99.1], 4],
  [["Sumatera Selatan", -3.3, 104.0], 3],
  [["Kalimantan Timur", 0.5, 116.4], 3],
  [["Sulawesi Selatan", -4.6, 120.1], 3],
  [["Nusa Tenggara Barat", -8.6, 117.3], 2],
  [["Maluku", -3.2, 130.1], 1],
  [["Papua Barat", -1.3, 133.2], 1],
];
