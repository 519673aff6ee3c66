import type { ChartName, Line } from './Chart';

interface Described {
  name: ChartName;
  unit: string;
  lines: Line[];
}

/** The charts of the engine's page. */
export const CHARTS: Described[] = [
  {
    name: 'engine.throughput',
    unit: '/s',
    lines: [
      ['engine.posted', r => r.throughput.posted_per_s],
      ['engine.refused', r => r.throughput.refused_per_s],
      ['engine.held', r => r.throughput.held_per_s],
    ],
  },
  {
    name: 'engine.latency',
    unit: 'ms',
    lines: [
      ['p50', r => r.latency_ms.p50],
      ['p95', r => r.latency_ms.p95],
      ['p99', r => r.latency_ms.p99],
    ],
  },
  { name: 'engine.commitSize', unit: '', lines: [['engine.records', r => r.commit_records_mean]] },
  { name: 'engine.sync', unit: 'ms', lines: [['engine.syncMean', r => r.sync_us_mean / 1000]] },
  {
    name: 'engine.actors',
    unit: '',
    lines: [
      ['engine.active', r => r.active_accounts],
      ['engine.passivated', r => r.passivated_accounts ?? null],
    ],
  },
  {
    name: 'engine.mailboxes',
    unit: '',
    lines: [
      ['engine.deepest', r => r.mailboxes.depth_max],
      ['engine.all', r => r.mailboxes.depth_total],
    ],
  },
  { name: 'engine.inFlight', unit: '', lines: [['engine.commands', r => r.in_flight]] },
  { name: 'staff.pending', unit: '', lines: [['engine.pending', r => r.pending]] },
];
