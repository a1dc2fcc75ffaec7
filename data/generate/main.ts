import { option, runCommand } from "../../src/command.ts";
import { ExitCode, UsageError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { generate } from "./generate.ts";

const count = (least: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > 1e9)
    throw new Error(`expected a whole number from ${least} to 1e9`);
  return value;
};

await runCommand({
  name: "generate",
  summary: "Makes a data set in the raw files' shape: the same seed and sizes give the same bytes.",
  options: {
    out: option<string>("DIR", "where the four files go", "", (text) => text),
    clicks: option("N", "rows of click_stream_new.csv (default 5000)", 5000, count(0)),
    transactions: option("N", "rows of transaction_new.csv (default 300)", 300, count(0)),
    customers: option("N", "rows of customer.csv (default 500)", 500, count(1)),
    products: option("N", "rows of product.csv (default 300)", 300, count(1)),
    seed: option("S", "any whole number (default 1)", 1, count(0)),
    days: option(
      "D",
      "days to spread the events over; the last, 2022-07-31, is the most active (default 7)",
      7,
      count(1),
    ),
  },
  settings: ["logFormat", "logLevel"],
  async run({ config, options }) {
    if (options.out === "") throw new UsageError(["--out: name the folder to write to"]);
    if (options.transactions > 0 && options.clicks === 0) {
      throw new UsageError(["--transactions: each belongs to a booking among the clicks; --clicks is 0"]);
    }
    generate(options);
    const { clicks, transactions, customers, products } = options;
    createLog("generate", config).info(`wrote ${options.out}`, { clicks, transactions, customers, products });
    return ExitCode.done;
  },
});
