/**
 * The statistics as charts: lines over time above, the text of the statistics pane below, in boxes whose content comes through
 * the one sink, handed in here; tags are on nowhere. A chart always has a height above zero and two points, so that it can be
 * drawn where nothing was seen.
 */
import blessed from 'blessed';
import { lineChart } from '../panes/line-chart.ts';
import { type Counted, duration, type OverTime, pointsOf, pointWords } from '../panes/over-time.ts';
import {
  CHARTS_MARGIN,
  chartsFit,
  chartsHeight,
  type StatisticsData,
  statisticsLines,
  statisticsRows,
} from '../panes/statistics.ts';
import type { Line, Role } from '../text/line.ts';

/** Place on the screen in cells. */
export interface Area {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

export interface ChartOptions {
  /** False draws everything in the terminal's own colour. */
  readonly colours: boolean;
  /** The one sink: what a box shows of these lines, escaped and with its colours. */
  readonly text: (lines: readonly Line[], width: number) => string;
}

interface ChartKind {
  readonly title: string;
  readonly role: Role;
  readonly counts: Counted;
}

const MESSAGES: ChartKind = { title: 'Messages', role: 'client', counts: 'messages' };
const BYTES: ChartKind = { title: 'Bytes', role: 'good', counts: 'bytes' };
const FINDINGS: ChartKind = { title: 'Findings', role: 'error', counts: 'findings' };

/** From this width on there are three charts; in a narrower area bytes, which go with the messages, are left out. */
const WIDE = 120;
/** Cells of a chart that are its border and its labels. */
const CHART_MARGIN = 12;
/** Room above the highest point. */
const HEADROOM = 1.15;

export class StatisticsCharts {
  readonly #options: ChartOptions;
  #charts: Chart[] = [];
  #text: blessed.Widgets.BoxElement | undefined = undefined;
  #area: Area = { top: 0, left: 0, width: 0, height: 0 };

  constructor(options: ChartOptions) {
    this.#options = options;
  }

  /** Whether an area has room for charts; where it has none, `statisticsPane` says the same in text. */
  static fits({ width, height }: Pick<Area, 'width' | 'height'>): boolean {
    return chartsFit({ width, height });
  }

  /** Puts the widgets on the screen; again, with another area, after a resize. They are empty until `update`. */
  mount(screen: blessed.Widgets.Screen, area: Area): void {
    this.unmount();
    this.#area = area;
    const kinds = area.width >= WIDE ? [MESSAGES, BYTES, FINDINGS] : [MESSAGES, FINDINGS];
    const height = chartsHeight(area.height);
    this.#charts = kinds.map((kind, index) => {
      const from = Math.floor((area.width * index) / kinds.length);
      const width = Math.floor((area.width * (index + 1)) / kinds.length) - from;
      return new Chart(screen, kind, { top: area.top, left: area.left + from, width, height }, this.#options);
    });
    this.#text = blessed.box({
      parent: screen,
      top: area.top + height,
      left: area.left + CHARTS_MARGIN,
      width: area.width - 2 * CHARTS_MARGIN,
      height: area.height - height,
      tags: false,
      wrap: false,
    });
  }

  /** @param top first line of the text that is seen */
  update(data: StatisticsData, top = 0): void {
    const points = Math.floor(this.#area.width / Math.max(1, this.#charts.length)) - CHART_MARGIN;
    for (const chart of this.#charts) chart.update(data.time, points);
    const width = this.#area.width - 2 * CHARTS_MARGIN;
    const { height } = statisticsRows(data, this.#area);
    const lines = statisticsLines(data, width, false).slice(top, top + height);
    this.#text?.setContent(this.#options.text(lines, width));
  }

  unmount(): void {
    for (const chart of this.#charts) chart.destroy();
    this.#charts = [];
    this.#text?.destroy();
    this.#text = undefined;
  }
}

class Chart {
  readonly #kind: ChartKind;
  readonly #options: ChartOptions;
  readonly #box: blessed.Widgets.BoxElement;
  readonly #width: number;
  readonly #height: number;

  constructor(screen: blessed.Widgets.Screen, kind: ChartKind, area: Area, options: ChartOptions) {
    this.#kind = kind;
    this.#options = options;
    // Within the border, and a cell left of the next chart.
    this.#width = area.width - 3;
    this.#height = area.height - 2;
    this.#box = blessed.box({
      parent: screen,
      ...area,
      label: ` ${kind.title} `,
      border: 'line',
      tags: false,
      wrap: false,
    });
  }

  /** @param most that are drawn: as many for all charts beside each other, so that they can be compared */
  update(time: OverTime, most: number): void {
    const { title, counts, role } = this.#kind;
    const drawn = pointsOf(time, counts, most);
    const { points, seconds, gaps } = drawn;
    const values = points.length < 2 ? [...points, ...[0, 0].slice(points.length)] : points;
    // Of captures that stand one after another each begins at its own nought.
    let part = 0;
    let start = 0;
    const labels = values.map((_, index) => {
      if (gaps[part] === index) {
        part++;
        start = index + 1;
        return '';
      }
      return duration((index - start) * (seconds[part] ?? 0));
    });
    const whole = ` ${title}, each point ${pointWords(drawn)} `;
    this.#box.setLabel(whole.length < this.#width ? whole : ` ${title}, ${gaps.length + 1} captures apart `);
    const chart = {
      values,
      labels,
      top: Math.max(1, Math.ceil(values.reduce((a, b) => Math.max(a, b), 0) * HEADROOM)),
      role: this.#options.colours ? role : 'plain',
    } as const;
    const size = { width: this.#width, height: this.#height };
    this.#box.setContent(this.#options.text(lineChart(chart, size), size.width));
  }

  destroy(): void {
    this.#box.destroy();
  }
}
