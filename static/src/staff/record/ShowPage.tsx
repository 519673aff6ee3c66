import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import type { ReactNode } from 'react';
import { type RaRecord, ShowBase, useResourceContext, useShowContext } from 'react-admin';
import { useErrorText } from '../hooks/useErrorText';
import { PageHeader } from '../layout/PageHeader';

interface Props<R> {
  title: (record: R) => string;
  mark?: (record: R) => ReactNode;
  note?: (record: R) => ReactNode;
  aside?: (record: R) => ReactNode;
  children: (record: R) => ReactNode;
}

/** The page of one record, with its actions. */
export const ShowPage = <R extends RaRecord>(props: Props<R>) => (
  <ShowBase>
    <View {...props} />
  </ShowBase>
);

function View<R extends RaRecord>({ title, mark, note, aside, children }: Props<R>) {
  const resource = useResourceContext() ?? '';
  const problem = useErrorText();
  const { record, error } = useShowContext<R>();
  if (error)
    return (
      <>
        <PageHeader title={problem(error)} back={`/${resource}`} />
        <Alert severity="error">{problem(error)}</Alert>
      </>
    );
  if (!record)
    return (
      <Box aria-busy sx={{ display: 'grid', gap: 2 }}>
        <Skeleton width={260} height={40} />
        <Skeleton variant="rounded" height={180} />
        <Skeleton variant="rounded" height={240} />
      </Box>
    );
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: 'minmax(0, 1fr)', maxWidth: 1120 }}>
      <PageHeader
        title={title(record)}
        back={`/${resource}`}
        mark={mark?.(record)}
        note={note?.(record)}
        aside={aside?.(record)}
      />
      {children(record)}
    </Box>
  );
}
