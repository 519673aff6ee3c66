import Box from '@mui/material/Box';
import { useState } from 'react';
import { useLanguage } from '../../i18n/staff';
import { changeMember, eraseMember, resetPassword, resetTotp, type ScheduleEnd } from '../api/actions';
import type { MemberRecord } from '../api/records';
import { ActionButton } from '../record/ActionButton';
import { Card } from '../record/Card';
import { OneTimePasswordDialog } from './OneTimePasswordDialog';
import { ScheduleEndInput } from './ScheduleEndInput';

/** The actions of an administrator on a member, each with a confirmation. */
export function MemberActions({ member }: { member: MemberRecord }) {
  const { t } = useLanguage();
  const [password, setPassword] = useState('');
  const [schedules, setSchedules] = useState<ScheduleEnd>('pause');
  const disable = !member.disabled;
  return (
    <Card title={t('staff.actions')}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        <ActionButton
          name={t(disable ? 'staff.disable' : 'staff.enable')}
          question={t(disable ? 'staff.disableOne' : 'staff.enableOne')}
          done={t('staff.saved')}
          run={() =>
            changeMember(member.id, { version: member.version, disabled: disable, ...(disable && { schedules }) })
          }
        >
          {disable && <ScheduleEndInput value={schedules} onChange={setSchedules} />}
        </ActionButton>
        <ActionButton
          name={t('staff.resetPassword')}
          question={t('staff.resetPasswordQuestion')}
          run={async () => setPassword((await resetPassword(member.id)).one_time_password)}
        />
        {member.totp && (
          <ActionButton
            name={t('staff.resetTotp')}
            question={t('staff.resetTotpQuestion')}
            done={t('staff.saved')}
            run={() => resetTotp(member.id)}
          />
        )}
        <ActionButton
          name={t('staff.erase')}
          color="error"
          question={t('staff.eraseQuestion')}
          done={t('staff.saved')}
          run={() => eraseMember(member.id)}
        />
      </Box>
      <OneTimePasswordDialog username={member.username} password={password} onClose={() => setPassword('')} />
    </Card>
  );
}
