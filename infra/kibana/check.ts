import type { Column } from "./columns.ts";
import { RECORDS } from "./columns.ts";
import { type SavedObject, VERSIONS } from "./objects.ts";

const COLUMNS = 48;
const SHAPES = ["pie", "donut"];

/** What Kibana's own mappings take, by type of object; of attributes that are not there it refuses the import. */
const ATTRIBUTES: Readonly<Record<SavedObject["type"], Readonly<Record<string, string>>>> = {
  "index-pattern": { title: "string", name: "string", timeFieldName: "string" },
  dashboard: {
    title: "string",
    description: "string",
    version: "number",
    timeRestore: "boolean",
    timeFrom: "string",
    timeTo: "string",
    refreshInterval: "object",
    kibanaSavedObjectMeta: "object",
    optionsJSON: "string",
    panelsJSON: "string",
  },
};

type Reference = SavedObject["references"][number];
type Layers = Readonly<
  Record<string, { readonly columns: Readonly<Record<string, Column>>; readonly columnOrder: readonly string[] }>
>;
type PanelJson = {
  readonly type: string;
  readonly panelIndex: string;
  readonly gridData: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly i: string;
  };
  readonly embeddableConfig: { readonly attributes: PanelAttributes };
};
type PanelAttributes = {
  readonly visualizationType?: string;
  readonly references?: readonly Reference[];
  readonly state?: {
    readonly visualization: Visualization;
    readonly query: unknown;
    readonly filters: unknown;
    readonly datasourceStates: { readonly formBased: { readonly layers: Layers } };
  };
  readonly layerListJSON?: string;
};
type Visualization = Readonly<Record<string, unknown>> & {
  readonly layerId?: string;
  readonly layers?: readonly VisualizationLayer[];
  readonly columns?: readonly { readonly columnId: string }[];
};
type VisualizationLayer = Readonly<Record<string, unknown>> & {
  readonly layerId: string;
  readonly accessors?: readonly string[];
  readonly primaryGroups?: readonly string[];
  readonly metrics?: readonly string[];
};

/**
 * What is wrong with a file of saved objects, as far as that can be known without a Kibana: Kibana's import looks at
 * versions and attributes, but takes a panel that cannot be drawn.
 */
