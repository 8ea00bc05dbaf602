import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { rolesText as words } from '../../text/roles.ts';
import { GroupsTab } from './groups-tab.tsx';
import { RolesTab } from './roles-tab.tsx';
import { UnusedTab } from './unused-tab.tsx';
import { WhyTab } from './why-tab.tsx';

/** Roles, groups, why somebody may do something, and what nobody uses. */
export function RolesPage() {
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        label={words.parts}
        tabs={[
          { id: 'roles', label: words.tabs.roles, content: <RolesTab /> },
          { id: 'groups', label: words.tabs.groups, content: <GroupsTab /> },
          { id: 'why', label: words.tabs.why, content: <WhyTab /> },
          { id: 'unused', label: words.tabs.unused, content: <UnusedTab /> },
        ]}
      />
    </Page>
  );
}
