import { useQuery } from '@tanstack/react-query';
import { BadgeCheck } from 'lucide-react';
import { useState } from 'react';
import { addAnchor, anchorsQuery, removeAnchor } from '../../data/certificates.ts';
import { useMay } from '../../data/session.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { certificatesText as words } from '../../text/certificates.ts';
import { ActDialog } from './act-dialog.tsx';
import { certificateText } from './certificate-file.ts';
import { CertificateRow } from './certificate-row.tsx';
import { FileField } from './file-field.tsx';

export function AnchorsTab() {
  const may = useMay('certificates:write');
  const anchors = useQuery(anchorsQuery);
  const [file, setFile] = useState<File | null>(null);
  return (
    <div className="flex flex-col gap-4">
      <p className="prose-width text-ink-2">{words.anchorsLead}</p>
      {may && (
        <div>
          <ActDialog
            label={words.anchorAdd}
            title={words.anchorAdd}
            confirm={words.trust}
            act={async () => file && addAnchor(await certificateText(file))}
          >
            <FileField
              label={words.file}
              hint={words.fileHint}
              accept=".pem,.crt,.cer,.der"
              onFile={setFile}
            />
          </ActDialog>
        </div>
      )}
      {anchors.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {anchors.isError && <Failure error={anchors.error} retry={() => void anchors.refetch()} />}
      {anchors.data?.items.length === 0 && (
        <Empty icon={<BadgeCheck />} title={words.anchorsEmptyTitle}>
          {words.anchorsEmpty}
        </Empty>
      )}
      {anchors.data && anchors.data.items.length > 0 && (
        <ul className="border-t border-line">
          {anchors.data.items.map((one) => (
            <CertificateRow
              key={one.id}
              name={one.subject}
              certificate={one}
              standing={null}
              actions={
                may && (
                  <ActDialog
                    danger
                    label={words.remove}
                    title={words.distrustTitle(one.subject)}
                    description={words.distrustLead}
                    confirm={words.remove}
                    act={() => removeAnchor(one.id)}
                  />
                )
              }
            />
          ))}
        </ul>
      )}
    </div>
  );
}