export function problemsOf(ndjson: string): readonly string[] {
  const objects = ndjson
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as SavedObject);
  const ids = objects.map(({ type, id }) => `${type}:${id}`);
  const problems = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id}: twice`);
  for (const object of objects) {
    const report = (what: string) => problems.push(`${object.type}:${object.id}: ${what}`);
    const known = ATTRIBUTES[object.type];
    if (known === undefined) {
      report("no such type");
      continue;
    }
    if (object.coreMigrationVersion !== VERSIONS.core) report(`coreMigrationVersion ${object.coreMigrationVersion}`);
    if (object.typeMigrationVersion !== VERSIONS[object.type])
      report(`typeMigrationVersion ${object.typeMigrationVersion}`);
    for (const [name, type] of Object.entries(known)) {
      const value = object.attributes[name];
      if (typeof value !== type) report(`${name} is no ${type}`);
    }
    for (const name of Object.keys(object.attributes))
      if (known[name] === undefined) report(`unknown attribute ${name}`);
    for (const { type, id } of object.references)
      if (!ids.includes(`${type}:${id}`)) report(`${type}:${id} is not there`);
    if (object.type === "dashboard") checkDashboard(object, report);
  }
  return problems;
}

function checkDashboard({ attributes, references }: SavedObject, report: (what: string) => void): void {
  const { pause, value } = attributes.refreshInterval as { readonly pause?: unknown; readonly value?: unknown };
  if (pause !== false || value !== 5_000) report("does not refresh every 5 s");
  JSON.parse(String(attributes.optionsJSON));
  JSON.parse((attributes.kibanaSavedObjectMeta as { readonly searchSourceJSON: string }).searchSourceJSON);
  const panels = JSON.parse(String(attributes.panelsJSON)) as readonly PanelJson[];
  checkGrid(panels, report);
  const wanted = panels.flatMap(({ panelIndex, embeddableConfig: { attributes: panel } }) =>
    namesOf(panel).map((name) => `${panelIndex}:${name}`),
  );
  const names = references.map(({ name }) => name);
  for (const name of new Set([...wanted, ...names])) {
    const [wants, has] = [wanted, names].map((all) => all.filter((one) => one === name).length);
    if (wants !== 1 || has !== 1) report(`reference ${name}: ${wants} panels want it, the dashboard has ${has}`);
  }
  for (const { panelIndex, embeddableConfig } of panels) {
    for (const own of embeddableConfig.attributes.references ?? []) {
      const same = references.some(({ name, id }) => name === `${panelIndex}:${own.name}` && id === own.id);
      if (!same) report(`${panelIndex}: ${own.name} leads elsewhere on the dashboard`);
    }
    checkPanel(embeddableConfig.attributes, (what) => report(`${panelIndex}: ${what}`));
  }
}

/** The references that a panel needs, under its own names. */
function namesOf({ state, layerListJSON }: PanelAttributes): readonly string[] {
  const layers = Object.keys(state?.datasourceStates.formBased.layers ?? {});
  const maps = JSON.parse(layerListJSON ?? "[]") as readonly {
    readonly sourceDescriptor: { readonly indexPatternRefName: string };
  }[];
  return [
    ...layers.map((layer) => `indexpattern-datasource-layer-${layer}`),
    ...maps.map(({ sourceDescriptor }) => sourceDescriptor.indexPatternRefName),
  ];
}

function checkGrid(panels: readonly PanelJson[], report: (what: string) => void): void {
  const taken = new Map<string, string>();
  for (const {
    panelIndex,
    gridData: { x, y, w, h, i },
  } of panels) {
    if (i !== panelIndex) report(`${panelIndex}: its place is that of ${i}`);
    if (x < 0 || y < 0 || w < 1 || h < 1 || x + w > COLUMNS) report(`${panelIndex}: outside of the ${COLUMNS} columns`);
    const over = new Set<string>();
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        const before = taken.get(`${column}/${line}`);
        if (before !== undefined) over.add(before);
        taken.set(`${column}/${line}`, panelIndex);
      }
    }
    for (const other of over) report(`${panelIndex}: overlaps ${other}`);
  }
}

function checkPanel(
  { visualizationType, references, state, layerListJSON }: PanelAttributes,
  report: (what: string) => void,
): void {
  if (layerListJSON !== undefined) return;
  if (state?.query === undefined || state.filters === undefined) return void report("no query or filters");
  const { layers } = state.datasourceStates.formBased;
  for (const name of namesOf({ state })) {
    if (!references?.some((one) => one.name === name)) report(`no reference ${name}`);
  }
  for (const [id, { columns, columnOrder }] of Object.entries(layers)) {
    if (columnOrder.toSorted().join() !== Object.keys(columns).toSorted().join())
      report(`${id}: columnOrder is not its columns`);
    const bucketed = columnOrder.map((column) => columns[column]?.isBucketed ?? false);
    if (bucketed.lastIndexOf(true) > bucketed.indexOf(false) && bucketed.includes(false))
      report(`${id}: buckets come first`);
    for (const [name, column] of Object.entries(columns))
      checkColumn(column, columns, (what) => report(`${id}.${name}: ${what}`));
  }
  const accessors = accessorsOf(visualizationType ?? "", state.visualization);
  if (accessors === undefined)
    return void report(`cannot be drawn: ${visualizationType} ${state.visualization.shape ?? ""}`);
  const drawn = accessors.map(({ layer }) => layer).toSorted();
  if (drawn.join() !== Object.keys(layers).toSorted().join()) report(`draws the layers ${drawn.join()}`);
  for (const { layer, columns } of accessors) {
    for (const column of columns) {
      if (layers[layer]?.columns[String(column)] === undefined) report(`draws ${layer}.${column}, which is no column`);
    }
  }
}

function checkColumn(column: Column, others: Readonly<Record<string, Column>>, report: (what: string) => void): void {
  const { operationType, sourceField, params, dataType, isBucketed } = column;
  if ((operationType === "count") !== (sourceField === RECORDS)) report(`${operationType} of ${sourceField}`);
  if (isBucketed !== (operationType === "terms" || operationType === "date_histogram"))
    report(`${operationType}: isBucketed`);
  const expected = { count: "number", sum: "number", unique_count: "number", terms: "string", date_histogram: "date" };
  if (dataType !== expected[operationType]) report(`${operationType} is no ${dataType}`);
  if (operationType === "date_histogram" && !/^\d+[smhd]$/.test(String(params.interval))) report("no interval");
  if (operationType !== "terms") return;
  const { columnId } = params.orderBy as { readonly columnId: string };
  if (others[columnId]?.isBucketed !== false) report(`is ranked by ${columnId}, which is no figure`);
}

/** The columns that a visualization draws of each layer; undefined for one that is not known. */
function accessorsOf(
  visualizationType: string,
  state: Visualization,
): readonly { readonly layer: string; readonly columns: readonly unknown[] }[] | undefined {
  const { layerId = "", layers = [], columns = [] } = state;
  switch (visualizationType) {
    case "lnsMetric":
      return [{ layer: layerId, columns: [state.metricAccessor] }];
    case "lnsTagcloud":
      return [{ layer: layerId, columns: [state.tagAccessor, state.valueAccessor] }];
    case "lnsDatatable":
      return [{ layer: layerId, columns: columns.map(({ columnId }) => columnId) }];
    case "lnsPie":
      if (!SHAPES.includes(String(state.shape))) return undefined;
      return layers.map(({ layerId: layer, primaryGroups = [], metrics = [] }) => ({
        layer,
        columns: [...primaryGroups, ...metrics],
      }));
    case "lnsXY":
      return layers.map(({ layerId: layer, xAccessor, accessors = [] }) => ({
        layer,
        columns: [xAccessor, ...accessors],
      }));
    default:
      return undefined;
  }
}
