import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { certificatesText as words } from '../../text/certificates.ts';
import { directoriesText } from '../../text/directories.ts';
import { AnchorsTab } from './anchors-tab.tsx';
import { DirectoriesTab } from './directories-tab.tsx';
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
          { id: 'directories', label: directoriesText.tab, content: <DirectoriesTab /> },
          { id: 'signing', label: words.signing, content: <SigningTab /> },
        ]}
      />
    </Page>
  );
}
