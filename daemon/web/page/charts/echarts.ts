import { LineChart, PieChart, ScatterChart } from "echarts/charts";
import { AxisPointerComponent, GridComponent, TooltipComponent } from "echarts/components";
import { connect, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

// Only what is drawn. On a canvas, as the strict content policy refuses the style attributes that ECharts' SVG has.
use([LineChart, PieChart, ScatterChart, AxisPointerComponent, GridComponent, TooltipComponent, CanvasRenderer]);

/** Charts of this group share one cursor. */
export const SHARED_CURSOR = "by-time";
connect(SHARED_CURSOR);

export type { EChartsCoreOption as ChartOption } from "echarts/core";
export { init };
