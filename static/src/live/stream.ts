/**
 * One stream of events per browser. Of all tabs of a member one holds the lock, keeps the connection and tells the others;
 * when it closes, the next one goes on from the last event that it has seen. Without locks (plain http from another
 * machine) every tab has a stream of its own.
 */
import { url } from '../api/http';
import type { BankEvent } from './event';

type Message = { kind: 'event'; event: BankEvent } | { kind: 'connected'; connected: boolean } | { kind: 'who' };

export interface Listener {
  event: (event: BankEvent) => void;
  /** Told at every connection after a break: what was missed has come by then, or is fetched anew. */
  connected: (connected: boolean) => void;
}

const SLOWEST_MS = 15_000;
/** The kinds of events; `EventSource` hands over only those that it was asked for by name. */
export const KINDS = [
  'opened', 'changed', 'posted', 'held', 'settled', 'released', 'amended', 'linked', 'reversed', 'refused', 'schedule_set', 'schedule_changed',
  'schedule_run',
];

/** Follows the events of a member's accounts until the returned function is called. */
export function follow(member: string, listener: Listener): () => void {
  const channel = new BroadcastChannel(`jangbu.events.${member}`);
  const gone = new AbortController();
  let last: number | null = null;
  let leading = false;
  let connected = false;
  let source: EventSource | null = null;
  let timer = 0;
  let tries = 0;

  const take = (event: BankEvent) => {
    if (last !== null && event.position <= last) return;
    last = event.position;
    listener.event(event);
  };
  const tell = (now: boolean) => {
    connected = now;
    listener.connected(now);
    if (leading) channel.postMessage({ kind: 'connected', connected: now } satisfies Message);
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'event') take(data.event);
    else if (data.kind === 'connected') tell(data.connected);
    else if (leading) channel.postMessage({ kind: 'connected', connected } satisfies Message);
  };

  const connect = () => {
    source = new EventSource(url('/me/events', { from: last }));
    const arrived = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as BankEvent;
      channel.postMessage({ kind: 'event', event } satisfies Message);
      take(event);
    };
    for (const kind of KINDS) source.addEventListener(kind, arrived);
    source.addEventListener('ready', message => {
      last ??= (JSON.parse((message as MessageEvent<string>).data) as { position: number }).position;
    });
    source.onopen = () => {
      tries = 0;
      tell(true);
    };
    source.onerror = () => {
      if (connected) tell(false);
      // The browser tries again by itself unless it was refused; waiting is ours, so that a stopped bank is not hammered.
      source?.close();
      tries += 1;
      timer = window.setTimeout(connect, Math.min(SLOWEST_MS, 400 * 2 ** tries) * (0.75 + Math.random() / 2));
    };
  };
  const lead = () => {
    leading = true;
    connect();
    return new Promise<void>(resolve => gone.signal.addEventListener('abort', () => resolve()));
  };
  if ('locks' in navigator) {
    channel.postMessage({ kind: 'who' } satisfies Message);
    navigator.locks.request(`jangbu.events.${member}`, { signal: gone.signal }, lead).catch(() => {
      // Left before it was our turn.
    });
  } else void lead();

  return () => {
    gone.abort();
    clearTimeout(timer);
    source?.close();
    channel.close();
  };
}
