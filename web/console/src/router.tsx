import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ApiProblem } from './api.ts';
import { dayRangeIn } from './data/day-range.ts';
import { sessionQuery } from './data/session.ts';
import { ReviewPage } from './pages/access-reviews/review-page.tsx';
import { ReviewsPage } from './pages/access-reviews/reviews-page.tsx';
import { AccessRulesPage } from './pages/access-rules/access-rules-page.tsx';
import { AccountPage } from './pages/account/account-page.tsx';
import { AlertChannelsPage } from './pages/alerts/channels-page.tsx';
import { AlertRulesPage } from './pages/alerts/rules-page.tsx';
import { AnalyserPage } from './pages/analyser/analyser-page.tsx';
import { ApiKeysPage } from './pages/api-keys.tsx';
import { type AuditSearch, isAuditView } from './pages/audit/audit-views.ts';
import { EvidencePage } from './pages/audit/evidence-page.tsx';
import { AuditPersonPage } from './pages/audit/person-page.tsx';
import { AuditReviewPage } from './pages/audit/review-page.tsx';
import { AuditReviewsPage } from './pages/audit/reviews-page.tsx';
import { AuditSearchPage } from './pages/audit/search-page.tsx';
import { AuditSettingsPage } from './pages/audit/settings-page.tsx';
import { AuditPage } from './pages/audit.tsx';
import { CarePage } from './pages/care/care-page.tsx';
import { CaregiversPage } from './pages/caregivers/caregivers-page.tsx';
import { CertificatesPage } from './pages/certificates/certificates-page.tsx';
import { ComposePage } from './pages/compose.tsx';
import { EmergencyPage } from './pages/emergency/emergency-page.tsx';
import { CrashedPage, LostPage, MissingPage } from './pages/faults.tsx';
import { GettingSecurePage } from './pages/getting-secure/getting-secure-page.tsx';
import { InboundPage } from './pages/inbound/inbound-page.tsx';
import { IncidentPage } from './pages/incidents/incident-page.tsx';
import { IncidentsPage } from './pages/incidents/incidents-page.tsx';
import { InstallationPage } from './pages/installation.tsx';
import { KeysPage } from './pages/keys.tsx';
import { MessagePage } from './pages/message/message-page.tsx';
import {
  isDirection,
  isMessageFilter,
  isMethodFilter,
  type MessagesSearch,
} from './pages/messages/filters.ts';
import { MessagesPage } from './pages/messages/messages-page.tsx';
import { OrganisationPage } from './pages/organisation.tsx';
import { OverviewPage } from './pages/overview/overview-page.tsx';
import { PdfPasswordsPage } from './pages/pdf-passwords.tsx';
import { PersonPage } from './pages/people/person-page.tsx';
import { PeoplePage } from './pages/people.tsx';
import { DraftPage } from './pages/policy/draft-page.tsx';
import { PolicyPage } from './pages/policy/policy-page.tsx';
import { ReplayPage } from './pages/policy/replay-page.tsx';
import { ProofPage } from './pages/proof.tsx';
import { ProvisioningPage } from './pages/provisioning/provisioning-page.tsx';
import { RecipientsPage } from './pages/recipients/recipients-page.tsx';
import { RolesPage } from './pages/roles/roles-page.tsx';
import { MailboxPage } from './pages/sandbox/mailbox-page.tsx';
import { MailboxesPage } from './pages/sandbox/mailboxes-page.tsx';
import { SandboxMessagePage } from './pages/sandbox/sandbox-message-page.tsx';
import { SandboxTextsPage } from './pages/sandbox/texts-page.tsx';
import { SecondPersonPage } from './pages/second-person/second-person-page.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { InvitationPage } from './pages/setup/invitation-page.tsx';
import { RecoveryPage } from './pages/setup/recovery-page.tsx';
import { SetupPage } from './pages/setup/setup-page.tsx';
import { SignInPage } from './pages/sign-in/sign-in-page.tsx';
import { OrganisationSignInPage } from './pages/sign-in/sign-on.tsx';
import { SignInRulesPage } from './pages/sign-in-rules/sign-in-rules-page.tsx';
import { SingleSignOnPage } from './pages/single-sign-on/single-sign-on-page.tsx';
import { TextsPage } from './pages/texts/texts-page.tsx';
import { WaiversPage } from './pages/waivers/waivers-page.tsx';
import { Frame } from './shell/frame.tsx';

interface Context {
  queryClient: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: LostPage,
  errorComponent: CrashedPage,
});

/** Only paths of our own may be returned to after sign-in. */
function ownPath(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { to?: string; refused?: string } => {
    const to = ownPath(search.to);
    return {
      ...(to === undefined ? {} : { to }),
      ...(typeof search.refused === 'string' ? { refused: search.refused } : {}),
    };
  },
  component: SignInPage,
});

const organisationSignIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/$slug',
  component: OrganisationSignInPage,
});

const singleSignOn = createRoute({
  getParentRoute: () => app,
  path: '/settings/single-sign-on',
  validateSearch: (search): { connection?: string; try?: string } => ({
    ...(typeof search.connection === 'string' ? { connection: search.connection } : {}),
    ...(typeof search.try === 'string' ? { try: search.try } : {}),
  }),
  component: SingleSignOnPage,
});

const setup = createRoute({ getParentRoute: () => root, path: '/setup', component: SetupPage });

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: InvitationPage,
});

