import SearchIcon from '@mui/icons-material/SearchOutlined';
import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import { useEffect, useRef, useState } from 'react';
import { useListContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';

const WAIT_MS = 300;

/** Account numbers are searched without the hyphens between groups. */
const normalizeQuery = (text: string) => (/^[\d\s-]+$/.test(text) ? text.replace(/\D/g, '') : text.trim());

/** The search field. It follows the list, so that a saved search or the back button restores its text. */
export function SearchInput() {
  const { t } = useLanguage();
  const { filterValues, setFilters } = useListContext();
  const values = filterValues as Record<string, unknown>;
  const said = typeof values.q === 'string' ? values.q : '';
  const [text, setText] = useState(said);
  const sent = useRef(said);
  useEffect(() => {
    if (said === sent.current) return;
    sent.current = said;
    setText(said);
  }, [said]);
  useEffect(() => {
    const wanted = normalizeQuery(text);
    if (wanted === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = wanted;
      const { q: _, ...rest } = values;
      setFilters(sent.current ? { ...rest, q: sent.current } : rest);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [text, values, setFilters]);
  return (
    <TextField
      type="search"
      size="small"
      value={text}
      onChange={event => setText(event.target.value.slice(0, 100))}
      placeholder={t('ra.action.search')}
      sx={{ flex: { xs: '1 1 100%', sm: '1 1 240px' }, maxWidth: { sm: 420 } }}
      slotProps={{
        htmlInput: { 'aria-label': t('ra.action.search') },
        input: {
          startAdornment: (
            <InputAdornment position="start">
              <SearchIcon fontSize="small" />
            </InputAdornment>
          ),
        },
      }}
    />
  );
}
