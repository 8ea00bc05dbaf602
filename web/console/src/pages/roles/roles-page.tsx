import { getRouteApi } from '@tanstack/react-router';
import { useMay } from '../../data/session.ts';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { rolesText as words } from '../../text/roles.ts';
import { GroupsTab } from './groups-tab.tsx';
import { LimitsTab } from './limits-tab.tsx';
import { RolesTab } from './roles-tab.tsx';
import { UnusedTab } from './unused-tab.tsx';
import { WhyTab } from './why-tab.tsx';

const route = getRouteApi('/app/settings/roles');

/** Roles, groups, what narrows them, why somebody may do something, and what nobody uses. */
export function RolesPage() {
  const { part } = route.useSearch();
  const navigate = route.useNavigate();
  const seesPeople = useMay('members:read');
  const why = { id: 'why', label: words.tabs.why, content: <WhyTab /> };
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        label={words.parts}
        choice={{
          shown: part,
          onShow: (id) => void navigate({ search: { part: id }, replace: true }),
        }}
        tabs={[
          { id: 'roles', label: words.tabs.roles, content: <RolesTab /> },
          { id: 'groups', label: words.tabs.groups, content: <GroupsTab /> },
          { id: 'limits', label: words.tabs.limits, content: <LimitsTab /> },
          ...(seesPeople ? [why] : []),
          { id: 'unused', label: words.tabs.unused, content: <UnusedTab /> },
        ]}
      />
    </Page>
  );
}
