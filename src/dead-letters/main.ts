import { runCommand, toggle } from "../command.ts";
import { ExitCode, OperationError, UnreachableError, UsageError } from "../errors.ts";
import { createKafka } from "../kafka.ts";
import { type Letter, readLetters, retryLetters } from "./letters.ts";

await runCommand({
  name: "dead-letters",
  positionals: "list | show ID | retry ID... | retry --all",
  summary: "What the sink could not index: which messages, why, and back into the stream once the cause is mended.",
  options: {
    all: toggle("retry every letter"),
    json: toggle("print JSON"),
  },
  settings: ["kafkaBrokers", "topicPrefix", "consumerGroup"],
  run: async ({ config, options, positionals }) => {
    const [action = "list", ...ids] = positionals;
    checkUsage(action, ids, options.all);
    const kafka = createKafka(config, "tidemark-dead-letters");
    const letters = await readLetters(kafka, config).catch((error) => {
      if (error instanceof OperationError) throw error;
      throw new UnreachableError(`the dead letters could not be read from Kafka at ${config.kafkaBrokers}`, {
        cause: error,
      });
    });
    if (action === "list") {
      console.log(options.json ? JSON.stringify(letters.map(summary), null, 2) : listText(letters));
      return ExitCode.done;
    }
    const chosen = options.all ? letters : ids.map((id) => find(letters, id));
    if (action === "show") {
      for (const letter of chosen)
        console.log(options.json ? JSON.stringify(whole(letter), null, 2) : showText(letter));
      return ExitCode.done;
    }
    await retryLetters(kafka, config, chosen);
    console.log(
      options.json ? JSON.stringify({ retried: chosen.length }) : `${chosen.length} put back into the stream`,
    );
    return ExitCode.done;
  },
});

function checkUsage(action: string, ids: readonly string[], all: boolean): void {
  const mistake = !["list", "show", "retry"].includes(action)
    ? `${action}: expected list, show or retry`
    : action === "list" && ids.length > 0
      ? `list takes no id: got ${ids.join(" ")}`
      : action === "show" && ids.length === 0
        ? "show: expected an id, as list prints it"
        : action === "retry" && ids.length === 0 && !all
          ? "retry: expected ids, as list prints them, or --all"
          : undefined;
  if (mistake) throw new UsageError([mistake]);
}

function find(letters: readonly Letter[], id: string): Letter {
  const letter = letters.find((one) => one.id === id);
  if (letter === undefined) throw new OperationError(`there is no dead letter ${id}; see: bun run dead-letters list`);
  return letter;
}

function summary({ key: _key, value, ...rest }: Letter) {
  return { ...rest, bytes: value.length };
}

function whole(letter: Letter) {
  return { ...summary(letter), key: letter.key?.toString() ?? null, value: letter.value.toString() };
}

function listText(letters: readonly Letter[]): string {
  if (letters.length === 0) return "No dead letters.";
  const width = Math.max(...letters.map((letter) => letter.id.length));
  return letters
    .map((letter) => `${letter.id.padEnd(width)}  ${letter.refusedAt}  ${letter.cause}  ${letter.error.slice(0, 100)}`)
    .join("\n");
}

function showText(letter: Letter): string {
  const { value: _bytes, ...fields } = whole(letter);
  const lines = Object.entries(fields).map(([name, value]) => `${name.padEnd(10)} ${value}`);
  return [...lines, "", letter.value.toString()].join("\n");
}
