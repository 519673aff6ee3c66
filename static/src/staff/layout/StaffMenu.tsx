import Insights from '@mui/icons-material/InsightsOutlined';
import PointOfSale from '@mui/icons-material/PointOfSaleOutlined';
import { Menu } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { useCan } from '../hooks/useCan';

const RESOURCES = ['members', 'accounts', 'transfers', 'holds', 'schedules', 'account-types', 'tokens', 'audit'];

/** The menu, with only the entries that the role may see. */
export function StaffMenu() {
  const { t } = useLanguage();
  const can = useCan();
  return (
    <Menu
      sx={{
        '& .RaMenuItemLink-active': { color: 'primary.main', bgcolor: 'action.selected', fontWeight: 620 },
        '& .MuiMenuItem-root': { borderRadius: 2, mx: 1, minHeight: 40 },
      }}
    >
      <Menu.DashboardItem />
      {can('create', 'counter') && (
        <Menu.Item to="/counter" primaryText={t('staff.counter')} leftIcon={<PointOfSale />} />
      )}
      {RESOURCES.filter(resource => can('list', resource)).map(resource => (
        <Menu.ResourceItem key={resource} name={resource} />
      ))}
      <Menu.Item to="/engine" primaryText={t('staff.engine')} leftIcon={<Insights />} />
    </Menu>
  );
}
