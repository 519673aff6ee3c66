/**
 * One event stream per browser. Of a member's tabs, one holds a lock, keeps the connection and broadcasts to the
 * others. When it closes, the next one continues after the last event that it has seen. Without locks, on plain http,
 * every tab has its own stream.
 */
import { apiUrl } from '../api/http';
import { pageMember } from '../api/pageMember';
import type { BankEvent } from './bankEvent';
import { EventCursor } from './eventCursor';

type Message =
  | { kind: 'event'; event: BankEvent }
  | { kind: 'started'; end: number }
  | { kind: 'connected'; connected: boolean }
  | { kind: 'who' };

/** The first message of a stream. */
interface Ready {
  /** The end of the bank's journal. */
  position: number;
  /** The member whose accounts the stream follows. */
  member?: string;
}

export interface StreamListener {
  event: (event: BankEvent) => void;
  /** Called when the connection is made or lost. After a break, missed events have arrived or are fetched again. */
  connected: (connected: boolean) => void;
  /** Called when the bank was restored from a backup, so that events seen before may not have happened. */
  restored: () => void;
}

const SLOWEST_MS = 15_000;
/** The kinds of events. `EventSource` delivers only those it is subscribed to by name. */
export const EVENT_KINDS = [
  'opened',
  'changed',
  'posted',
  'held',
  'settled',
  'released',
  'amended',
  'linked',
  'reversed',
  'refused',
  'schedule_set',
  'schedule_changed',
  'schedule_run',
];

/** Follows the events of a member's accounts until the returned function is called. */
export function followEvents(member: string, listener: StreamListener): () => void {
  const channel = new BroadcastChannel(`jangbu.events.${member}`);
  const stopped = new AbortController();
  const seen = new EventCursor();
  let leading = false;
  let connected = false;
  let source: EventSource | null = null;
  let timer = 0;
  let tries = 0;

  const accept = (event: BankEvent) => {
    if (seen.accept(event.position)) listener.event(event);
  };
  const start = (end: number) => {
    if (seen.start(end)) listener.restored();
  };
  const setConnected = (now: boolean) => {
    connected = now;
    listener.connected(now);
    if (leading) channel.postMessage({ kind: 'connected', connected: now } satisfies Message);
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'event') accept(data.event);
    else if (data.kind === 'started') start(data.end);
    else if (data.kind === 'connected') setConnected(data.connected);
    else if (leading) channel.postMessage({ kind: 'connected', connected } satisfies Message);
  };

  const connect = () => {
    source = new EventSource(apiUrl('/me/events', { from: seen.last }));
    const arrived = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as BankEvent;
      channel.postMessage({ kind: 'event', event } satisfies Message);
      accept(event);
    };
    for (const kind of EVENT_KINDS) source.addEventListener(kind, arrived);
    const fail = () => {
      if (connected) setConnected(false);
      // The browser would reconnect at once. The pauses here keep a stopped bank from being flooded.
      source?.close();
      tries += 1;
      timer = window.setTimeout(connect, Math.min(SLOWEST_MS, 400 * 2 ** tries) * (0.75 + Math.random() / 2));
    };
    source.addEventListener('ready', message => {
      const { position, member: whose } = JSON.parse((message as MessageEvent<string>).data) as Ready;
      pageMember.seen(whose ?? null);
      // The events of another member are not shown on this page.
      if (whose !== member) return fail();
      tries = 0;
      channel.postMessage({ kind: 'started', end: position } satisfies Message);
      start(position);
      setConnected(true);
    });
    source.onerror = fail;
  };
  const lead = (): Promise<void> => {
    // The lock may be granted although the page was left in the meantime. Kept, it would never be released.
    if (stopped.signal.aborted) return Promise.resolve();
    leading = true;
    connect();
    return new Promise<void>(resolve => stopped.signal.addEventListener('abort', () => resolve()));
  };
  if ('locks' in navigator) {
    channel.postMessage({ kind: 'who' } satisfies Message);
    navigator.locks.request(`jangbu.events.${member}`, { signal: stopped.signal }, lead).catch(() => {
      // The page was left before this tab got the lock.
    });
  } else void lead();

  return () => {
    stopped.abort();
    clearTimeout(timer);
    source?.close();
    channel.close();
  };
}
