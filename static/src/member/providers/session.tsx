import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { toApiError } from '../../api/apiError';
import { api } from '../../api/client';
import { onPasswordDue, onSignedOut } from '../../api/http';
import { pageMember } from '../../api/pageMember';
import type { Account, Member, Meta, SessionState } from '../../api/types';
import type { BankEvent } from '../../live/bankEvent';
import { followEvents } from '../../live/eventStream';
import { rememberMember, wasSignedIn } from '../../session/lastMember';

export const useMeta = () => useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity });

/** Who is signed in, and whether a second factor has to be set up before anything else. */
export type SignedInMember = Member & { totp_due?: boolean };

/** Somebody has signed in: from here on it is their page. */
export function startSession(client: QueryClient, { member: found, totp_due }: SessionState) {
  const member: SignedInMember = { ...found, totp_due };
  rememberMember(member.id);
  pageMember.set(member.id);
  client.setQueryData(['session'], member);
}

/** Somebody else is signed in by now. The page says so, and asking again would not help. */
const OTHER_MEMBER = 412;

/** Nobody is signed in any more, and nothing of whoever was is kept. */
function endSession(client: QueryClient) {
  rememberMember(null);
  pageMember.set(null);
  client.setQueryData(['session'], null);
  client.removeQueries({ predicate: ({ queryKey: [name] }) => name !== 'session' && name !== 'meta' });
}

/** Signs out, here at least when the bank cannot be reached. */
export function useSignOut() {
  const client = useQueryClient();
  return async () => {
    const failure = await api.signOut().then(() => null, toApiError);
    // Another member's session is not ended from here.
    if (failure?.status !== OTHER_MEMBER) endSession(client);
  };
}

/** Who is signed in: `undefined` while that is not known, `null` when nobody is. */
export function useSession() {
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ['session'],
    queryFn: async (): Promise<SignedInMember | null> => {
      if (!wasSignedIn()) return null;
      try {
        const { member, totp_due } = await api.session();
        rememberMember(member.id);
        pageMember.set(member.id);
        return { ...member, totp_due };
      } catch (error) {
        if (toApiError(error).status !== 401) throw error;
        rememberMember(null);
        pageMember.set(null);
        return null;
      }
    },
    staleTime: 60_000,
    retry: (_, error) => toApiError(error).status !== OTHER_MEMBER,
  });
  useEffect(() => {
    onSignedOut(() => endSession(client));
    onPasswordDue(() => void client.invalidateQueries({ queryKey: ['session'] }));
  }, [client]);
  return found;
}

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

/** One's own accounts, those that are closed last. */
export const useAccounts = (): Account[] | undefined =>
  useQuery({ queryKey: ['accounts'], queryFn: api.accounts, select: byUse }).data;

const byUse = ({ data }: { data: Account[] }) =>
  [...data].sort((a, b) => Number(a.status === 'closed') - Number(b.status === 'closed'));
