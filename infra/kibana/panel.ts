import type { Column } from "./columns.ts";

export type Reference = { readonly type: "index-pattern"; readonly id: string; readonly name: string };

/** In Kibana's grid of 48 columns. */
export type Place = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };

/** A panel of the dashboard, with what it refers to under names of its own. */
export type Panel = { readonly json: Readonly<Record<string, unknown>>; readonly references: readonly Reference[] };

/** One table of figures behind a Lens panel: its data view, and its columns in order, buckets first. */
export type Layer = { readonly dataView: string; readonly columns: Readonly<Record<string, Column>> };

/**
 * A Lens panel by value.
 * @param visualizationType Lens's name of it: `lnsMetric`, `lnsPie`, ...
 * @param visualization its state, which names layers and columns by their ids
 */
export function lens(
  id: string,
  title: string,
  place: Place,
  visualizationType: string,
  visualization: Readonly<Record<string, unknown>>,
  layers: Readonly<Record<string, Layer>>,
): Panel {
  const references = Object.entries(layers).map(([layer, { dataView }]) => ({
    type: "index-pattern" as const,
    id: dataView,
    name: `indexpattern-datasource-layer-${layer}`,
  }));
  const formBased = Object.entries(layers).map(([layer, { columns }]) => [
    layer,
    { columns, columnOrder: Object.keys(columns), incompleteColumns: {}, sampling: 1 },
  ]);
  const state = {
    visualization,
    query: { query: "", language: "kuery" },
    filters: [],
    datasourceStates: { formBased: { layers: Object.fromEntries(formBased) } },
    internalReferences: [],
    adHocDataViews: {},
  };
  const attributes = { title, description: "", type: "lens", visualizationType, references, state };
  return { json: panelJson("lens", id, title, place, attributes), references };
}

/**
 * A map by value, of how many documents lie where. It has no base map, which would come from a tile server: the clusters
 * alone, on blank ground, fitted to where they are.
 */
export function clusterMap(id: string, title: string, place: Place, dataView: string, geoField: string): Panel {
  const name = "layer_0_source_index_pattern";
  const field = { name: "doc_count", origin: "source" };
  const fieldMetaOptions = { isEnabled: true, sigma: 3 };
  const layer = {
    id: `${id}-layer`,
    label: title,
    type: "GEOJSON_VECTOR",
    visible: true,
    alpha: 0.85,
    minZoom: 0,
    maxZoom: 24,
    includeInFitToBounds: true,
    joins: [],
    sourceDescriptor: {
      id: `${id}-source`,
      type: "ES_GEO_GRID",
      indexPatternRefName: name,
      geoField,
      requestType: "point",
      resolution: "FINE",
      metrics: [{ type: "count" }],
      applyGlobalQuery: true,
      applyGlobalTime: true,
      applyForceRefresh: true,
    },
    style: {
      type: "VECTOR",
      isTimeAware: true,
      properties: {
        symbolizeAs: { options: { value: "circle" } },
        fillColor: { type: "DYNAMIC", options: { type: "ORDINAL", color: "Blues", field, fieldMetaOptions } },
        lineColor: { type: "STATIC", options: { color: "#FFFFFF" } },
        lineWidth: { type: "STATIC", options: { size: 1 } },
        iconSize: { type: "DYNAMIC", options: { minSize: 5, maxSize: 24, field, fieldMetaOptions } },
      },
    },
  };
  const attributes = {
    title,
    description: "",
    layerListJSON: JSON.stringify([layer]),
    // The archipelago that the bundled data comes from, until the map has fitted itself to the documents.
    mapStateJSON: JSON.stringify({ zoom: 3.5, center: { lon: 117, lat: -3 }, settings: { autoFitToDataBounds: true } }),
    uiStateJSON: JSON.stringify({ isLayerTOCOpen: false, openTOCDetails: [] }),
  };
  const json = panelJson("map", id, title, place, attributes);
  return { json, references: [{ type: "index-pattern", id: dataView, name }] };
}

function panelJson(type: string, id: string, title: string, place: Place, attributes: object) {
  return {
    type,
    title,
    panelIndex: id,
    gridData: { ...place, i: id },
    embeddableConfig: { enhancements: {}, attributes },
  };
}
