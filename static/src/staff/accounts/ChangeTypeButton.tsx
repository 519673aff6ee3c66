import Category from '@mui/icons-material/CategoryOutlined';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useGetList } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { changeAccounts } from '../api/actions';
import type { TypeRecord } from '../api/records';
import { BulkAction } from '../list/BulkAction';

/** Moves the selected accounts to another type. */
export function ChangeTypeButton() {
  const { t } = useLanguage();
  const [type, setType] = useState('');
  const { data } = useGetList<TypeRecord>('account-types', {
    pagination: { page: 1, perPage: 200 },
    sort: { field: 'code', order: 'ASC' },
  });
  return (
    <BulkAction
      title={t('staff.changeType')}
      icon={<Category />}
      question={count => t('staff.changeTypeMany', { count })}
      run={changeAccounts('change_type', type)}
      disabled={type === ''}
    >
      <TextField
        select
        fullWidth
        sx={{ mt: 2 }}
        label={t('resources.accounts.fields.type')}
        value={type}
        onChange={event => setType(event.target.value)}
      >
        {(data ?? []).map(one => (
          <MenuItem key={one.code} value={one.code}>
            {one.name}
          </MenuItem>
        ))}
      </TextField>
    </BulkAction>
  );
}
