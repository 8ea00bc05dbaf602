import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { recipientsText as words } from '../../text/recipients.ts';
import { LettersTab } from './letters-tab.tsx';
import { OnRecordTab } from './on-record-tab.tsx';

/** What staff know of recipients, and letters to those who did not pick something up. */
export function RecipientsPage() {
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        label={words.parts}
        tabs={[
          { id: 'on-record', label: words.onRecord, content: <OnRecordTab /> },
          { id: 'letters', label: words.letters, content: <LettersTab /> },
        ]}
      />
    </Page>
  );
}
