import { usePermissions } from 'react-admin';
import type { Role } from '../../api/types';
import { isAllowed } from '../providers/permissions';

/** What the one who is signed in may do; nothing until it is known who that is. */
export function useCan(): (action: string, resource: string) => boolean {
  const { permissions } = usePermissions<Role>();
  return (action, resource) => Boolean(permissions) && isAllowed(permissions as Role, action, resource);
}
