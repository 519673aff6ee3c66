import type { AuthProvider } from 'react-admin';
import { toApiError } from '../../api/apiError';
import { api } from '../../api/client';
import { onSignedOut } from '../../api/http';
import { pageMember } from '../../api/pageMember';
import type { Member } from '../../api/types';
import { rememberMember } from '../../session/lastMember';
import { isAllowed } from './permissions';

let signedIn: Promise<Member & { totp_due: boolean }> | null = null;

// After a sign-out in another tab, nothing stays on this one's screen.
onSignedOut(() => {
  rememberMember(null);
  location.replace('/');
});

/** Returns who is signed in. Fetched once, and again after an error. */
function fetchSignedInMember(): Promise<Member & { totp_due: boolean }> {
  signedIn ??= api.session().then(({ member, totp_due }) => {
    rememberMember(member.id);
    pageMember.set(member.id);
    return { ...member, totp_due };
  });
  signedIn.catch(() => {
    signedIn = null;
  });
  return signedIn;
}

export const authProvider: AuthProvider = {
  login: () => Promise.reject(new Error("signing in is at the member's door")),
  logout: async () => {
    const failure = await api.signOut().then(() => null, toApiError);
    // The session of another member must not be ended from here. The page is covered then.
    if (failure?.status === 412) return false;
    signedIn = null;
    rememberMember(null);
    pageMember.set(null);
    location.assign('/');
    return false;
  },
  // The members' part has the sign-in page, the second factor and the change of a password. Whoever is not staff stays
  // there.
  checkAuth: async () => {
    const { role, password_due: due, totp_due: factorDue } = await fetchSignedInMember();
    if (role !== 'member' && !due && !factorDue) return;
    // On a rejection, react-admin would end the session.
    location.replace('/');
    await new Promise(() => {});
  },
  checkError: error => {
    if ((error as { status?: number }).status !== 401) return Promise.resolve();
    signedIn = null;
    return Promise.reject(new Error('signed out'));
  },
  getPermissions: async () => (await fetchSignedInMember()).role,
  getIdentity: async () => {
    const member = await fetchSignedInMember();
    return { id: member.id, fullName: member.name || member.username };
  },
  canAccess: async ({ action, resource }: { action: string; resource: string }) =>
    isAllowed((await fetchSignedInMember()).role, action, resource),
};
