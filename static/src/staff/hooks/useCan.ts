import { usePermissions } from 'react-admin';
import type { Role } from '../../api/types';
import { mayDo } from '../providers/permissions';

/** What the one who is signed in may do; nothing until it is known who that is. */
export function useMay(): (action: string, resource: string) => boolean {
  const { permissions } = usePermissions<Role>();
  return (action, resource) => Boolean(permissions) && mayDo(permissions as Role, action, resource);
}
