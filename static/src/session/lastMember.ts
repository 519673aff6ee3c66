import { useEffect, useSyncExternalStore } from 'react';
import { api } from '../api/client';
import { pageMember } from '../api/pageMember';

const NAME = 'jangbu.signed-in';

/** Stores who is signed in, for the next visit and for other tabs; `null` for nobody. */
export function rememberMember(member: string | null) {
  if (member === null) localStorage.removeItem(NAME);
  else localStorage.setItem(NAME, member);
}

/** Returns whether somebody was signed in when it was last known. */
export const wasSignedIn = () => localStorage.getItem(NAME) !== null;

/** Asks the service who is signed in. The response reaches `pageMember` and the handlers in `api/http.ts`. */
const checkMember = () => {
  if (pageMember.id() !== null) void api.anySession().catch(() => {});
};

const checkWhenVisible = () => {
  if (document.visibilityState === 'visible') checkMember();
};

const checkWhenChanged = ({ key, newValue }: StorageEvent) => {
  if (key === NAME && newValue !== pageMember.id()) checkMember();
};

/**
 * Returns the id of another member who has signed in since the page was opened, and whether it is known who is signed
 * in. Both are checked whenever the page becomes visible.
 */
export function useSignedInMember(): { other: string | null; isConfirmed: boolean } {
  useEffect(() => {
    addEventListener('focus', checkMember);
    addEventListener('storage', checkWhenChanged);
    document.addEventListener('visibilitychange', checkWhenVisible);
    return () => {
      removeEventListener('focus', checkMember);
      removeEventListener('storage', checkWhenChanged);
      document.removeEventListener('visibilitychange', checkWhenVisible);
    };
  }, []);
  return {
    other: useSyncExternalStore(pageMember.subscribe, pageMember.other),
    isConfirmed: useSyncExternalStore(pageMember.subscribe, pageMember.isConfirmed),
  };
}
