import type { Theme } from '@mui/material/styles';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useLayoutEffect, useState } from 'react';
import { Sidebar, type SidebarProps, useSidebarState } from 'react-admin';

/**
 * The sidebar: beside the page, or over it in a narrow window.
 *
 * react-admin keeps one state for both. A menu that was open beside the page would cover it in a narrow window and hide
 * everything else from assistive technology. So it is closed before it is rendered in a narrow window, and opened again
 * in a wide one.
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
