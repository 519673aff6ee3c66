/**
 * One stream of events per browser. Of all tabs of a member one holds the lock, keeps the connection and tells the others;
 * when it closes, the next one goes on from the last event that it has seen. Without locks (plain http from another
 * machine) every tab has a stream of its own.
 */
import { apiUrl } from '../api/http';
import { pageMember } from '../api/pageMember';
import type { BankEvent } from './bankEvent';
import { EventCursor } from './eventCursor';

type Message =
  | { kind: 'event'; event: BankEvent }
  | { kind: 'begun'; end: number }
  | { kind: 'connected'; connected: boolean }
  | { kind: 'who' };

/** What a stream begins with. */
interface Ready {
  /** Where the bank's journal ends. */
  position: number;
  /** Whose accounts are followed. */
  member?: string;
}

export interface StreamListener {
  event: (event: BankEvent) => void;
  /** Told at every connection after a break: what was missed has come by then, or is fetched anew. */
  connected: (connected: boolean) => void;
  /** Told when the bank was restored from a backup: what was seen may not have happened. */
  restored: () => void;
}

const SLOWEST_MS = 15_000;
/** The kinds of events; `EventSource` hands over only those that it was asked for by name. */
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
  const gone = new AbortController();
  const seen = new EventCursor();
  let leading = false;
  let connected = false;
  let source: EventSource | null = null;
  let timer = 0;
  let tries = 0;

  const take = (event: BankEvent) => {
    if (seen.accept(event.position)) listener.event(event);
  };
  const begin = (end: number) => {
    if (seen.start(end)) listener.restored();
  };
  const tell = (now: boolean) => {
    connected = now;
    listener.connected(now);
    if (leading) channel.postMessage({ kind: 'connected', connected: now } satisfies Message);
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'event') take(data.event);
    else if (data.kind === 'begun') begin(data.end);
    else if (data.kind === 'connected') tell(data.connected);
    else if (leading) channel.postMessage({ kind: 'connected', connected } satisfies Message);
  };

  const connect = () => {
    source = new EventSource(apiUrl('/me/events', { from: seen.last }));
    const arrived = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as BankEvent;
      channel.postMessage({ kind: 'event', event } satisfies Message);
      take(event);
    };
    for (const kind of EVENT_KINDS) source.addEventListener(kind, arrived);
    const fail = () => {
      if (connected) tell(false);
      // The browser tries again by itself unless it was refused; waiting is ours, so that a stopped bank is not hammered.
      source?.close();
      tries += 1;
      timer = window.setTimeout(connect, Math.min(SLOWEST_MS, 400 * 2 ** tries) * (0.75 + Math.random() / 2));
    };
    source.addEventListener('ready', message => {
      const { position, member: whose } = JSON.parse((message as MessageEvent<string>).data) as Ready;
      pageMember.seen(whose ?? null);
      // Of somebody else who has signed in meanwhile nothing is told here.
      if (whose !== member) return fail();
      tries = 0;
      channel.postMessage({ kind: 'begun', end: position } satisfies Message);
      begin(position);
      tell(true);
    });
    source.onerror = fail;
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
