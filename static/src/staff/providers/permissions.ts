import type { Role } from '../../api/types';

const READING = new Set(['list', 'show', 'export']);

/** What a role may do with a resource, as the service has it: buttons that would be refused are not shown. */
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
