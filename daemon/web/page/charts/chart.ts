import type { EChartsType } from "echarts/core";
import { type ChartOption, init, SHARED_CURSOR } from "./echarts.ts";

/** `<tide-chart label="..." .option=${...}>`: a chart as large as its element, with a name for readers of the screen. */
export class ChartElement extends HTMLElement {
  static readonly observedAttributes = ["label"];
  private chart: EChartsType | undefined;
  private drawn: ChartOption | undefined;
  private readonly resizing = new ResizeObserver(() => this.fit());

  set option(option: ChartOption) {
    this.drawn = option;
    this.chart?.setOption(option, { notMerge: false, replaceMerge: ["series"] });
  }

  attributeChangedCallback(_name: string, _before: string | null, label: string | null): void {
    this.setAttribute("role", "img");
    this.setAttribute("aria-label", label ?? "");
  }

  connectedCallback(): void {
    this.resizing.observe(this);
  }

  disconnectedCallback(): void {
    this.resizing.disconnect();
    this.chart?.dispose();
    this.chart = undefined;
  }

  /** A chart can only be made once its element has a size. */
  private fit(): void {
    if (this.clientWidth === 0 || this.clientHeight === 0) return;
    if (this.chart !== undefined) {
      this.chart.resize();
      return;
    }
    this.chart = init(this);
    if (this.hasAttribute("shared")) this.chart.group = SHARED_CURSOR;
    if (this.drawn !== undefined) this.chart.setOption(this.drawn);
  }
}

customElements.define("tide-chart", ChartElement);
