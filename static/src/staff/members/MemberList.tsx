import Block from '@mui/icons-material/BlockOutlined';
import CheckCircle from '@mui/icons-material/CheckCircleOutlined';
import { useState } from 'react';
import { useCanAccess } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { type ScheduleEnd, setMembersDisabled } from '../api/actions';
import { BooleanField } from '../fields/BooleanField';
import { DateTimeField } from '../fields/DateTimeField';
import { EnumField } from '../fields/EnumField';
import { TextField } from '../fields/TextField';
import { TitleField } from '../fields/TitleField';
import { BulkAction } from '../list/BulkAction';
import { Column } from '../list/Column';
import { DateFilter } from '../list/DateFilter';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';
import { ScheduleEndInput } from './ScheduleEndInput';

export function MemberList() {
  const { t } = useLanguage();
  const [schedules, setSchedules] = useState<ScheduleEnd>('pause');
  const { canAccess } = useCanAccess({ resource: 'members', action: 'edit' });
  const yesNo = (value: string) => t.optional(`ra.boolean.${value}`, value);
  const panel = (
    <FilterPanel>
      <FacetFilter
        name="role"
        label={t('resources.members.fields.role')}
        text={value => t.optional(`staff.role.${value}`, value)}
      />
      <FacetFilter name="disabled" label={t('resources.members.fields.disabled')} text={yesNo} />
      <FacetFilter name="totp" label={t('resources.members.fields.totp')} text={yesNo} />
      <DateFilter name="joined" counted="joined_at" label={t('resources.members.fields.joined_at')} />
    </FilterPanel>
  );
  const bulk = canAccess && (
    <>
      <BulkAction
        title={t('staff.disable')}
        icon={<Block />}
        question={count => t('staff.disableMany', { count })}
        run={setMembersDisabled('disable', schedules)}
        color="error"
      >
        <ScheduleEndInput value={schedules} onChange={setSchedules} />
      </BulkAction>
      <BulkAction
        title={t('staff.enable')}
        icon={<CheckCircle />}
        question={count => t('staff.enableMany', { count })}
        run={setMembersDisabled('enable')}
      />
    </>
  );
  return (
    <ListPage order="-joined_at" searched create panel={panel}>
      <RecordTable bulk={bulk} hidden={['id', 'totp', 'free_transfers_per_day']}>
        <Column source="username">
          <TitleField source="username" resource="members" />
        </Column>
        <Column source="name">
          <TextField source="name" />
        </Column>
        <Column source="email" />
        <Column source="role">
          <EnumField source="role" of="role" />
        </Column>
        <Column source="totp">
          <BooleanField source="totp" />
        </Column>
        <Column source="disabled">
          <BooleanField source="disabled" />
        </Column>
        <Column source="free_transfers_per_day" align="right" />
        <Column source="joined_at">
          <DateTimeField source="joined_at" />
        </Column>
        <Column source="id" by="id" />
      </RecordTable>
    </ListPage>
  );
}
