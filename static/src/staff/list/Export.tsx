import Download from '@mui/icons-material/FileDownloadOutlined';
import Button from '@mui/material/Button';
import { useState } from 'react';
import { useListContext } from 'react-admin';
import { download } from '../../api/http';
import { fixedQuery, listPath, orderOf, withDates } from '../provide/data';
import { useTell } from '../useTell';

/** Everything that fits the filters, as the service writes it into a file. */
export function Export() {
  const tell = useTell();
  const { resource, filterValues, sort } = useListContext();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const query = await withDates(resource, { ...(filterValues as Record<string, string>), ...fixedQuery(resource) });
      await download(listPath(resource), { ...query, ...orderOf(resource, sort.field) } as Record<string, string>, `${resource}.csv`);
    } catch (error) {
      tell(error);
    } finally {
      setBusy(false);
    }
  };
  return <Button size="small" color="secondary" variant="outlined" startIcon={<Download />} loading={busy} onClick={() => void run()}>CSV</Button>;
}
