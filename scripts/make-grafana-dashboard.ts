/**
 * Writes docs/grafana/inference-ledger.json from scripts/grafana-panels.ts:
 *   node scripts/make-grafana-dashboard.ts
 * A test fails when the committed file is not what this gives. The form is that of the dashboards which the plugin itself brings
 * (github.com/grafana/athena-datasource, src/dashboards): data source and database are variables, so that it can be imported anywhere.
 */
import { writeFileSync } from 'node:fs';
import { CHOICES, MARKS_SQL, PANELS } from './grafana-panels.ts';
import type { Panel } from './grafana-panels.ts';

const TARGET = new URL('../docs/grafana/inference-ledger.json', import.meta.url);
const COLUMNS = 24;
const SOURCE = { type: 'grafana-athena-datasource', uid: '${datasource}' } as const;
/** Answers of the last hour are taken again: the same statement costs nothing then. */
const CONNECTION = {
  catalog: '__default',
  database: '${database}',
  region: '__default',
  resultReuseEnabled: true,
  resultReuseMaxAgeInMinutes: 60,
} as const;
/** Of the plugin: rows as series, or as they are. */
const FORMAT = { series: 0, table: 1 } as const;

const target = (sql: string, format: number): object => ({
  connectionArgs: CONNECTION,
  datasource: SOURCE,
  format,
  rawSQL: sql,
  refId: 'A',
});

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Left to right; a panel that does not fit any more begins the next row, below the highest of this. */
function places(panels: readonly Panel[]): Place[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map(({ width, height }) => {
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const place = { x, y };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return place;
  });
}

function drawn(panel: Panel): Readonly<Record<string, unknown>> {
  if (panel.type === 'stat')
    return {
      colorMode: 'value',
      graphMode: 'none',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    };
  if (panel.type === 'table') return { showHeader: true };
  const legend = { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true };
  const tooltip = { mode: 'multi', sort: 'desc' };
  if (panel.type === 'timeseries') return { legend, tooltip };
  return { legend, tooltip, orientation: 'vertical', stacking: panel.isStacked ? 'normal' : 'none', xField: 'week' };
}

function fields({ type, unit, units = {}, series, isStacked = false }: Panel): object {
  const bars = {
    drawStyle: isStacked ? 'bars' : 'line',
    fillOpacity: isStacked ? 80 : 0,
    lineWidth: 1,
    showPoints: 'auto',
    stacking: { group: 'A', mode: isStacked ? 'normal' : 'none' },
  };
  return {
    defaults: {
      unit,
      noValue: '–',
      color: { mode: type === 'stat' || type === 'table' ? 'fixed' : 'palette-classic' },
      ...(series === undefined ? {} : { displayName: `\${__field.labels.${series}}` }),
      ...(type === 'timeseries' ? { custom: bars } : {}),
    },
    overrides: Object.entries(units).map(([name, value]) => ({
      matcher: { id: 'byName', options: name },
      properties: [{ id: 'unit', value }],
    })),
  };
}

function panelJson(panel: Panel, place: Place, id: number): object {
  return {
    id,
    type: panel.type,
    title: panel.title,
    description: panel.about,
    datasource: SOURCE,
    gridPos: { ...place, w: panel.width, h: panel.height },
    fieldConfig: fields(panel),
    options: drawn(panel),
    targets: [target(panel.sql, panel.type === 'timeseries' ? FORMAT.series : FORMAT.table)],
  };
}

const choice = ({ name, label, sql }: (typeof CHOICES)[number]): object => ({
  name,
  label,
  type: 'query',
  datasource: SOURCE,
  query: { connectionArgs: CONNECTION, format: FORMAT.table, rawSQL: sql, refId: name },
  definition: sql,
  current: { selected: true, text: ['All'], value: ['$__all'] },
  includeAll: true,
  multi: true,
  options: [],
  refresh: 1,
  sort: 0,
});

/** The dashboard as Grafana imports it. */
export function grafanaDashboard(): string {
  const at = places(PANELS);
  const dashboard = {
    id: null,
    uid: 'inference-ledger',
    title: 'Inference ledger',
    description: 'Spend of LLM calls by team and model, budgets, anomalies and savings.',
    tags: ['finops', 'llm'],
    schemaVersion: 36,
    version: 1,
    editable: true,
    timezone: 'utc',
    time: { from: 'now-35d', to: 'now' },
    refresh: '',
    templating: {
      list: [
        {
          name: 'datasource',
          label: 'Data source',
          type: 'datasource',
          query: SOURCE.type,
          current: {},
          options: [],
          refresh: 1,
        },
        {
          name: 'database',
          label: 'Database',
          type: 'textbox',
          query: 'inference_ledger',
          current: { text: 'inference_ledger', value: 'inference_ledger' },
          options: [],
        },
        ...CHOICES.map(choice),
      ],
    },
    annotations: {
      list: [
        {
          name: 'Anomalies',
          datasource: SOURCE,
          enable: true,
          iconColor: 'red',
          target: { connectionArgs: CONNECTION, format: FORMAT.table, rawSQL: MARKS_SQL, refId: 'Marks' },
        },
      ],
    },
    panels: PANELS.map((panel, i) => panelJson(panel, at[i] ?? { x: 0, y: 0 }, i + 1)),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(TARGET, grafanaDashboard());
