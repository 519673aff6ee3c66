/**
 * The member whose page this is.
 *
 * All tabs of a browser share one session, so another member may sign in in another tab. From then on this page sends
 * and shows nothing until it is reloaded. Every request and every response names its member, and the service rejects
 * requests in another's name.
 */

/** The header that names the member, in requests and responses. */
export const MEMBER_HEADER = 'jangbu-member';

let mine: string | null = null;
let other: string | null = null;
const listeners = new Set<() => void>();

function tell(next: string | null) {
  if (other === next) return;
  other = next;
  for (const listener of listeners) listener();
}

export const pageMember = {
  /** Returns the id of the page's member, or `null` before somebody is signed in. */
  id: () => mine,
  /** Makes this the page of a member, or of nobody. */
  set(member: string | null) {
    mine = member;
    tell(null);
  },
  /** Returns the id of the other member who is signed in now, or `null`. */
  other: () => other,
  /** Records who is signed in according to a response. */
  seen(member: string | null) {
    if (mine !== null && member !== null) tell(member === mine ? null : member);
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
