import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Member, Meta } from '../../api/types';
import type { BankEvent } from '../../live/bankEvent';
import { followEvents } from '../../live/eventStream';

interface Bank {
  me: Member;
  meta: Meta;
  connected: boolean;
  /** The newest event. */
  event: BankEvent | null;
}

const Context = createContext<Bank | null>(null);

/** The queries that an event can change. */
const LIVE = ['accounts', 'entries', 'holds', 'transfers', 'transfer', 'quote', 'payees', 'schedules', 'runs'];

/** Events come in bursts, which one round of queries answers. */
const BURST_MS = 60;

/** Provides every signed-in page with the member, the bank's facts and an event stream that refreshes its queries. */
export function BankProvider({ me, meta, children }: { me: Member; meta: Meta; children: ReactNode }) {
  const client = useQueryClient();
  const [connected, setConnected] = useState(true);
  const [event, setEvent] = useState<BankEvent | null>(null);
  useEffect(() => {
    let due = 0;
    const refresh = () => {
      if (due !== 0) return;
      due = window.setTimeout(() => {
        due = 0;
        for (const key of LIVE) void client.invalidateQueries({ queryKey: [key] });
      }, BURST_MS);
    };
    let wasCut = false;
    const stop = followEvents(me.id, {
      event: next => {
        setEvent(next);
        refresh();
      },
      connected: now => {
        setConnected(now);
        // After a break everything may have changed: the bank may have been restored from a backup.
        if (now && wasCut) void client.invalidateQueries();
        else if (now) refresh();
        // The stream also ends when the session does.
        else void client.invalidateQueries({ queryKey: ['session'] });
        wasCut = !now;
      },
      restored: () => {
        setEvent(null);
        void client.invalidateQueries();
      },
    });
    return () => {
      clearTimeout(due);
      stop();
    };
  }, [client, me.id]);
  const value = useMemo(() => ({ me, meta, connected, event }), [me, meta, connected, event]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useBank(): Bank {
  const found = useContext(Context);
  if (!found) throw new Error('nobody is signed in');
  return found;
}
