import type { Dashboard } from "@grafana/schema";

type Target = { readonly expr: string; readonly legendFormat: string };

/** Every query of a dashboard, with the title of its panel. */
export function queriesOf({ panels = [] }: Dashboard) {
  return panels.flatMap((panel) => {
    const targets = ("targets" in panel ? (panel.targets ?? []) : []) as unknown as readonly Target[];
    return targets.map(({ expr, legendFormat }) => ({ title: panel.title ?? "", expr, legend: legendFormat }));
  });
}
