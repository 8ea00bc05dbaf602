import { useMay } from '../../data/session.ts';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { analyserText as words } from '../../text/analyser.ts';
import { DomainTab } from './domain-tab.tsx';
import { HeadersTab } from './headers-tab.tsx';

/** What can be said of encryption on the way: of a message that has come, and of a domain before one goes (TA). */
export function AnalyserPage() {
  const mayCheck = useMay('policies:read');
  const headers = { id: 'headers', label: words.headersTab, content: <HeadersTab /> };
  const domain = { id: 'domain', label: words.domainTab, content: <DomainTab /> };
  return (
    <Page title={words.title} lead={words.lead}>
      {mayCheck ? <Tabs label={words.parts} tabs={[headers, domain]} /> : headers.content}
    </Page>
  );
}