const recovery = createRoute({ getParentRoute: () => root, path: '/recovery', component: RecoveryPage });

/** Everything behind sign-in: asks who the reader is before anything is drawn. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(sessionQuery);
    } catch (fault) {
      if (fault instanceof ApiProblem && fault.status === 401) {
        throw redirect({
          to: '/sign-in',
          search: location.pathname === '/' ? {} : { to: location.pathname + location.searchStr },
        });
      }
      throw fault;
    }
  },
  component: Frame,
  errorComponent: CrashedPage,
  notFoundComponent: MissingPage,
});

const messages = createRoute({
  getParentRoute: () => app,
  path: '/messages',
  // `q` names the search terms, which stay in memory; they never stand in a URL.
  validateSearch: (search): MessagesSearch => ({
    ...(isMessageFilter(search.state) ? { state: search.state } : {}),
    ...(isMethodFilter(search.method) ? { method: search.method } : {}),
    ...(isDirection(search.direction) ? { direction: search.direction } : {}),
    ...dayRangeIn(search),
    ...(typeof search.q === 'string' || typeof search.q === 'number' ? { q: String(search.q) } : {}),
  }),
  component: MessagesPage,
});

const audit = createRoute({
  getParentRoute: () => app,
  path: '/audit',
  validateSearch: (search): AuditSearch => ({
    ...(isAuditView(search.kind) ? { kind: search.kind } : {}),
    ...dayRangeIn(search),
  }),
  component: AuditPage,
});

const auditSearch = createRoute({
  getParentRoute: () => app,
  path: '/audit/search',
  // `q` is a sealed text: what is searched for never stands in a URL.
  validateSearch: (search): { q?: string } => (typeof search.q === 'string' ? { q: search.q } : {}),
  component: AuditSearchPage,
});

const roles = createRoute({
  getParentRoute: () => app,
  path: '/settings/roles',
  validateSearch: (search): { part?: string } =>
    typeof search.part === 'string' ? { part: search.part } : {},
  component: RolesPage,
});

const pages = [
  createRoute({ getParentRoute: () => app, path: '/', component: OverviewPage }),
  messages,
  createRoute({ getParentRoute: () => app, path: '/messages/$id', component: MessagePage }),
  createRoute({ getParentRoute: () => app, path: '/messages/$id/proof/$delivery', component: ProofPage }),
  createRoute({ getParentRoute: () => app, path: '/compose', component: ComposePage }),
  createRoute({ getParentRoute: () => app, path: '/sandbox', component: MailboxesPage }),
  createRoute({ getParentRoute: () => app, path: '/sandbox/texts', component: SandboxTextsPage }),
  createRoute({ getParentRoute: () => app, path: '/sandbox/$address', component: MailboxPage }),
  createRoute({ getParentRoute: () => app, path: '/sandbox/$address/$id', component: SandboxMessagePage }),
  audit,
  auditSearch,
  createRoute({ getParentRoute: () => app, path: '/audit/person', component: AuditPersonPage }),
  createRoute({ getParentRoute: () => app, path: '/audit/reviews', component: AuditReviewsPage }),
  createRoute({ getParentRoute: () => app, path: '/audit/reviews/$id', component: AuditReviewPage }),
  createRoute({ getParentRoute: () => app, path: '/audit/evidence', component: EvidencePage }),
  createRoute({ getParentRoute: () => app, path: '/audit/settings', component: AuditSettingsPage }),
  createRoute({ getParentRoute: () => app, path: '/analyser', component: AnalyserPage }),
  createRoute({ getParentRoute: () => app, path: '/getting-secure', component: GettingSecurePage }),
  createRoute({ getParentRoute: () => app, path: '/incidents', component: IncidentsPage }),
  createRoute({ getParentRoute: () => app, path: '/incidents/$id', component: IncidentPage }),
  createRoute({ getParentRoute: () => app, path: '/alert-rules', component: AlertRulesPage }),
  createRoute({ getParentRoute: () => app, path: '/alert-channels', component: AlertChannelsPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/policy', component: PolicyPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/policy/drafts/$id', component: DraftPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/policy/replays/$id', component: ReplayPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/keys', component: KeysPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/pdf-passwords', component: PdfPasswordsPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/waivers', component: WaiversPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/recipients', component: RecipientsPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/texts', component: TextsPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/inbound', component: InboundPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/provisioning', component: ProvisioningPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/caregivers', component: CaregiversPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/api-keys', component: ApiKeysPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/emergency-access', component: EmergencyPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/access-reviews', component: ReviewsPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/access-reviews/$id', component: ReviewPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/second-person', component: SecondPersonPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/certificates', component: CertificatesPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/organisation', component: OrganisationPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/people', component: PeoplePage }),
  createRoute({ getParentRoute: () => app, path: '/settings/people/$id', component: PersonPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/care', component: CarePage }),
  createRoute({ getParentRoute: () => app, path: '/settings/access-rules', component: AccessRulesPage }),
  roles,
  createRoute({ getParentRoute: () => app, path: '/settings/account', component: AccountPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/sign-in', component: SignInRulesPage }),
  singleSignOn,
  createRoute({ getParentRoute: () => app, path: '/settings/sessions', component: SessionsPage }),
  createRoute({ getParentRoute: () => app, path: '/settings/installation', component: InstallationPage }),
] as const;

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      ...[signIn, organisationSignIn, setup, invitation, recovery],
      app.addChildren(pages),
    ]),
    context: { queryClient },
    defaultPreload: false,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
