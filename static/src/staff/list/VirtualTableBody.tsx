import TableBody from '@mui/material/TableBody';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { DataTableRow, RecordContextProvider, useDataTableDataContext } from 'react-admin';
import { ROW_PX, visibleRows } from './visibleRows';

/** A table body that renders only the rows near the viewport, between two empty rows. */
export function VirtualTableBody({ children }: { children?: ReactNode }) {
  const data = useDataTableDataContext() ?? [];
  const body = useRef<HTMLTableSectionElement>(null);
  const [drawn, setDrawn] = useState({ from: 0, to: 60 });
  useEffect(() => {
    let frame = 0;
    const update = () => {
      frame = 0;
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const next = visibleRows(data.length, top, window.innerHeight);
      setDrawn(before => (before.from === next.from && before.to === next.to ? before : next));
    };
    const scheduleUpdate = () => {
      frame ||= requestAnimationFrame(update);
    };
    update();
    addEventListener('scroll', scheduleUpdate, { passive: true });
    addEventListener('resize', scheduleUpdate);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', scheduleUpdate);
      removeEventListener('resize', scheduleUpdate);
    };
  }, [data.length]);
  const to = Math.min(drawn.to, data.length);
  const from = Math.min(drawn.from, to);
  return (
    <TableBody ref={body}>
      <Space rows={from} />
      {data.slice(from, to).map(record => (
        <RecordContextProvider key={record.id} value={record}>
          <DataTableRow sx={{ height: ROW_PX }}>{children}</DataTableRow>
        </RecordContextProvider>
      ))}
      <Space rows={data.length - to} />
    </TableBody>
  );
}

function Space({ rows }: { rows: number }) {
  if (rows <= 0) return null;
  return <tr aria-hidden style={{ height: rows * ROW_PX }} />;
}
