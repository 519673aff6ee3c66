import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { api } from '../api/client';
import { onPasswordDue, onSignedOut } from '../api/http';
import { asFailure } from '../api/problem';
import type { Account, Member, Meta } from '../api/types';
import type { BankEvent } from '../live/event';
import { follow } from '../live/stream';
import { Attempts } from '../send/attempt';

export const useMeta = () => useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity });

const HINT = 'jangbu.signed-in';

/** Keeps in mind that somebody is signed in, so that on a first visit the service need not be asked and say no. */
export function remember(signedIn: boolean) {
  if (signedIn) localStorage.setItem(HINT, '1');
  else localStorage.removeItem(HINT);
}

/** Whether somebody was signed in here when it was last known. */
export const wasSignedIn = () => localStorage.getItem(HINT) !== null;

/** Nobody is signed in any more, and nothing of whoever was is kept. */
function forget(client: QueryClient) {
  remember(false);
  client.setQueryData(['session'], null);
  client.removeQueries({ predicate: ({ queryKey: [name] }) => name !== 'session' && name !== 'meta' });
}

/** Signs out, here at least when the bank cannot be reached. */
export function useSignOut() {
  const client = useQueryClient();
  return async () => {
    await api.signOut().catch(() => {});
    forget(client);
  };
}

/** Who is signed in: `undefined` while that is not known, `null` when nobody is. */
export function useSession() {
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ['session'],
    queryFn: async (): Promise<Member | null> => {
      if (!wasSignedIn()) return null;
      try {
        return (await api.session()).member;
      } catch (error) {
        if (asFailure(error).status !== 401) throw error;
        remember(false);
        return null;
      }
    },
    staleTime: 60_000,
    retry: true,
  });
  useEffect(() => {
    onSignedOut(() => forget(client));
    onPasswordDue(() => void client.invalidateQueries({ queryKey: ['session'] }));
  }, [client]);
  return found;
}

interface Bank {
  me: Member;
  meta: Meta;
  attempts: Attempts;
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
    const stop = follow(me.id, {
      event: next => {
        setEvent(next);
        refresh();
      },
      connected: now => {
        setConnected(now);
        if (now) refresh();
        // The stream ends with the session, too.
        else void client.invalidateQueries({ queryKey: ['session'] });
      },
    });
    return () => {
      clearTimeout(due);
      stop();
    };
  }, [client, me.id]);
  const attempts = useMemo(() => new Attempts(localStorage, me.id), [me.id]);
  const value = useMemo(() => ({ me, meta, attempts, connected, event }), [me, meta, attempts, connected, event]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useBank(): Bank {
  const found = useContext(Context);
  if (!found) throw new Error('nobody is signed in');
  return found;
}

/** One's own accounts, those that are closed last. */
export const useAccounts = (): Account[] | undefined =>
  useQuery({ queryKey: ['accounts'], queryFn: api.accounts, select: byUse }).data;

const byUse = ({ data }: { data: Account[] }) =>
  [...data].sort((a, b) => Number(a.status === 'closed') - Number(b.status === 'closed'));
