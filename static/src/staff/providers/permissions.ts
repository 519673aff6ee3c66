import type { Role } from '../../api/types';

const READING = new Set(['list', 'show', 'export']);

/**
 * Returns whether a role may do something with a resource, as the service decides it. Actions that it would reject are
 * not shown.
 */
export function isAllowed(role: Role, action: string, resource: string): boolean {
  if (resource === 'counter') return role === 'teller' || role === 'admin';
  if (resource === 'tokens' || resource === 'audit')
    return READING.has(action) ? role !== 'teller' : role === 'admin' && resource === 'tokens';
  if (READING.has(action)) return true;
  if (action === 'reverse' || action === 'settle' || action === 'void') return role === 'teller' || role === 'admin';
  if (
    (resource === 'transfers' || resource === 'holds') &&
    (action === 'edit' || action === 'create' || action === 'delete')
  )
    return false;
  return role === 'admin';
}
