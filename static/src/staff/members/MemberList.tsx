import Block from '@mui/icons-material/BlockOutlined';
import CheckCircle from '@mui/icons-material/CheckCircleOutlined';
import { useState } from 'react';
import { useCanAccess, useTranslate } from 'react-admin';
import { disableMembers, type ScheduleEnd } from '../api/actions';
import { Text, Time, Title, Word, YesNo } from '../fields/fields';
import { Bulk } from '../list/BulkAction';
import { Column } from '../list/Column';
import { DateDrill } from '../list/DateFilter';
import { Facet } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { Table } from '../list/RecordTable';
import { ScheduleEndInput } from './ScheduleEndInput';

const yesNo = (value: string) => `ra.boolean.${value}`;

export function MemberList() {
  const t = useTranslate();
  const [schedules, setSchedules] = useState<ScheduleEnd>('pause');
  const { canAccess } = useCanAccess({ resource: 'members', action: 'edit' });
  const panel = (
    <FilterPanel>
      <Facet name="role" label={t('resources.members.fields.role')} text={value => `staff.role.${value}`} />
      <Facet name="disabled" label={t('resources.members.fields.disabled')} text={yesNo} />
      <Facet name="totp" label={t('resources.members.fields.totp')} text={yesNo} />
      <DateDrill name="joined" counted="joined_at" label={t('resources.members.fields.joined_at')} />
    </FilterPanel>
  );
  const bulk = canAccess && (
    <>
      <Bulk
        name="staff.disable"
        icon={<Block />}
        question="staff.disable_many"
        run={disableMembers('disable', schedules)}
        color="error"
      >
        <ScheduleEndInput value={schedules} onChange={setSchedules} />
      </Bulk>
      <Bulk name="staff.enable" icon={<CheckCircle />} question="staff.enable_many" run={disableMembers('enable')} />
    </>
  );
  return (
    <ListPage order="-joined_at" searched create panel={panel}>
      <Table bulk={bulk} hidden={['id', 'totp', 'free_transfers_per_day']}>
        <Column source="username">
          <Title source="username" resource="members" />
        </Column>
        <Column source="name">
          <Text source="name" />
        </Column>
        <Column source="email" />
        <Column source="role">
          <Word source="role" of="role" />
        </Column>
        <Column source="totp">
          <YesNo source="totp" />
        </Column>
        <Column source="disabled">
          <YesNo source="disabled" />
        </Column>
        <Column source="free_transfers_per_day" align="right" />
        <Column source="joined_at">
          <Time source="joined_at" />
        </Column>
        <Column source="id" by="id" />
      </Table>
    </ListPage>
  );
}
