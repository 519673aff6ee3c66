import { useEffect, useState } from 'react';
import { send, url } from '../../api/http';

/** What the engine says of itself, once a second. */
export interface Reading {
  time: string;
  durable: number;
  checkpoint_age_records: number;
  journal_bytes: number;
  segments: number;
  commit_records_mean: number;
  sync_us_mean: number;
  active_accounts: number;
  in_flight: number;
  pending: number;
  throughput: { posted_per_s: number; refused_per_s: number; held_per_s: number };
  latency_ms: { p50: number; p95: number; p99: number };
  mailboxes: { depth_max: number; depth_total: number };
  hottest: { number: string; per_s: number }[];
  uptime_s: number;
}

const KEPT = 3_600;

/** The readings of the last hour, oldest first, and whether more are coming. */
export function useReadings() {
  const [readings, setReadings] = useState<Reading[]>([]);
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    let timer = 0;
    let source: EventSource | null = null;
    const add = (more: Reading[], all = false) => setReadings(before => [...(all ? [] : before), ...more].slice(-KEPT));
    send<Reading>('GET', '/admin/engine').then(reading => setReadings(before => (before.length ? before : [reading])), () => {});
    const connect = () => {
      source = new EventSource(url('/admin/engine/events'));
      source.addEventListener('engine', message => {
        const reading = JSON.parse((message as MessageEvent<string>).data) as Reading & { history?: Reading[] };
        if (reading.history) add([...reading.history, reading], true);
        else add([reading]);
      });
      source.onopen = () => setConnected(true);
      source.onerror = () => {
        setConnected(false);
        source?.close();
        timer = window.setTimeout(connect, 2_000);
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
