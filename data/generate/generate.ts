import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CsvWriter } from "../../src/csv/writer.ts";
import { customerColumns, customerRow } from "./customers.ts";
import { productColumns, productId, productRow } from "./products.ts";
import { Random } from "./random.ts";
import { bookingSize, clickColumns, planSession, transactionColumns } from "./session.ts";

export type GenerateOptions = {
  /** The folder to write to; made where it is missing. */
  readonly out: string;
  readonly clicks: number;
  readonly transactions: number;
  readonly customers: number;
  readonly products: number;
  readonly seed: number;
  /** Over how many days the clicks are spread. The last, 2022-07-31, is the most active. */
  readonly days: number;
};

/**
 * Writes the four raw files, in exactly these sizes, row by row in bounded memory. The same options give the same
 * bytes. Sessions come one after another, so clicks and transactions are not in time order, as in the real files.
 */
export function generate(options: GenerateOptions): void {
  mkdirSync(options.out, { recursive: true });
  writeEvents(options);
  const people = new Random(options.seed ^ 0x637573);
  using customers = new CsvWriter(join(options.out, "customer.csv"), customerColumns);
  for (let id = 1; id <= options.customers; id++) customers.write(customerRow(people, id));
  customers.close();
  const goods = new Random(options.seed ^ 0x70726f);
  using products = new CsvWriter(join(options.out, "product.csv"), productColumns);
  for (let index = 0; index < options.products; index++) products.write(productRow(goods, productId(index)));
  products.close();
}

function writeEvents(options: GenerateOptions): void {
  const random = new Random(options.seed);
  using clicks = new CsvWriter(join(options.out, "click_stream_new.csv"), clickColumns);
  using transactions = new CsvWriter(join(options.out, "transaction_new.csv"), transactionColumns);
  let clicksLeft = options.clicks;
  let transactionsLeft = options.transactions;
  let size = bookingSize(random);
  while (clicksLeft > 0) {
    // Bookings keep step with clicks, so that both run out together.
    const owed = transactionsLeft - Math.round((options.transactions * Math.max(0, clicksLeft - 25)) / options.clicks);
    const last = clicksLeft <= 25;
    const items = last ? transactionsLeft : owed >= size ? Math.min(owed, transactionsLeft) : 0;
    const session = planSession(random, options, last ? clicksLeft : clicksLeft - 1, items);
    for (const row of session.clicks) clicks.write(row);
    for (const row of session.transactions) transactions.write(row);
    clicksLeft -= session.clicks.length;
    transactionsLeft -= items;
    if (items > 0) size = bookingSize(random);
  }
  clicks.close();
  transactions.close();
}
