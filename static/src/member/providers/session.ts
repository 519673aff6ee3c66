import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { toApiError } from '../../api/apiError';
import { api } from '../../api/client';
import { onPasswordDue, onSignedOut } from '../../api/http';
import { pageMember } from '../../api/pageMember';
import type { Member, SessionState } from '../../api/types';
import { rememberMember, wasSignedIn } from '../../session/lastMember';

export const useMeta = () => useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Infinity });

/** The member who is signed in, and whether a second factor must be set up first. */
export type SignedInMember = Member & { totp_due?: boolean };

/** Makes this the page of the member who has signed in. */
export function startSession(client: QueryClient, { member: found, totp_due }: SessionState) {
  const member: SignedInMember = { ...found, totp_due };
  rememberMember(member.id);
  pageMember.set(member.id);
  client.setQueryData(['session'], member);
}

/** The status when another member is signed in. The page is covered then, so a retry is useless. */
const OTHER_MEMBER = 412;

/** Ends the session on this page and removes the member's data. */
function endSession(client: QueryClient) {
  rememberMember(null);
  pageMember.set(null);
  client.setQueryData(['session'], null);
  client.removeQueries({ predicate: ({ queryKey: [name] }) => name !== 'session' && name !== 'meta' });
}

/** Returns a function that signs out, at least on this page when the bank cannot be reached. */
export function useSignOut() {
  const client = useQueryClient();
  return async () => {
    const failure = await api.signOut().then(() => null, toApiError);
    // The session of another member must not be ended from here.
    if (failure?.status !== OTHER_MEMBER) endSession(client);
  };
}

/** Returns who is signed in: `undefined` while that is unknown, `null` for nobody. */
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
