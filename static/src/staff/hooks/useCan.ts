import { usePermissions } from 'react-admin';
import type { Role } from '../../api/types';
import { isAllowed } from '../providers/permissions';

/** Returns a function that checks a permission of the signed-in member. Nothing is permitted until the role is known. */
export function useCan(): (action: string, resource: string) => boolean {
  const { permissions } = usePermissions<Role>();
  return (action, resource) => Boolean(permissions) && isAllowed(permissions as Role, action, resource);
}
