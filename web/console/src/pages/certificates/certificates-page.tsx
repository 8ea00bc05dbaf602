import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { certificatesText as words } from '../../text/certificates.ts';
import { AnchorsTab } from './anchors-tab.tsx';
import { RecipientsTab } from './recipients-tab.tsx';
import { SigningTab } from './signing-tab.tsx';

/** Certificates for S/MIME: theirs, those we trust, ours. */
export function CertificatesPage() {
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        label={words.parts}
        tabs={[
          { id: 'recipients', label: words.recipients, content: <RecipientsTab /> },
          { id: 'anchors', label: words.anchors, content: <AnchorsTab /> },
          { id: 'signing', label: words.signing, content: <SigningTab /> },
        ]}
      />
    </Page>
  );
}
