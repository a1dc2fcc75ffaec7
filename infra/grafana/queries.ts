type Target = { readonly expr: string; readonly legendFormat: string };
type PanelJson = { readonly title?: unknown; readonly targets?: unknown };

/** Every query of a dashboard, with the title of its panel. */
export function queriesOf({ panels }: { readonly panels: readonly PanelJson[] }) {
  return panels.flatMap(({ title, targets }) =>
    ((targets ?? []) as readonly Target[]).map(({ expr, legendFormat }) => ({
      title: String(title),
      expr,
      legend: legendFormat,
    })),
  );
}
