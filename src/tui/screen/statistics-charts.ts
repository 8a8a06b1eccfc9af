/**
 * The statistics as charts, with blessed-contrib: lines over time above, the text of the statistics pane below. Loaded
 * only when somebody looks at them, as the library brings much with it.
 *
 * What the charts get are numbers and our own words. All text that may hold bytes of a capture or of a file's name goes to
 * a plain box, through the one sink, handed in here; tags are on nowhere. The library draws an empty or flat series
 * badly or never ends on it, so a chart always has a height above zero and two points.
 */
import blessed from 'blessed';
import contrib from 'blessed-contrib';
import { type Counted, duration, type OverTime, pointsOf, pointWords } from '../panes/over-time.ts';
import {
  CHARTS_MARGIN,
  chartsFit,
  chartsHeight,
  type StatisticsData,
  statisticsLines,
  statisticsRows,
} from '../panes/statistics.ts';
import type { Line } from '../text/line.ts';

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
  readonly colour: string;
  readonly counts: Counted;
}

const MESSAGES: ChartKind = { title: 'Messages', colour: 'cyan', counts: 'messages' };
const BYTES: ChartKind = { title: 'Bytes', colour: 'green', counts: 'bytes' };
const FINDINGS: ChartKind = { title: 'Findings', colour: 'red', counts: 'findings' };

/** The terminal's own colour, in the library's words. */
const OWN_COLOUR = 'normal';
/** From this width on there are three charts; in a narrower area bytes, which go with the messages, are left out. */
const WIDE = 120;
/** Cells of a chart that are its border and its labels. */
const CHART_MARGIN = 12;
/** Dots of the library's canvas in a cell. */
const DOTS = { across: 2, down: 4 };
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
      return new Chart(screen, kind, { top: area.top, left: area.left + from, width, height }, this.#options.colours);
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
  readonly #colour: string;
  readonly #widget: contrib.Widgets.LineElement;
  /** Cells for the label. */
  readonly #room: number;

  constructor(screen: blessed.Widgets.Screen, kind: ChartKind, area: Area, colours: boolean) {
    this.#kind = kind;
    this.#room = area.width - 4;
    this.#colour = colours ? kind.colour : OWN_COLOUR;
    const options = {
      ...area,
      label: ` ${kind.title} `,
      border: 'line' as const,
      tags: false,
      wholeNumbersOnly: true,
      abbreviate: true,
      // In dots: labels have four characters, such as 8.3k.
      xLabelPadding: 10,
      xPadding: 12,
      numYLabels: Math.max(2, Math.floor(area.height / 3)),
      style: { line: this.#colour, text: OWN_COLOUR, baseline: OWN_COLOUR },
    };
    const widget = contrib.line(options);
    // The library leaves a part of its box unused. It asks for this when the widget comes to a screen.
    widget.calcSize = () => {
      widget.canvasSize = { width: (area.width - 3) * DOTS.across, height: (area.height - 2) * DOTS.down };
    };
    this.#widget = widget;
    screen.append(widget);
  }

  /** @param most that are drawn: as many for all charts beside each other, so that they can be compared */
  update(time: OverTime, most: number): void {
    const drawn = pointsOf(time, this.#kind.counts, most);
    const { points, seconds, gaps } = drawn;
    const y = points.length < 2 ? [...points, ...[0, 0].slice(points.length)] : [...points];
    // Of captures that stand one after another each begins at its own nought.
    let part = 0;
    let start = 0;
    const x = y.map((_, index) => {
      if (gaps[part] === index) {
        part++;
        start = index + 1;
        return '';
      }
      return duration((index - start) * (seconds[part] ?? 0));
    });
    const highest = y.reduce((a, b) => Math.max(a, b), 0);
    this.#widget.options.maxY = Math.max(1, Math.ceil(highest * HEADROOM));
    const { title } = this.#kind;
    const whole = ` ${title}, each point ${pointWords(drawn)} `;
    this.#widget.setLabel(whole.length <= this.#room ? whole : ` ${title}, ${gaps.length + 1} captures apart `);
    this.#widget.setData([{ title: this.#kind.title, x, y, style: { line: this.#colour } }]);
  }

  destroy(): void {
    this.#widget.destroy();
  }
}
