import { html, nothing } from "lit-html";
import type { DivergenceView } from "../../api.ts";
import { plural } from "../format/number.ts";
import { plainClock } from "../parts/exact.ts";
import { icon } from "../parts/icon.ts";

const MARKS = {
  open: "diverged",
  emitted: "healing",
  healed: "verified",
  gone: "verified",
  quarantined: "warning",
} as const;

const WORDS: Readonly<Record<DivergenceView["state"], string>> = {
  open: "still differs",
  emitted: "is being healed",
  healed: "was healed",
  gone: "went away by itself",
  quarantined: "would not heal, and is quarantined",
};

/** A row that differs or differed: what is known of it, and what was done. */
export function divergence(one: DivergenceView, nowMs: number) {
  const { key, verdict, cause, detail, state, attempts, closedAt, foundAt, fenceLsn } = one;
  return html`<li>
    <p>
      ${icon(MARKS[state])} <code>${key}</code> <strong>${verdict}</strong>, ${cause}; it ${WORDS[state]}
      ${closedAt === null ? nothing : html`at ${plainClock(closedAt, nowMs)}`}
    </p>
    ${detail === "" ? nothing : html`<p class="detail">${detail}</p>`}
    <p class="quiet">
      Found ${plainClock(foundAt, nowMs)} behind ${fenceLsn}. ${inPostgres(one)}; ${inElasticsearch(one)}.
      ${attempts === 0 ? nothing : `${plural(attempts, "attempt")} to heal.`}
    </p>
  </li>`;
}

function inPostgres({ postgresDigest }: DivergenceView): string {
  return postgresDigest === null ? "No row in PostgreSQL" : `Digest ${postgresDigest} in PostgreSQL`;
}

function inElasticsearch({ documentDigest, documentVersion }: DivergenceView): string {
  const version = documentVersion === null ? "" : ` at version ${documentVersion}`;
  return documentDigest === null ? "no document in Elasticsearch" : `${documentDigest} in Elasticsearch${version}`;
}
