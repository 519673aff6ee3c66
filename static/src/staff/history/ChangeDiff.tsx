import Box from '@mui/material/Box';
import { formatExactTime } from '../../format/dates';
import { formatNumber } from '../../format/numbers';
import { useLanguage } from '../../i18n/staff';
import { useTimeZone } from '../hooks/useBankMeta';
import { type Change, differences } from './differences';

/** The changes of an audit entry: `name: before → after`. */
export function ChangeDiff({ change }: { change: Pick<Change, 'before' | 'after' | 'object'> }) {
  const { t, language } = useLanguage();
  const zone = useTimeZone();
  // Actions on accounts may move money, whose fields have the names of a transfer's.
  const field = (name: string) =>
    t.optional(
      `resources.${change.object.replace('_', '-')}s.fields.${name}`,
      t.optional(`resources.transfers.fields.${name}`, name),
    );
  const word = (name: string, value: string | boolean) =>
    typeof value === 'boolean'
      ? t(`ra.boolean.${value}`)
      : name === 'role'
        ? t.optional(`staff.role.${value}`, value)
        : t.optional(`audit.value.${value}`, value);
  const found = differences(change, {
    field,
    moment: at => formatExactTime(at, zone, language),
    number: value => formatNumber(value, language),
    word,
  });
  if (found.length === 0) return null;
  return (
    <Box
      component="span"
      sx={{
        display: 'inline-flex',
        flexWrap: 'wrap',
        columnGap: 1.5,
        '& del': { color: 'text.secondary' },
        '& ins': { textDecoration: 'none', fontWeight: 600 },
      }}
    >
      {found.map(({ name, before, after }) => (
        <Box component="span" key={name} sx={{ overflowWrap: 'anywhere' }}>
          <Box component="span" sx={{ color: 'text.secondary' }}>
            {field(name)}{' '}
          </Box>
          {before !== null && (
            <>
              <del>{before}</del> →{' '}
            </>
          )}
          {after === null ? '–' : <ins>{after}</ins>}
        </Box>
      ))}
    </Box>
  );
}
