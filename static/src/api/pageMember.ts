/**
 * Whose page this is. All tabs of a browser share one session, and somebody else may sign in in another tab: then nothing is
 * sent from this one and nothing shown in it before it is loaded anew. Every request names the member that it is meant for, and
 * every answer the member that it is for; the service refuses what does not fit.
 */

/** The header, in requests and in answers. */
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
  /** The id of the member whose page it is; `null` before somebody is signed in. */
  id: () => mine,
  /** Makes it the page of a member, or of nobody. */
  set(member: string | null) {
    mine = member;
    tell(null);
  },
  /** The id of the other member who is signed in by now. */
  other: () => other,
  /** Takes who is signed in according to the service. */
  seen(member: string | null) {
    if (mine !== null && member !== null) tell(member === mine ? null : member);
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
