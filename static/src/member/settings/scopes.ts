import type { Role, Scope } from '../../api/types';

const PERSONAL = ['read', 'transfer', 'batch', 'schedule', 'events'] as const satisfies readonly Scope[];
const COUNTER = ['counter', 'hold'] as const satisfies readonly Scope[];

/** Returns the scopes that a member of a role can give to a token, as the service defines them. */
export function scopesOf(role: Role): readonly Scope[] {
  switch (role) {
    case 'member':
      return PERSONAL;
    case 'teller':
      return [...PERSONAL, ...COUNTER, 'admin_read'];
    case 'auditor':
      return ['read', 'events', 'audit', 'admin_read'];
    case 'admin':
      return [...PERSONAL, ...COUNTER, 'audit', 'admin_read', 'admin'];
  }
}
