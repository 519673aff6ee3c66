import Edit from '@mui/icons-material/EditOutlined';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import { Link } from 'react-router-dom';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import { eraseMember } from '../api/actions';
import type { MemberRecord } from '../api/records';
import { DateTime } from '../fields/DateTime';
import { ChangeList } from '../history/ChangeList';
import { HistoryCard } from '../history/HistoryCard';
import { useCan } from '../hooks/useCan';
import { ActionButton } from '../record/ActionButton';
import { Card } from '../record/Card';
import { DescriptionList } from '../record/DescriptionList';
import { ShowPage } from '../record/ShowPage';
import { MemberAccounts } from './MemberAccounts';
import { MemberActions } from './MemberActions';

export function MemberShow() {
  const { t } = useLanguage();
  const can = useCan();
  const field = useFieldNames('members');
  return (
    <ShowPage<MemberRecord>
      title={member => (member.erased ? t('staff.erased') : member.name || member.username)}
      mark={member => (
        <>
          <Chip size="small" label={t(`staff.role.${member.role}`)} />
          {member.disabled && <Chip size="small" color="error" variant="outlined" label={t('staff.state.disabled')} />}
        </>
      )}
      note={member => member.username}
      aside={member =>
        can('edit', 'members') &&
        !member.erased && (
          <Button component={Link} to={`/members/${member.id}`} variant="contained" startIcon={<Edit />}>
            {t('ra.action.edit')}
          </Button>
        )
      }
    >
      {member => (
        <>
          {member.erasure_unfinished && (
            <Alert
              severity="warning"
              action={
                can('edit', 'members') && (
                  <ActionButton
                    size="small"
                    variant="text"
                    color="error"
                    name={t('staff.erase')}
                    question={t('staff.eraseQuestion')}
                    done={t('staff.saved')}
                    run={() => eraseMember(member.id)}
                  />
                )
              }
            >
              {t('staff.erasureUnfinished')}
            </Alert>
          )}
          {member.password_due && <Alert severity="info">{t('staff.passwordDue')}</Alert>}
          <Card title={t('staff.profile')}>
            <DescriptionList
              rows={[
                [field('username'), member.username],
                [field('name'), member.name],
                [field('email'), member.email],
                [field('totp'), t(`ra.boolean.${member.totp}`)],
                [field('free_transfers_per_day'), member.free_transfers_per_day],
                [field('household'), member.household ?? '—'],
                [field('joined_at'), <DateTime key="joined" at={member.joined_at} />],
                [field('id'), member.id],
              ]}
            />
          </Card>
          <MemberAccounts id={member.id} />
          {can('edit', 'members') && !member.erased && <MemberActions member={member} />}
          {can('list', 'audit') && member.role !== 'member' && (
            <Card title={t('audit.byMember')}>
              <ChangeList query={{ member: member.id }} named />
            </Card>
          )}
          <HistoryCard object="member" id={member.id} />
        </>
      )}
    </ShowPage>
  );
}
