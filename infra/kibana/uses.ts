import type { Column } from "./columns.ts";
import type { SavedObject } from "./objects.ts";

/** A layer of a panel with what it asks of which index. */
export type Use = {
  readonly panel: string;
  readonly index: string;
  readonly columns: readonly Pick<Column, "operationType" | "sourceField" | "params">[];
  /** A field that is put on a map. */
  readonly geoField?: string;
};

type LensLayers = Readonly<Record<string, { readonly columns: Readonly<Record<string, Column>> }>>;
type PanelJson = {
  readonly type: string;
  readonly panelIndex: string;
  readonly embeddableConfig: {
    readonly attributes: {
      readonly state?: { readonly datasourceStates: { readonly formBased: { readonly layers: LensLayers } } };
      readonly layerListJSON?: string;
    };
  };
};
type MapLayer = { readonly sourceDescriptor: { readonly indexPatternRefName: string; readonly geoField: string } };

/** What a dashboard's panels ask of Elasticsearch, with references and data views followed, and each data view's time. */
export function usesOf(objects: readonly SavedObject[]): readonly Use[] {
  const dashboard = objects.find(({ type }) => type === "dashboard");
  const panels = JSON.parse(String(dashboard?.attributes.panelsJSON)) as readonly PanelJson[];
  const indexOf = (name: string) => {
    const reference = dashboard?.references.find((one) => one.name === name);
    const view = objects.find(({ type, id }) => type === "index-pattern" && id === reference?.id);
    if (view === undefined) throw new Error(`the reference ${name} leads to no data view`);
    return String(view.attributes.title);
  };
  const ofPanels = panels.flatMap(({ panelIndex: panel, embeddableConfig: { attributes } }): readonly Use[] => {
    const layers = Object.entries(attributes.state?.datasourceStates.formBased.layers ?? {});
    const maps = JSON.parse(attributes.layerListJSON ?? "[]") as readonly MapLayer[];
    return [
      ...layers.map(([layer, { columns }]) => ({
        panel,
        index: indexOf(`${panel}:indexpattern-datasource-layer-${layer}`),
        columns: Object.values(columns),
      })),
      ...maps.map(({ sourceDescriptor: { indexPatternRefName, geoField } }) => ({
        panel,
        index: indexOf(`${panel}:${indexPatternRefName}`),
        columns: [],
        geoField,
      })),
    ];
  });
  const ofViews = objects
    .filter(({ type }) => type === "index-pattern")
    .map(({ id, attributes }) => ({
      panel: id,
      index: String(attributes.title),
      columns: [
        {
          operationType: "date_histogram" as const,
          sourceField: String(attributes.timeFieldName),
          params: { interval: "1m" },
        },
      ],
    }));
  return [...ofPanels, ...ofViews];
}
