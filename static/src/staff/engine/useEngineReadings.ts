import { useEffect, useState } from 'react';
import { apiUrl } from '../../api/http';

/** The engine's figures, once a second. A figure that does not apply is missing or null. */
export interface Reading {
  time: string;
  uptime_s: number;
  durable: number;
  checkpoint: number;
  checkpoint_age_records: number;
  checkpoint_age_s?: number;
  journal_bytes: number;
  state_bytes: number;
  disk_bytes?: number;
  segments?: number;
  commits: number;
  commit_records_mean: number;
  sync_us_mean: number;
  accounts?: number;
  active_accounts: number;
  passivated_accounts?: number;
  in_flight: number;
  pending: number;
  throughput: { posted_per_s: number; refused_per_s: number; held_per_s: number };
  latency_ms: { p50: number | null; p95: number | null; p99: number | null };
  /** Null while nobody watches. */
  mailboxes: { depth_max: number | null; depth_total: number | null };
  hottest: { number: string; per_s: number }[];
}

/** One hour of readings. */
const KEPT = 3_600;
const AGAIN_MS = 2_000;

/** Returns the readings of the last hour, oldest first, and whether the stream is connected. */
export function useEngineReadings() {
  const [readings, setReadings] = useState<Reading[]>([]);
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    let timer = 0;
    let source: EventSource | null = null;
    const connect = () => {
      source = new EventSource(apiUrl('/admin/engine/events'));
      const read = <T>(message: Event) => JSON.parse((message as MessageEvent<string>).data) as T;
      source.addEventListener('history', message =>
        setReadings(read<{ history: Reading[] }>(message).history.slice(-KEPT)),
      );
      source.addEventListener('engine', message => {
        const reading = read<Reading>(message);
        setReadings(before => (before.at(-1)?.time === reading.time ? before : [...before.slice(1 - KEPT), reading]));
      });
      source.onopen = () => setConnected(true);
      source.onerror = () => {
        setConnected(false);
        source?.close();
        timer = window.setTimeout(connect, AGAIN_MS);
      };
    };
    connect();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }, []);
  return { readings, connected };
}
