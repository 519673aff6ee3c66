import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { api } from '../api/client';
import { onSignedOut } from '../api/http';
import { asFailure } from '../api/problem';
import type { Account, BankEvent, Member, Meta } from '../api/types';
import { follow } from '../live/stream';
import { Attempts } from '../send/attempt';

export const useMeta = () =>
  useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity }).data;

/** Who is signed in: `undefined` while that is not known, `null` when nobody is. */
export function useSession(): Member | null | undefined {
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ['session'],
    queryFn: () => api.session().then(state => state.member, error => {
      if (asFailure(error).status === 401) return null;
      throw error;
    }),
    staleTime: 60_000,
    retry: true,
  });
  useEffect(() => onSignedOut(() => client.setQueryData(['session'], null)), [client]);
  return found.data;
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

/** What every signed-in page has: the member, the bank's facts, and the live stream that keeps queries fresh. */
export function BankProvider({ me, meta, children }: { me: Member; meta: Meta; children: ReactNode }) {
  const client = useQueryClient();
  const [connected, setConnected] = useState(true);
  const [event, setEvent] = useState<BankEvent | null>(null);
  useEffect(() => {
    let due = 0;
    const refresh = () => {
      clearTimeout(due);
      // Events come in bursts; one round of questions answers them all.
      due = window.setTimeout(() => {
        for (const key of ['accounts', 'entries', 'holds', 'transfers', 'transfer', 'quote', 'payees', 'schedules']) {
          void client.invalidateQueries({ queryKey: [key] });
        }
      }, 60);
    };
    const stop = follow(me.id, {
      event: next => {
        if (next.transfer) client.setQueryData(['transfer', next.transfer.id], next.transfer);
        setEvent(next);
        refresh();
      },
      connected: now => {
        setConnected(now);
        if (now) refresh();
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

export const useAccounts = (): Account[] | undefined =>
  useQuery({ queryKey: ['accounts'], queryFn: api.accounts }).data?.data;
