/** A line of a chart: points of x and y, both above 0. */
interface Series {
  name: string;
  color: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly Series[];
}

const CHART = { width: 430, height: 300, left: 64, right: 14, top: 40, bottom: 48 };
const COLUMNS = 3;
const LEGEND = 70;
const STYLE =
  'text{font:12px sans-serif;fill:#222}.title{font-weight:bold;font-size:13px}.small{font-size:11px;fill:#555}';

/** Charts beside each other as one SVG, all axes logarithmic and the same for all charts, with one legend. */
export function drawCharts(title: string, note: string, charts: readonly Chart[]): string {
  const points = charts.flatMap(({ series }) => series.flatMap(({ points: each }) => each));
  const [xs, ys] = [decades(points.map(([x]) => x)), decades(points.map(([, y]) => y))];
  const columns = Math.min(COLUMNS, charts.length);
  const width = Math.max(700, columns * CHART.width + 20);
  const height = LEGEND + Math.ceil(charts.length / columns) * CHART.height + 10;
  const drawn = charts.map((chart, place) => {
    const [x, y] = [(place % columns) * CHART.width + 10, LEGEND + Math.floor(place / columns) * CHART.height];
    return `<g transform="translate(${x} ${y})">${drawChart(chart, xs, ys)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
<style>${STYLE}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text class="title" x="14" y="20">${escape(title)}</text>
<text class="small" x="14" y="37">${escape(note)}</text>
${drawLegend(charts[0]?.series ?? [])}
${drawn.join('\n')}
</svg>
`;
}

type Decades = readonly [low: number, high: number];

/** The powers of ten around the values. */
function decades(values: readonly number[]): Decades {
  const low = Math.floor(Math.log10(Math.min(...values)));
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))];
}

function drawChart({ title, xLabel, yLabel, series }: Chart, xs: Decades, ys: Decades): string {
  const [right, bottom] = [CHART.width - CHART.right, CHART.height - CHART.bottom];
  const x = (value: number): number => place(value, xs, CHART.left, right);
  const y = (value: number): number => place(value, ys, bottom, CHART.top);
  const ticks = ([low, high]: Decades): number[] =>
    Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step));
  const grid = [
    ...ticks(ys).map((value) => {
      const label = `<text class="small" x="${CHART.left - 6}" y="${y(value) + 4}" text-anchor="end">${tick(value)}</text>`;
      return `<path d="M${CHART.left} ${y(value)}H${right}" stroke="#ddd"/>${label}`;
    }),
    ...ticks(xs).map((value) => {
      const label = `<text class="small" x="${x(value)}" y="${bottom + 16}" text-anchor="middle">${tick(value)}</text>`;
      return `<path d="M${x(value)} ${CHART.top}V${bottom}" stroke="#eee"/>${label}`;
    }),
  ];
  const middle = (CHART.left + right) / 2;
  const labels = `<text class="title" x="${middle}" y="${CHART.top - 10}" text-anchor="middle">${escape(title)}</text>
<text x="${middle}" y="${CHART.height - 12}" text-anchor="middle">${escape(xLabel)}</text>
<text transform="translate(16 ${(CHART.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(yLabel)}</text>`;
  return `${grid.join('')}${labels}${series.map((each) => drawSeries(each, x, y)).join('')}`;
}

function drawSeries({ color, points }: Series, x: (value: number) => number, y: (value: number) => number): string {
  const spots = points.map(([left, top]) => [x(left).toFixed(1), y(top).toFixed(1)] as const);
  const line = `<polyline points="${spots.map((spot) => spot.join(',')).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`;
  return line + spots.map(([left, top]) => `<circle cx="${left}" cy="${top}" r="3" fill="${color}"/>`).join('');
}

function drawLegend(series: readonly Series[]): string {
  let left = 14;
  return series
    .map(({ name, color }) => {
      const entry = `<path d="M${left} 55h22" stroke="${color}" stroke-width="3"/><text x="${left + 28}" y="59">${escape(name)}</text>`;
      left += 50 + name.length * 7;
      return entry;
    })
    .join('');
}

/** Where a value lies between two ends, by its logarithm. */
function place(value: number, [low, high]: Decades, from: number, to: number): number {
  return from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

const tick = (value: number): string =>
  value >= 1 ? value.toLocaleString('en') : String(Number(value.toPrecision(1)));

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
