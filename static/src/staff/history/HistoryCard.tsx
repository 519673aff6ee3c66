import { usePermissions, useTranslate } from 'react-admin';
import type { Role } from '../../api/types';
import { mayDo } from '../provide/access';
import { Card } from '../show/Card';
import { Changes } from './Changes';

/** The history of one record, for who may read the audit log. */
export function HistoryCard({ object, id }: { object: string; id: string }) {
  const t = useTranslate();
  const { permissions } = usePermissions<Role>();
  if (!permissions || !mayDo(permissions, 'list', 'audit')) return null;
  return <Card title={t('staff.history')}><Changes query={{ object, object_id: id }} limit={10} /></Card>;
}
