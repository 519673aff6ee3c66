import Box from '@mui/material/Box';
import { useLanguage } from '../../i18n/staff';
import { changeAccount } from '../api/actions';
import type { AccountRecord } from '../api/records';
import { ActionButton } from '../record/ActionButton';
import { Card } from '../record/Card';

/** The actions of an administrator on an account, each with a confirmation. */
export function AccountActions({ account }: { account: AccountRecord }) {
  const { t } = useLanguage();
  const change = (changes: Record<string, unknown>) =>
    changeAccount(account.number, { version: account.version, ...changes });
  const frozen = account.frozen.debits || account.frozen.credits;
  return (
    <Card title={t('staff.actions')}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        {frozen ? (
          <ActionButton
            name={t('staff.unfreeze')}
            question={t('staff.unfreezeOne')}
            done={t('staff.saved')}
            run={() => change({ frozen: { debits: false, credits: false } })}
          />
        ) : (
          <ActionButton
            name={t('staff.freeze')}
            question={t('staff.freezeOne')}
            done={t('staff.saved')}
            run={() => change({ frozen: { debits: true, credits: true } })}
          />
        )}
        <ActionButton
          name={t('staff.close')}
          color="error"
          question={t('staff.closeQuestion')}
          done={t('staff.saved')}
          run={() => change({ close: true })}
        />
      </Box>
    </Card>
  );
}
