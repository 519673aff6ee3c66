import { useEffect, useSyncExternalStore } from 'react';
import { api } from '../api/client';
import { pageMember } from '../api/pageMember';

const NAME = 'jangbu.signed-in';

/** Keeps in mind who is signed in, for the next visit and for other tabs; `null` for nobody. */
export function rememberMember(member: string | null) {
  if (member === null) localStorage.removeItem(NAME);
  else localStorage.setItem(NAME, member);
}

/** Whether somebody was signed in here when it was last known. */
export const wasSignedIn = () => localStorage.getItem(NAME) !== null;

/** Asks who is signed in; the answer itself says it to `pageMember`, and one that says nobody to whoever listens for that. */
const look = () => {
  if (pageMember.id() !== null) void api.anySession().catch(() => {});
};

const lookWhenSeen = () => {
  if (document.visibilityState === 'visible') look();
};

const lookWhenChanged = ({ key, newValue }: StorageEvent) => {
  if (key === NAME && newValue !== pageMember.id()) look();
};

/** The id of another member who has signed in in this browser since the page was opened, looked for whenever it is seen again. */
export function useOtherMember(): string | null {
  useEffect(() => {
    addEventListener('focus', look);
    addEventListener('storage', lookWhenChanged);
    document.addEventListener('visibilitychange', lookWhenSeen);
    return () => {
      removeEventListener('focus', look);
      removeEventListener('storage', lookWhenChanged);
      document.removeEventListener('visibilitychange', lookWhenSeen);
    };
  }, []);
  return useSyncExternalStore(pageMember.subscribe, pageMember.other);
}
