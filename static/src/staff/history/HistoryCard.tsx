import { usePermissions } from 'react-admin';
import type { Role } from '../../api/types';
import { useLanguage } from '../../i18n/staff';
import { isAllowed } from '../providers/permissions';
import { Card } from '../record/Card';
import { ChangeList } from './ChangeList';

/** The history of one record, for roles that may read the audit log. `also` is another object name of the record. */
export function HistoryCard({ object, also, id }: { object: string; also?: string; id: string }) {
  const { t } = useLanguage();
  const { permissions } = usePermissions<Role>();
  if (!permissions || !isAllowed(permissions, 'list', 'audit')) return null;
  return (
    <Card title={t('audit.history')}>
      {also && <ChangeList query={{ object: also, object_id: id }} limit={10} quiet />}
      <ChangeList query={{ object, object_id: id }} limit={10} />
    </Card>
  );
}
