import { type Column, count, distinct, every, sum, top } from "./columns.ts";
import { clusterMap, type Layer, lens, type Panel, type Place } from "./panel.ts";

export const CLICKS = "tidemark-clicks";
export const TRANSACTIONS = "tidemark-transactions";
/** When a row entered: the time of a live dashboard. */
export const TIME = "created_at";

/** The panels of the tutorial that Tidemark began as, and the shipments on a map. */
export const panels: readonly Panel[] = [
  figure("clicks", "Number of clicks", { x: 0, y: 0, w: 16, h: 7 }, CLICKS, count("Clicks")),
  figure("transactions", "Number of transactions", { x: 16, y: 0, w: 16, h: 7 }, TRANSACTIONS, count("Transactions")),
  figure("total-sale", "Total sale", { x: 32, y: 0, w: 16, h: 7 }, TRANSACTIONS, sum("total_amount", "Total sale")),
  lens(
    "per-minute",
    "Clicks and transactions per minute",
    { x: 0, y: 7, w: 48, h: 13 },
    "lnsXY",
    {
      legend: { isVisible: true, position: "right" },
      valueLabels: "hide",
      fittingFunction: "None",
      preferredSeriesType: "line",
      layers: ["clicks", "transactions"].map((layerId) => ({
        layerId,
        layerType: "data",
        seriesType: "line",
        xAccessor: `${layerId}-time`,
        accessors: [`${layerId}-count`],
      })),
    },
    {
      clicks: perMinute("clicks", CLICKS, "Clicks"),
      transactions: perMinute("transactions", TRANSACTIONS, "Transactions"),
    },
  ),
  cloud("search-keywords", "Search keywords", { x: 0, y: 20, w: 16, h: 14 }, "search_keywords", 50),
  parts("traffic-sources", "Traffic sources", { x: 16, y: 20, w: 16, h: 14 }, "donut", CLICKS, "traffic_source"),
  parts("payment-methods", "Payment methods", { x: 32, y: 20, w: 16, h: 14 }, "pie", TRANSACTIONS, "payment_method"),
  parts("event-names", "Event names", { x: 0, y: 34, w: 24, h: 14 }, "donut", CLICKS, "event_name"),
  cloud("event-cloud", "Event names, as a cloud", { x: 24, y: 34, w: 24, h: 14 }, "event_name", 30),
  lens(
    "per-ten-minutes",
    "Transactions per 10 minutes",
    { x: 0, y: 48, w: 24, h: 16 },
    "lnsDatatable",
    {
      layerId: "spans",
      layerType: "data",
      columns: ["time", "customers", "items", "products", "total"].map((columnId) => ({ columnId })),
      sorting: { columnId: "time", direction: "desc" },
      paging: { enabled: true, size: 10 },
    },
    {
      spans: {
        dataView: TRANSACTIONS,
        columns: {
          time: every("10m", TIME, "From"),
          customers: distinct("customer_id", "Customers"),
          items: sum("quantity", "Items"),
          products: distinct("product_id", "Products"),
          total: sum("total_amount", "Total cost"),
        },
      },
    },
  ),
  clusterMap("shipments", "Shipments", { x: 24, y: 48, w: 24, h: 16 }, TRANSACTIONS, "shipment_location"),
];

function figure(id: string, title: string, place: Place, dataView: string, column: Column): Panel {
  const visualization = { layerId: "figures", layerType: "data", metricAccessor: "figure" };
  return lens(id, title, place, "lnsMetric", visualization, { figures: { dataView, columns: { figure: column } } });
}

function perMinute(id: string, dataView: string, label: string): Layer {
  return { dataView, columns: { [`${id}-time`]: every("1m", TIME, "Time"), [`${id}-count`]: count(label) } };
}

function parts(
  id: string,
  title: string,
  place: Place,
  shape: "pie" | "donut",
  dataView: string,
  field: string,
): Panel {
  const layer = {
    layerId: "shares",
    layerType: "data",
    primaryGroups: ["name"],
    metrics: ["count"],
    numberDisplay: "percent",
    categoryDisplay: "default",
    legendDisplay: "default",
    nestedLegend: false,
  };
  return lens(id, title, place, "lnsPie", { shape, layers: [layer] }, { shares: shares(dataView, field, 10, title) });
}

function cloud(id: string, title: string, place: Place, field: string, size: number): Panel {
  const visualization = {
    layerId: "shares",
    layerType: "data",
    tagAccessor: "name",
    valueAccessor: "count",
    maxFontSize: 72,
    minFontSize: 14,
    orientation: "single",
    showLabel: false,
  };
  return lens(id, title, place, "lnsTagcloud", visualization, { shares: shares(CLICKS, field, size, title) });
}

function shares(dataView: string, field: string, size: number, label: string): Layer {
  return { dataView, columns: { name: top(field, size, "count", label), count: count("Count") } };
}
