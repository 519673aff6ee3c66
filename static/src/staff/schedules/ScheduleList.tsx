import Box from '@mui/material/Box';
import { AutocompleteInput, FilterLiveForm, ReferenceInput, TextInput, useRecordContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { endSchedule } from '../api/actions';
import type { ScheduleRecord } from '../api/records';
import { AccountField } from '../fields/AccountField';
import { DateTimeField } from '../fields/DateTimeField';
import { EnumField } from '../fields/EnumField';
import { InlineLink } from '../fields/InlineLink';
import { MoneyField } from '../fields/MoneyField';
import { StatusField } from '../fields/StatusField';
import { useCan } from '../hooks/useCan';
import { Column } from '../list/Column';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';
import { ActionButton } from '../record/ActionButton';

/** All members' standing orders that may still run. */
export function ScheduleList() {
  const can = useCan();
  const panel = (
    <FilterPanel>
      <FilterLiveForm>
        <Box sx={{ display: 'grid', gap: 0.5 }}>
          <ReferenceInput source="member" reference="members" perPage={20} sort={{ field: 'username', order: 'ASC' }}>
            <AutocompleteInput
              helperText={false}
              size="small"
              fullWidth
              filterToQuery={(q: string) => (q ? { q } : {})}
            />
          </ReferenceInput>
          <TextInput source="account" helperText={false} resettable size="small" fullWidth />
        </Box>
      </FilterLiveForm>
    </FilterPanel>
  );
  return (
    <ListPage order="none" endless panel={panel}>
      <RecordTable windowed rowClick={false} hidden={['failed', 'id']}>
        <Column source="owner" by={false}>
          <Owner />
        </Column>
        <Column source="from" by={false}>
          <AccountField source="from" />
        </Column>
        <Column source="to" by={false}>
          <AccountField source="to" />
        </Column>
        <Column source="amount" by={false} align="right">
          <MoneyField source="amount" />
        </Column>
        <Column source="rule" by={false}>
          <EnumField source="rule.every" of="every" />
        </Column>
        <Column source="status" by={false}>
          <StatusField source="status" />
        </Column>
        <Column source="next_at" by={false}>
          <DateTimeField source="next_at" />
        </Column>
        <Column source="runs" by={false} align="right" />
        <Column source="failed" by={false} align="right" />
        <Column source="id" by={false} />
        {can('edit', 'schedules') && (
          <Column source="end" by={false} align="right">
            <End />
          </Column>
        )}
      </RecordTable>
    </ListPage>
  );
}

function Owner() {
  const { t } = useLanguage();
  const order = useRecordContext<ScheduleRecord>();
  return order ? (
    <InlineLink to={`/members/${order.owner.id}/show`}>{order.owner.username || t('staff.erased')}</InlineLink>
  ) : null;
}

function End() {
  const { t } = useLanguage();
  const order = useRecordContext<ScheduleRecord>();
  if (!order || order.status === 'ended') return null;
  return (
    <>
      {order.status === 'active' && (
        <ActionButton
          size="small"
          variant="text"
          name={t('staff.pauseOrder')}
          question={t('staff.pauseOrderQuestion')}
          done={t('staff.saved')}
          run={() => endSchedule(order.id, 'pause')}
        />
      )}
      <ActionButton
        size="small"
        variant="text"
        color="error"
        name={t('staff.cancelOrder')}
        question={t('staff.cancelOrderQuestion')}
        done={t('staff.saved')}
        run={() => endSchedule(order.id, 'cancel')}
      />
    </>
  );
}
