/**
 * The charts of the statistics, over the pane that holds the same as text. They are left out where there is no room, and while
 * anything else lies over the pane.
 */
import { chartsFit, type StatisticsData } from '../panes/statistics.ts';
import type { PlacedPane, ScreenPlan } from '../plan/screen-plan.ts';
import type { Screen } from './screen.ts';
import { StatisticsCharts } from './statistics-charts.ts';

export class Charts {
  readonly #screen: Screen;
  #charts: StatisticsCharts | undefined = undefined;
  /** Where they stand, and what they show. */
  #place = '';
  #data: StatisticsData | undefined = undefined;
  #top = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /**
   * To be called before a screen is drawn: puts the charts where they belong, or takes them away.
   * @param top first line of the text below the charts
   * @returns the plan without what the charts stand for
   */
  over(plan: ScreenPlan, data: () => StatisticsData, top: number): ScreenPlan {
    const pane = paneOf(plan);
    if (!pane) {
      this.takeAway();
      return plan;
    }
    this.#update(this.#placed(pane), data(), top);
    return { ...plan, panes: [{ ...pane, lines: [] }] };
  }

  takeAway(): void {
    this.#charts?.unmount();
    this.#charts = undefined;
    this.#place = '';
  }

  #placed(pane: PlacedPane): StatisticsCharts {
    const area = areaOf(pane);
    const place = `${area.left} ${area.top} ${area.width} ${area.height}`;
    if (this.#charts && this.#place === place) return this.#charts;
    this.takeAway();
    const screen = this.#screen;
    this.#charts = new StatisticsCharts({
      colours: screen.theme.depth > 0,
      text: (lines, width) => screen.sink.content(lines, { width, height: lines.length }),
    });
    this.#charts.mount(screen.widgets, area);
    this.#place = place;
    this.#data = undefined;
    return this.#charts;
  }

  #update(charts: StatisticsCharts, data: StatisticsData, top: number): void {
    if (data === this.#data && top === this.#top) return;
    charts.update(data, top);
    this.#data = data;
    this.#top = top;
  }
}

/** The pane that charts lie over, if they fit and nothing else is shown. */
function paneOf({ panes }: ScreenPlan): PlacedPane | undefined {
  const [pane] = panes;
  return panes.length === 1 && pane?.kind === 'statistics' && chartsFit(areaOf(pane)) ? pane : undefined;
}

function areaOf({ x, y, width, height }: PlacedPane) {
  return { left: x + 1, top: y + 1, width: width - 2, height: height - 2 };
}
