import { FileCheck2 } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { evidenceText as words } from '../../text/evidence.ts';
import { AuditNav } from './audit-nav.tsx';
import { EvidenceList } from './evidence-list.tsx';
import { FileEvidence } from './file-evidence.tsx';

/** Reports of outside systems, filed as evidence beside the log. */
export function EvidencePage() {
  const may = useMay('audit:review');
  const [filing, setFiling] = useState(false);
  const file = may && (
    <Button
      kind="primary"
      icon={<FileCheck2 aria-hidden="true" className="size-4" />}
      onClick={() => setFiling(true)}
    >
      {words.file}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={file}>
      <AuditNav />
      <EvidenceList
        incident={null}
        empty={
          <Empty icon={<FileCheck2 />} title={words.none}>
            {words.noneLead}
          </Empty>
        }
      />
      <FileEvidence incident={null} open={filing} onOpenChange={setFiling} />
    </Page>
  );
}
