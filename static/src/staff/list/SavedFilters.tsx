import BookmarkAdd from '@mui/icons-material/BookmarkAddOutlined';
import Close from '@mui/icons-material/CloseOutlined';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type FormEvent, useId, useState } from 'react';
import { extractValidSavedQueries, useListContext, useSavedQueries } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { FilterChoice } from './FilterChoice';

const LONGEST = 40;

/** Filters and orders under a name, stored in this browser. */
export function SavedFilters() {
  const { t } = useLanguage();
  const id = useId();
  const { resource, filterValues, displayedFilters, sort, perPage, setFilters, setSort } = useListContext();
  const [stored, setStored] = useSavedQueries(resource);
  const [name, setName] = useState<string | null>(null);
  const saved = extractValidSavedQueries(stored);
  const used = Object.keys((filterValues ?? {}) as object).length > 0;
  if (saved.length === 0 && !used) return null;
  const now = JSON.stringify([filterValues, sort]);
  const save = (event: FormEvent) => {
    event.preventDefault();
    const label = name?.trim();
    if (!label) return;
    setStored([
      ...saved.filter(one => one.label !== label),
      { label, value: { filter: filterValues as Record<string, unknown>, sort, perPage, displayedFilters } },
    ]);
    setName(null);
  };
  return (
    <Box role="group" aria-labelledby={id}>
      <Typography id={id} variant="overline" component="h2" color="textSecondary">
        {t('ra.saved_queries.label')}
      </Typography>
      {saved.map(({ label, value }) => (
        <Box key={label} sx={{ display: 'flex', alignItems: 'center' }}>
          <FilterChoice
            chosen={JSON.stringify([value.filter, value.sort]) === now}
            text={label}
            onClick={() => {
              setFilters(value.filter ?? {});
              if (value.sort) setSort(value.sort);
            }}
          />
          <IconButton
            size="small"
            aria-label={t('ra.saved_queries.remove_label_with_name', { name: label })}
            onClick={() => setStored(saved.filter(one => one.label !== label))}
          >
            <Close sx={{ fontSize: 16 }} />
          </IconButton>
        </Box>
      ))}
      {used && name === null && (
        <Button size="small" color="inherit" startIcon={<BookmarkAdd />} onClick={() => setName('')} sx={{ ml: -1 }}>
          {t('ra.saved_queries.new_label')}
        </Button>
      )}
      {name !== null && (
        <Box component="form" onSubmit={save} sx={{ display: 'flex', gap: 1, mt: 0.5 }}>
          <TextField
            size="small"
            autoFocus
            label={t('ra.saved_queries.query_name')}
            value={name}
            onChange={event => setName(event.target.value.slice(0, LONGEST))}
          />
          <Button type="submit" size="small" disabled={!name.trim()}>
            {t('ra.action.save')}
          </Button>
        </Box>
      )}
    </Box>
  );
}
