import AcUnit from '@mui/icons-material/AcUnitOutlined';
import LockOpen from '@mui/icons-material/LockOpenOutlined';
import Box from '@mui/material/Box';
import { useCanAccess, useListContext, useTranslate } from 'react-admin';
import { Bulk } from '../list/Bulk';
import { Column } from '../list/Column';
import { DateDrill } from '../list/DateDrill';
import { Facet } from '../list/Facet';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { Table } from '../list/Table';
import { useLast } from '../list/useLast';
import type { Listed } from '../provide/data';
import { changeAccounts } from '../resources/ways';
import { Account, Amount, State, Sum, Time } from '../show/fields';
import { ChangeType } from './ChangeType';
import { Owner } from './Owner';

export function AccountList() {
  const t = useTranslate();
  const { canAccess } = useCanAccess({ resource: 'accounts', action: 'edit' });
  const field = (name: string) => t(`resources.accounts.fields.${name}`);
  const panel = (
    <FilterPanel>
      <Facet name="status" label={field('status')} text={value => `staff.state.${value}`} />
      <Facet name="type" label={field('type')} />
      <Facet name="currency" label={field('currency')} />
      <Facet name="own_limits" label={field('own_limits')} text={value => `ra.boolean.${value}`} />
      <DateDrill name="opened" counted="opened_at" label={field('opened_at')} />
    </FilterPanel>
  );
  const bulk = canAccess && (
    <>
      <Bulk name="staff.freeze" icon={<AcUnit />} question="staff.freeze_many" run={changeAccounts('freeze')} color="error" />
      <Bulk name="staff.unfreeze" icon={<LockOpen />} question="staff.unfreeze_many" run={changeAccounts('unfreeze')} />
      <ChangeType />
    </>
  );
  return (
    <ListPage order="number" searched create panel={panel} summary={<Totals />}>
      <Table bulk={bulk} hidden={['pending_in', 'overdraft', 'limit_per_transfer', 'limit_per_day', 'currency']}>
        <Column source="number"><Account source="number" /></Column>
        <Column source="owner.name" by="name"><Owner /></Column>
        <Column source="type.name" by="type_name" />
        <Column source="status"><State source="status" /></Column>
        <Column source="currency" />
        <Column source="posted" align="right"><Amount source="posted" /></Column>
        <Column source="held" align="right"><Amount source="held" /></Column>
        <Column source="available" align="right"><Amount source="available" /></Column>
        <Column source="pending_in" align="right"><Amount source="pending_in" /></Column>
        <Column source="overdraft" align="right"><Amount source="overdraft" /></Column>
        <Column source="limit_per_transfer" align="right"><Amount source="limit_per_transfer" /></Column>
        <Column source="limit_per_day" align="right"><Amount source="limit_per_day" /></Column>
        <Column source="opened_at"><Time source="opened_at" /></Column>
      </Table>
    </ListPage>
  );
}

/** The sums over everything that fits, by currency. */
function Totals() {
  const t = useTranslate();
  const { meta } = useListContext();
  const totals = useLast((meta as { totals?: Listed['totals'] } | undefined)?.totals);
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 3, minHeight: 24, fontSize: '0.875rem', color: 'text.secondary' }}>
      {totals?.currencies?.map(sum => <span key={sum.currency}>{t('staff.total_of', { smart_count: sum.accounts, currency: sum.currency })} <Box component="b" sx={{ color: 'text.primary', fontWeight: 620 }}><Sum minor={sum.posted} of={sum} /></Box></span>)}
    </Box>
  );
}
