import { html, nothing } from "lit-html";
import type { Stage, StageName } from "../../api.ts";
import { bytesText, plural, rateText } from "../format/number.ts";
import { healthMark } from "../format/state.ts";
import { waitText } from "../format/time.ts";
import { exact } from "../parts/exact.ts";
import { icon } from "../parts/icon.ts";

const STAGES: Readonly<Record<StageName, { readonly title: string; readonly unit: string }>> = {
  csv: { title: "CSV replay", unit: "rows/s" },
  postgres: { title: "PostgreSQL", unit: "rows/s" },
  debezium: { title: "Debezium", unit: "changes/s" },
  kafka: { title: "Kafka", unit: "messages/s" },
  sink: { title: "Sink", unit: "messages/s" },
  elasticsearch: { title: "Elasticsearch", unit: "documents/s" },
};

/** The way of a row as a line of stages, each with one number and one state. */
export function flow(stages: readonly Stage[]) {
  return html`<section aria-labelledby="flow-title">
    <h2 id="flow-title" class="unseen">Flow</h2>
    <ol class="flow">
      ${stages.map(
        (stage) => html`<li class="stage ${healthMark(stage.health)}">
          <span class="node">${icon(healthMark(stage.health))}</span>
          <h3>${STAGES[stage.name].title} <span class="unseen">is ${stage.health}</span></h3>
          <p class="number">
            ${exact(rateText(stage.ratePerSecond), rateExactly(stage))}<span class="quiet"> ${STAGES[stage.name].unit}</span>
          </p>
          <p class="quiet">${lagText(stage)}</p>
          ${stage.reason === null ? nothing : html`<p class="reason">${stage.reason}</p>`}
        </li>`,
      )}
    </ol>
  </section>`;
}

function rateExactly({ name, ratePerSecond }: Stage): string {
  return ratePerSecond === null ? "not known" : `${ratePerSecond.toFixed(2)} ${STAGES[name].unit}`;
}

function lagText({ lag }: Stage): string {
  if (lag === null) return "\u00a0";
  if (lag.unit === "ms") return `${waitText(lag.count)} behind`;
  if (lag.count === 0) return "nothing waits";
  return lag.unit === "bytes"
    ? `${bytesText(lag.count)} wait`
    : `${plural(lag.count, lag.unit.replace(/s$/, ""))} ${lag.count === 1 ? "waits" : "wait"}`;
}
