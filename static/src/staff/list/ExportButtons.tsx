import Download from '@mui/icons-material/FileDownloadOutlined';
import Button from '@mui/material/Button';
import { useState } from 'react';
import { useListContext } from 'react-admin';
import { download, type FileKind } from '../../api/http';
import { useNotifyError } from '../hooks/useNotifyError';
import { fixedQuery, listPath, sortQuery, withDateBounds } from '../providers/dataProvider';

/** Exports everything that matches the filters. */
export function ExportButtons() {
  const notifyError = useNotifyError();
  const { resource, filterValues, sort } = useListContext();
  const [busy, setBusy] = useState<FileKind | null>(null);
  const run = async (kind: FileKind) => {
    setBusy(kind);
    try {
      const query = withDateBounds({ ...(filterValues as Record<string, string>), ...fixedQuery(resource) });
      await download(
        listPath(resource),
        { ...query, ...sortQuery(resource, sort.field) } as Record<string, string>,
        resource,
        kind,
      );
    } catch (error) {
      notifyError(error);
    } finally {
      setBusy(null);
    }
  };
  const kinds: [FileKind, string][] = [
    ['csv', 'CSV'],
    ['xlsx', 'XLSX'],
  ];
  return (
    <>
      {kinds.map(([kind, label]) => (
        <Button
          key={kind}
          size="small"
          color="secondary"
          variant="outlined"
          startIcon={<Download />}
          loading={busy === kind}
          disabled={busy !== null}
          onClick={() => void run(kind)}
        >
          {label}
        </Button>
      ))}
    </>
  );
}
