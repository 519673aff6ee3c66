import Box from '@mui/material/Box';
import { AutocompleteInput, FilterLiveForm, ReferenceInput, TextInput, useRecordContext } from 'react-admin';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import { DateTimeField } from '../fields/DateTimeField';
import { EnumField } from '../fields/EnumField';
import { ChangeDiff } from '../history/ChangeDiff';
import type { Change } from '../history/differences';
import { ObjectLink } from '../history/ObjectLink';
import { Column } from '../list/Column';
import { DateFilter } from '../list/DateFilter';
import { FacetFilter } from '../list/FacetFilter';
import { FilterPanel } from '../list/FilterPanel';
import { ListPage } from '../list/ListPage';
import { RecordTable } from '../list/RecordTable';

const OBJECTS = [
  'account',
  'account_type',
  'member',
  'transfer',
  'hold',
  'session',
  'token',
  'schedule',
  'request',
  'members',
  'accounts',
  'transfers',
  'schedules',
  'tokens',
  'pending',
  'audit',
] as const;

/** Prefixes of actions. The service matches every action that starts with a prefix that ends in a full stop. */
const ACTIONS = [
  'account.',
  'account_type.',
  'cash.',
  'hold.',
  'member.',
  'request.',
  'schedule.',
  'session.',
  'token.',
  'transfer.',
] as const;

/** The audit log, which nobody can change. */
export function AuditList() {
  const { t } = useLanguage();
  const field = useFieldNames('audit');
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
          <TextInput source="action" helperText={false} resettable size="small" fullWidth />
        </Box>
      </FilterLiveForm>
      <FacetFilter
        name="action"
        label={field('action')}
        values={ACTIONS}
        text={value => t.optional(`audit.area.${value.replace('.', '')}`, value)}
      />
      <FacetFilter
        name="object"
        label={field('object')}
        values={OBJECTS}
        text={value => t.optional(`audit.object.${value}`, value)}
      />
      <DateFilter name="on" label={field('at')} />
    </FilterPanel>
  );
  return (
    <ListPage order="none" endless panel={panel}>
      <RecordTable windowed rowClick={false} hidden={['role', 'via', 'request_id', 'address']}>
        <Column source="at" by={false}>
          <DateTimeField source="at" seconds />
        </Column>
        <Column source="username" by={false}>
          <Who />
        </Column>
        <Column source="role" by={false}>
          <EnumField source="role" of="role" />
        </Column>
        <Column source="action" by={false}>
          <Action />
        </Column>
        <Column source="object_id" by={false}>
          <ObjectCell />
        </Column>
        <Column source="after" by={false}>
          <ChangeSummary />
        </Column>
        <Column source="outcome" by={false}>
          <Outcome />
        </Column>
        <Column source="count" by={false} align="right" />
        <Column source="address" by={false} />
        <Column source="via" by={false} />
        <Column source="request_id" by={false} />
      </RecordTable>
    </ListPage>
  );
}

function Who() {
  const { t } = useLanguage();
  const change = useRecordContext<Change>();
  return <>{change?.username || t('audit.console')}</>;
}

function Action() {
  const { t } = useLanguage();
  const change = useRecordContext<Change>();
  return change ? t.optional(`audit.action.${change.action.replaceAll('.', '_')}`, change.action) : null;
}

/** The outcome, unless the action was carried out. */
function Outcome() {
  const { t } = useLanguage();
  const change = useRecordContext<Change>();
  if (!change?.outcome || change.outcome === 'done') return <>–</>;
  const reason = change.code ? `: ${t.optional(`problem.${change.code}`, change.code)}` : '';
  return (
    <>
      {t.optional(`audit.outcome.${change.outcome}`, change.outcome)}
      {reason}
    </>
  );
}

function ObjectCell() {
  const change = useRecordContext<Change>();
  return change?.object_id ? <ObjectLink change={change} /> : <>–</>;
}

function ChangeSummary() {
  const change = useRecordContext<Change>();
  return change ? (
    <Box
      sx={{
        maxWidth: 420,
        overflow: 'hidden',
        textOverflow: 'ellipsis',
        '& > span': { flexWrap: 'nowrap !important' },
      }}
    >
      <ChangeDiff change={change} />
    </Box>
  ) : null;
}
