import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Member, Meta } from '../../api/types';
import type { BankEvent } from '../../live/bankEvent';
import { followEvents } from '../../live/eventStream';

interface Bank {
  me: Member;
  meta: Meta;
  connected: boolean;
  /** The newest event, for what is announced. */
  event: BankEvent | null;
}

const Context = createContext<Bank | null>(null);

/** What an event can change. */
const LIVE = ['accounts', 'entries', 'holds', 'transfers', 'transfer', 'quote', 'payees', 'schedules', 'runs'];

/** Events come in bursts; one round of questions answers them all. */
const BURST_MS = 60;

/** What every signed-in page has: the member, the bank's facts, and the live stream that keeps queries fresh. */
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
        // After a break anything can be otherwise: the bank may have been restored, and have gone on since.
        if (now && wasCut) void client.invalidateQueries();
        else if (now) refresh();
        // The stream ends with the session, too.
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
