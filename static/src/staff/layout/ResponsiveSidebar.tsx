import type { Theme } from '@mui/material/styles';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useLayoutEffect, useState } from 'react';
import { Sidebar, type SidebarProps, useSidebarState } from 'react-admin';

/**
 * The menu's place: beside the page, or on a narrow window over it. react-admin keeps one state for both, and a menu that was
 * open beside the page would lie over it as soon as the window is narrow, with everything else hidden from assistive
 * technology. So it is closed when the window gets narrow, before anything is drawn, and there again when it gets wide.
 */
export function ResponsiveSidebar(props: SidebarProps) {
  const isNarrow = useMediaQuery((theme: Theme) => theme.breakpoints.down('sm'), { noSsr: true });
  const [, setOpen] = useSidebarState();
  const [wasNarrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    if (isNarrow === wasNarrow) return;
    setOpen(!isNarrow);
    setNarrow(isNarrow);
  }, [isNarrow, wasNarrow, setOpen]);
  return isNarrow === wasNarrow ? <Sidebar {...props} /> : null;
}
